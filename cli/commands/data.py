"""`edgeway data`: brings the training data of a stack's models into this clone, by content.

Data is fetched before the engine starts, so that a run of the program has no such side effect.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from cli.arguments import add_stack
from cli.command import Command
from cli.errors import Failed, Refused
from cli.stack.file import stack_config
from clone.root import ROOT
from cloud.wording import counted
from contracts.data import DATA_FILE, spec_key

_SOURCES: dict[str, set[str]] = {
    "simulator": {"seed", "rows"},
    "csv": {"path"},
    "url": {"url", "sha256"},
    "none": set(),
}
_NUMBERS = {"seed", "rows"}
_SHA256 = re.compile(r"[0-9a-f]{64}")
_OPTION = re.compile(r"(?:.*: )?error: --(?=\w)")
"""What a data command says before an option that it refuses: options are called as the keys of the stack file are."""
NOTHING = hashlib.sha256(b"").hexdigest()


@dataclass(frozen=True, slots=True)
class Fetched:
    model: str
    sha256: str
    rows: int | None
    """None of what is no table: weights, an export, or a single line."""
    cached: bool


def _options(parser: argparse.ArgumentParser) -> None:
    add_stack(parser)
    parser.add_argument("--json", action="store_true")


def run(arguments: argparse.Namespace) -> int:
    fetched = [
        fetch(name, spec, arguments.stack, key=_key(index))
        for index, (name, spec) in enumerate(specifications(stack_config(arguments.stack)).items())
    ]
    if arguments.json:
        print(json.dumps([asdict(entry) for entry in fetched], indent=2))
        return 0
    for entry in fetched:
        rows = "" if entry.rows is None else f"  {counted(entry.rows, 'row')}"
        told = "no data: it is a ready model" if entry.sha256 == NOTHING else f"sha256 {entry.sha256}{rows}"
        print(f"{entry.model}  {told}{'  (here already)' if entry.cached else ''}")
    return 0


def specifications(config: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Model -> the data that its `train.data` asks for, as the program reads it: the key of the data is made of it."""
    models = config.get("models")
    if isinstance(models, str):
        models = _parsed(models)  # as `pulumi config set` without --path writes it
    _refuse_secret("edgeway:models", models)
    if not isinstance(models, list):
        what = "missing in the stack file" if models is None else "no list"
        raise Refused(f"edgeway:models is {what}; a list of models is wanted")
    specs: dict[str, dict[str, Any]] = {}
    for index, model in enumerate(models):
        where = f"edgeway:models[{index}]"
        name, spec = _named(where, model)
        if name in specs:
            raise Refused(f"{where}.name is {name!r}, as that of a model before it; each has its own")
        specs[name] = _checked(_key(index), spec)
    return specs


def _key(index: int) -> str:
    """Where the data of a model stand in the stack file; each of them has its place in `specifications`."""
    return f"edgeway:models[{index}].train.data"


def _named(where: str, model: Any) -> tuple[str, Mapping[str, Any]]:
    _refuse_secret(where, model)
    train = model.get("train", {}) if isinstance(model, Mapping) else None
    _refuse_secret(f"{where}.train", train)
    spec = train.get("data", {"source": "none"}) if isinstance(train, Mapping) else None
    _refuse_secret(f"{where}.train.data", spec)
    if not isinstance(spec, Mapping):
        raise Refused(f"{where}.train.data is no tree; a tree with source: {', '.join(_SOURCES)} is wanted")
    name = model.get("name")
    if not isinstance(name, str):
        raise Refused(f"{where}.name is {name!r}; a text is wanted")
    return name, spec


def _checked(where: str, spec: Mapping[str, Any]) -> dict[str, Any]:
    for name, value in spec.items():
        _refuse_secret(f"{where}.{name}", value)
    source = spec.get("source")
    if not isinstance(source, str) or source not in _SOURCES:
        raise Refused(f"{where}.source is {source!r}; allowed: {', '.join(_SOURCES)}")
    unknown = sorted(map(str, set(spec) - {"source"} - _SOURCES[source]))
    if unknown:
        raise Refused(f"{where}.{unknown[0]} is not known; allowed: {', '.join(sorted(_SOURCES[source]))}")
    missing = sorted(_SOURCES[source] - set(spec))
    if missing:
        raise Refused(f"{where}.{missing[0]} is missing")
    values = {name: _value(f"{where}.{name}", value, name in _NUMBERS) for name, value in spec.items()}
    if source == "url" and not _SHA256.fullmatch(values["sha256"]):
        raise Refused(f"{where}.sha256 is {values['sha256']!r}; 64 digits of 0-9a-f are wanted")
    if source == "url" and not values["url"].startswith("https://"):
        raise Refused(f"{where}.url is {values['url']!r}; an https:// address is wanted")
    return values


