"""The folder of a ready model: `model.onnx`, `score.py`, `examples.jsonl` and what makes its artifact, each tried."""

# mypy: disable-error-code="import-untyped"
from __future__ import annotations

import importlib.util
import json
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, get_type_hints

import numpy as np
import onnx
import onnxruntime

from contracts.card import ENTRY_SCRIPT, MODEL_FILE
from models.new import bodies, entry_script, samples
from models.new.refused import Refused
from models.new.signature import Signature, Value, rows_by_shape, values_of
from models.new.sources import onnx_graph
from models.ready import EXAMPLES_FILE, NOT_STATED, ask, build
from models.training import ModelError

EXAMPLES = 8
MOST_EXAMPLES_BYTES = 64 * 1024 * 1024
_NO_FIELD = re.compile(r'["\\\x00-\x1f]')
"""What msgspec takes in no name of a field."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What is known of the model beside its graph."""

    name: str
    source: str
    """What it was made of: file and SHA-256."""
    columns: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    framework: Mapping[str, str]
    licence: str = NOT_STATED
    examples: str | None = None


def make(out: Path, content: bytes, given: Given) -> dict[str, Any]:
    """Writes the files into `out`, a new folder, and returns what is told of them; raises Refused."""
    session = onnx_graph.session(content, Path(given.source))
    tried = _tried(content, session, given)
    out.mkdir(parents=True, exist_ok=True)
    framework = {**given.framework, "onnx": onnx_graph.facts(content), "onnxruntime": onnxruntime.__version__}
    (out / MODEL_FILE).write_bytes(content)
    (out / ENTRY_SCRIPT).write_text(entry_script.text_of(given.name, tried.signature), "utf-8")
    (out / "__init__.py").write_text(f'"""A ready model, made of {_in_a_text(given.source)}."""\n', "utf-8")
    (out / "train.py").write_text(_train(given, framework), "utf-8")
    try:
        lines = _given_examples(out, Path(given.examples)) if given.examples else tried.lines
        (out / EXAMPLES_FILE).write_text("".join(json.dumps(line, allow_nan=False) + "\n" for line in lines), "utf-8")
        _, card = build(_script(out), out, framework=framework, licence=given.licence, name=given.name)
    except ModelError as error:
        raise Refused(f"{given.examples or given.source}: {error}") from error
    return {
        "inputs": [str(value) for value in tried.signature.inputs],
        "outputs": [str(value) for value in tried.signature.outputs],
        "request": lines[0]["input"],
        "answer": lines[0]["output"],
        "examples": len(lines),
        "metrics": dict(card.metrics),
    }


@dataclass(frozen=True, slots=True)
class _Tried:
    signature: Signature
    lines: list[dict[str, Any]]


def _tried(content: bytes, session: Any, given: Given) -> _Tried:
    """Runs the model on drawn rows, and sees of its answers whether it takes many rows at once."""
    inputs, outputs = values_of(session.get_inputs(), "input"), values_of(session.get_outputs(), "output")
    if not inputs:
        raise Refused(f"{given.source}: the model has no input")
    rows = rows_by_shape(inputs)
    drawn = samples.arrays(onnx.load_from_string(content), inputs, {"many": EXAMPLES, "one": 1, "none": None}[rows])
    try:
        answered = session.run(None, drawn)
    except Exception as error:
        if given.examples is None:
            raise Refused(
                f"{given.source}: the model fails on drawn rows of {', '.join(map(str, inputs))}: "
                f"{' '.join(str(error).split())[:300]}. Give rows of its own by --examples"
            ) from None
        return _Tried(_signature(inputs, outputs, rows, given), [])
    if rows == "many" and not all(_length(one) == EXAMPLES for one in answered):
        rows = "none"
    outputs = tuple(_seen(value, one) for value, one in zip(outputs, answered, strict=True))
    signature = _signature(inputs, outputs, rows, given)
    asked, answers = bodies.requests(signature, drawn), bodies.answers(signature, answered)
    lines = [{"input": one, "output": two} for one, two in zip(asked, answers, strict=True)]
    _refuse_nan(given, lines)
    return _Tried(signature, lines)


