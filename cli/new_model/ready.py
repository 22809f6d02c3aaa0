"""A ready model's folder from its file: which steps, in which interpreter, with what they tell each other."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cli.errors import Failed, Refused
from cli.new_model.steps import KERAS, step
from clone.layout import Clone
from clone.packages.training import Venv
from clone.root import ROOT

KERAS_REQUIREMENTS = "models/mnist_keras/requirements.txt"
"""What training a Keras model needs, and exporting one."""


MESSAGE_BYTES = 256 * 1024
"""https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-quotas-throttling"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    name: str
    file: Path
    trust: bool
    columns: Sequence[str] = ()
    examples: Path | None = None
    licence: str | None = None


def make(wanted: Wanted, folder: Path, root: Path = ROOT) -> dict[str, Any]:
    """Writes the model's files into the folder, and returns what is told of them."""
    found = step("inspect", str(wanted.file), what=f"looking at {wanted.file}", root=root)
    columns = tuple(wanted.columns or found["columns"])
    onnx = Path(found["file"]) if found["kind"] == "onnx" else folder / "converted.onnx"
    facts = _to_onnx(wanted, found, onnx, columns, root)
    given = {
        "name": wanted.name,
        "onnx": str(onnx),
        "source": f"{Path(found['file']).name} (sha256 {found['sha256']})",
        "columns": facts.get("columns") or columns,
        "classes": facts.get("classes", ()),
        "framework": facts.get("framework", {}),
        "examples": str(wanted.examples.resolve()) if wanted.examples else None,
        **({"licence": wanted.licence} if wanted.licence else {}),
    }
    told = step("make", str(folder), given=given, what=f"trying {wanted.file}", root=root)
    (folder / "converted.onnx").unlink(missing_ok=True)
    for words in (["check", "--select", "I", "--fix"], ["format"]):
        # as the project writes code, where its linter is there; otherwise as it was made
        subprocess.run([sys.executable, "-m", "ruff", *words, "-q", str(folder)], capture_output=True, check=False)
    notes = [*facts.get("notes", []), *_large(len(json.dumps(told["request"])))]
    return {"kind": found["kind"], "sha256": found["sha256"], "notes": notes, **told}


def _large(size: int) -> list[str]:
    if size <= MESSAGE_BYTES:
        return []
    return [f"a request of one row has {size:,} bytes of JSON: a message of a device has {MESSAGE_BYTES:,} at most; "
            "over HTTP SCORING_MAX_BODY_BYTES says how many (1 MiB, where nothing else is set)"]  # fmt: skip


def _to_onnx(
    wanted: Wanted, found: Mapping[str, Any], onnx: Path, columns: Sequence[str], root: Path
) -> dict[str, Any]:
    kind, file = found["kind"], found["file"]
    if kind == "onnx":
        return {}
    if kind == "keras":
        python = _keras_python(root)
        words = (file, str(onnx))
        what = f"exporting {file}"
        return step(*words, what=what, module="models.new.sources.keras_model", python=python, limits=KERAS, root=root)
    if kind == "pickle" and not wanted.trust:
        raise Refused(
            f"{file} is a pickle: opening it runs whatever code whoever made it has put in, with your rights. If you "
            "made it, or trust who did, say --trust; it is opened once, here, and never by the server"
        )
    return step("unpickle", file, str(onnx), *columns, what=f"reading {file}", root=root)


def _keras_python(root: Path) -> Path:
    """Of the environment that all Keras models of the clone share, made on first use."""
    venv = Venv.of(Clone(root), root / KERAS_REQUIREMENTS)
    with venv.lock():
        if not venv.is_ready:
            _make(venv)
    return venv.python


def _make(venv: Venv) -> None:
    print("edgeway: making the environment that exports Keras models (once; a minute, 1.7 GB)", file=sys.stderr)
    for command in venv.begin():
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        if result.returncode != 0:
            lines = [line for line in result.stderr.splitlines() if line.strip()]
            raise Failed(f"the environment that exports Keras models: {lines[-1] if lines else 'pip failed'}")
    venv.finish()