def _value(where: str, value: Any, is_number: bool) -> Any:
    import msgspec

    try:
        # not strict, as the program: `pulumi config set --path` writes some numbers as text
        return msgspec.convert(value, int, strict=False) if is_number else msgspec.convert(value, str)
    except msgspec.ValidationError as error:
        wanted = "a whole number" if is_number else "a text, in quotes,"
        raise Refused(f"{where} is {value!r}; {wanted} is wanted") from error


def _refuse_secret(where: str, value: Any) -> None:
    if isinstance(value, Mapping) and set(value) == {"secure"}:
        raise Refused(f"{where} is a secret, which edgeway data cannot read: set it without --secret")


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def fetch(model: str, spec: Mapping[str, Any], stack: str, root: Path = ROOT, key: str = "train.data") -> Fetched:
    """`key` is where the stack file says so."""
    from clone.layout import Clone

    store = Clone(root).data
    ref = spec_key(model, spec)
    known = store.resolve(ref)
    # a CSV may have been edited since: its content is what counts, not its path
    if known is not None and spec["source"] != "csv":
        return Fetched(model, known, _rows(store.path(known) / DATA_FILE), True)
    with tempfile.TemporaryDirectory(prefix="edgeway-data-") as folder:
        _run_model_data(model, spec, Path(folder), root, key)
        sha256 = store.add(Path(folder) / DATA_FILE)
    store.record(ref, sha256)
    return Fetched(model, sha256, _rows(store.path(sha256) / DATA_FILE), sha256 == known)


def _run_model_data(model: str, spec: Mapping[str, Any], folder: Path, root: Path, key: str) -> None:
    from clone.layout import Clone

    module = Clone(root).model_command(model, "data")
    if spec["source"] == "none":
        if module is not None:
            raise Refused(f"train.data of {model!r} is missing; models/{model} makes it of a source, as simulator")
        if Clone(root).model_command(model, "train") is None:
            raise _missing(model, "train.py", root)
        (folder / DATA_FILE).touch()
        return
    if module is None:
        raise _missing(model, "data.py", root)
    command = [sys.executable, *module, "--out", str(folder)]
    for name in sorted(_SOURCES[spec["source"]] & set(spec)):
        value = spec[name]
        if spec["source"] == "csv":
            name, value = "csv", _csv(f"{key}.path of {model!r}", Path(str(value)), root)
        command += [f"--{name}", str(value)]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    result = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        said = _OPTION.sub(f"{key}.", _last_said(result.stderr), count=1)
        raise Failed(f"data of {model!r}: {said or f'exit {result.returncode}'}")


def _missing(model: str, file: str, root: Path) -> Refused:
    from clone.layout import Clone

    there = ", ".join(Clone(root).trainable_models()) or "none"
    return Refused(f"model {model!r}: models/{model}/{file} or model.py is missing; there are: {there}")


def _last_said(errors: str) -> str:
    """From its last `error:` on, which may have a line for each wrong value; else the last line."""
    lines = errors.strip().splitlines()
    starts = [place for place, line in enumerate(lines) if line.startswith("error: ")]
    return "\n".join(lines[starts[-1] if starts else -1 :])


def _csv(where: str, path: Path, root: Path) -> Path:
    file = path if path.is_absolute() else root / path
    if not file.is_file():
        raise Refused(f"{where}: {path} does not exist as a file; relative paths start at the clone")
    return file


def _rows(file: Path) -> int | None:
    try:
        with file.open(newline="", encoding="utf-8") as opened:
            first = opened.readline()
            lines = chain([first], opened)
            if first.startswith("{"):  # JSON lines, which have no header
                return sum(1 for line in lines if line.strip())
            rows = sum(1 for row in csv.reader(lines) if row)
            return None if rows == 1 else max(rows - 1, 0)
    except (UnicodeDecodeError, csv.Error):
        return None


COMMAND = Command(
    name="data",
    help="bring the models' training data into this clone",
    description="Makes or fetches the data that Pulumi.<stack>.yaml names for each model. Does nothing twice.",
    add_options=_options,
    run=run,
)