def _signature(inputs: tuple[Value, ...], outputs: tuple[Value, ...], rows: str, given: Given) -> Signature:
    signature = Signature(
        inputs=inputs,
        outputs=outputs,
        rows=rows,
        columns=_columns(inputs, rows, given.columns),
        called=given.columns if _is_called(inputs, given.columns) else (),
        classes=given.classes,
    )
    for name in signature.columns or [name for name, _ in signature.asked]:
        if _NO_FIELD.search(name):
            raise Refused(
                f"{given.source}: {name!r} cannot be a field of a body: its name has a quotation mark, a backslash or "
                "a control character. Give other names by --columns a,b,c, one for each column"
            )
    return signature


def _refuse_nan(given: Given, lines: Sequence[Mapping[str, Any]]) -> None:
    try:
        json.dumps(lines, allow_nan=False)
    except ValueError:
        if given.examples is None:
            raise Refused(
                f"{given.source}: the model answers drawn rows with a number that is none (NaN or infinity). "
                "Give rows of its own by --examples"
            ) from None


def _length(answer: Any) -> int:
    return len(answer) if isinstance(answer, list) or answer.ndim else -1


def _seen(value: Value, answer: Any) -> Value:
    """With the lengths that it turned out to have, where a graph leaves its shape out."""
    if value.maps or len(value.shape) == np.ndim(answer):
        return value
    return replace(value, shape=(None, *np.shape(answer)[1:]))


def _is_called(inputs: Sequence[Value], columns: tuple[str, ...]) -> bool:
    """Whether the columns are inputs of their own."""
    return len(inputs) == len(columns) > 1


def _columns(inputs: Sequence[Value], rows: str, columns: tuple[str, ...]) -> tuple[str, ...]:
    if not columns or _is_called(inputs, columns):
        return ()
    width = inputs[0].row[0] if len(inputs) == 1 and rows != "none" and len(inputs[0].row) == 1 else None
    if width != len(columns):
        raise Refused(
            f"--columns names {len(columns)}, but the model takes {', '.join(map(str, inputs))}; one input of "
            "as many numbers a row, or as many inputs, are wanted"
        )
    if len(set(columns)) < len(columns):
        raise Refused("--columns names one column twice")
    return columns


def _given_examples(out: Path, file: Path) -> list[dict[str, Any]]:
    """The user's lines, each with the answer that the model gives where it says none."""
    if not file.is_file():
        raise Refused(f"--examples: {file} is not there")
    if file.stat().st_size > MOST_EXAMPLES_BYTES:
        raise Refused(f"--examples: {file} is over {MOST_EXAMPLES_BYTES:,} bytes")
    (out / EXAMPLES_FILE).write_bytes(file.read_bytes())
    script = _script(out)
    _, card = build(script, out, framework={}, name="none")
    del card
    lines = [json.loads(text) for text in (out / EXAMPLES_FILE).read_text("utf-8").splitlines() if text.strip()]
    return [{**line, "output": line.get("output", ask(script, _asked(script), line["input"]))} for line in lines]


def _asked(script: Any) -> Any:
    return get_type_hints(script.run, include_extras=True)["request"]


def _script(out: Path) -> Any:
    """Loaded as the server loads it: by its path, as a module that its own types can be looked up in."""
    spec = importlib.util.spec_from_file_location("entry_script_of_the_ready_model", out / ENTRY_SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        spec.loader.exec_module(module)
    finally:
        sys.dont_write_bytecode = before
    return module


def _in_a_text(name: str) -> str:
    """As it may stand between three quotes: a file may be called what ends them."""
    return name.encode("unicode_escape").decode("ascii").replace('"', '\\"')


def _train(given: Given, framework: Mapping[str, str]) -> str:
    licence = f", licence={given.licence!r}" if given.licence != NOT_STATED else ""
    return f'''"""Makes the artifact of the ready model here, of its file and examples, as models/ready.py says."""

from __future__ import annotations

import sys

from models.{given.name} import score
from models.ready import train

FRAMEWORK = {dict(framework)!r}

if __name__ == "__main__":
    sys.exit(train(score, framework=FRAMEWORK{licence}))
'''
