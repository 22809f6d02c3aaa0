"""`edgeway model new NAME`: a folder under models/, of templates to train or of a ready model's file."""

from __future__ import annotations

import argparse
import json
import keyword
import re
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cli.command import Command
from cli.errors import Refused
from clone.model_names import model_problem
from clone.root import ROOT
from contracts import names

KINDS = ("table", "keras", "empty")
_DESCRIPTION = """Writes models/<name>, and says what goes into the stack's file. A model to train: a table of columns,
a network in Keras over one, or an empty one with everything of its own; each trains as it is. With --from a model that
is ready: from ONNX, from scikit-learn by joblib or pickle (--trust), from Keras (.keras, .h5), or from an MLflow folder
of one of these. Nothing that is there is overwritten."""
_OF_A_READY_MODEL = ("trust", "columns", "examples", "licence")


@dataclass(kw_only=True)
class Made:
    name: str
    folder: str
    files: list[str]
    entries: Mapping[str, Mapping[str, Any]]
    """Key of the stack's configuration -> what is added to its list."""
    stack: str | None
    """The file that they were added to."""
    next: list[str]
    ready: Mapping[str, Any] = field(default_factory=dict)
    """Of a ready model: what it takes and gives, a request and its answer, notes."""


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="2 to 32 of a-z, 0-9 and _, starting with a letter")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--kind", choices=KINDS, help="what to train (default table)")
    what.add_argument("--from", dest="file", type=Path, metavar="FILE", help="a ready model")
    parser.add_argument("--trust", action="store_true", help="open a pickle, which runs the code in it")
    parser.add_argument("--columns", metavar="A,B,...", help="names of the model's columns, so that requests say them")
    parser.add_argument(
        "--examples", type=Path, metavar="JSONL", help="requests of yours: {input, output, label} a line"
    )
    parser.add_argument("--licence", metavar="TEXT", help="of the ready model, for its card")
    parser.add_argument("--layer", action="store_true", help="also edge/layers/<name>.py: on a device, with a sender")
    parser.add_argument("--stack", metavar="NAME", help="add the entries to Pulumi.NAME.yaml, instead of printing them")
    parser.add_argument("--json", action="store_true")


def run(arguments: argparse.Namespace) -> int:
    # a SIGTERM takes back what was placed as a Ctrl-C does, and ends the step that runs
    before = signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    try:
        made = new(arguments)
    finally:
        signal.signal(signal.SIGTERM, before)
    print(json.dumps(vars(made), indent=2) if arguments.json else _told(made))
    return 0


def new(arguments: argparse.Namespace, root: Path = ROOT) -> Made:
    """All of it, or nothing: what was written is taken back where the rest fails."""
    from cli.new_model.entries import layer_file
    from cli.new_model.placing import placing
    from cli.new_model.stack_entries import added
    from cli.stack.file import stack_file

    _check(arguments, root)
    entries = _entries(arguments, root)
    stack = stack_file(arguments.stack, root) if arguments.stack else None
    if stack:
        added(stack, entries)  # refuses before the work; the text is made after it, as the user may write meanwhile
    folder = f"models/{arguments.name}"
    with placing(root) as place:
        with place.folder(folder) as part:
            ready = _write(arguments, part, root)
            files = sorted(
                f"{folder}/{file.relative_to(part).as_posix()}" for file in part.rglob("*") if file.is_file()
            )
        if arguments.layer:
            layer = layer_file(arguments.name)
            place.file(*layer)
            files.append(layer[0])
        if stack:
            place.changed(stack.name, added(stack, entries))
    return Made(
        name=arguments.name,
        folder=folder,
        files=files,
        entries=entries,
        stack=stack.name if stack else None,
        next=[f"make up STACK={arguments.stack}" if arguments.stack not in (None, "local") else "make up"],
        ready=ready,
    )


def _check(arguments: argparse.Namespace, root: Path) -> None:
    from cli.new_model.entries import layer_file
    from cli.new_model.placing import is_taken

    try:
        names.model_repository(arguments.name)
    except ValueError as error:
        raise Refused(str(error)) from None
    if allowed := model_problem(arguments.name):
        raise Refused(f"model name {arguments.name!r} is not allowed: {allowed}")
    if keyword.iskeyword(arguments.name):
        raise Refused(f"model name {arguments.name!r} is a word of Python's own: models.{arguments.name} is no module")
    if (root / "models" / f"{arguments.name}.py").exists():
        raise Refused(f"model name {arguments.name!r}: models/{arguments.name}.py is there, which all models share")
    for taken in (f"models/{arguments.name}", *([layer_file(arguments.name)[0]] if arguments.layer else [])):
        if is_taken(root / taken):
            raise Refused(f"{taken} is there already, and nothing is overwritten: take another name")
    if arguments.file is None and (given := [one for one in _OF_A_READY_MODEL if getattr(arguments, one)]):
        raise Refused(f"--{given[0]} is about a ready model: give its file by --from")
    if arguments.stack:
        _refuse_known(arguments, root)


def _refuse_known(arguments: argparse.Namespace, root: Path) -> None:
    from cli.stack.file import stack_config

    models = stack_config(arguments.stack, root).get("models")
    if isinstance(models, list) and arguments.name in [one.get("name") for one in models if isinstance(one, dict)]:
        raise Refused(f"Pulumi.{arguments.stack}.yaml has a model {arguments.name!r} already")


def _entries(arguments: argparse.Namespace, root: Path) -> dict[str, Mapping[str, Any]]:
    from cli.new_model.entries import layer_entries
    from cli.stack.file import stack_config

    model: dict[str, Any] = {"name": arguments.name}
    if arguments.file is None:
        model["train"] = {"data": {"source": "simulator", "seed": 0, "rows": 1000}}
    model["endpoints"] = [{"kind": "containerGroup"}]
    config = stack_config(arguments.stack, root) if arguments.stack else {}
    return {"models": model, **(layer_entries(arguments.name, config) if arguments.layer else {})}


def _write(arguments: argparse.Namespace, folder: Path, root: Path) -> dict[str, Any]:
    from cli.new_model.ready import Wanted, make
    from cli.new_model.steps import step

    if arguments.file is None:
        kind = arguments.kind or KINDS[0]
        step("render", kind, arguments.name, str(folder), what="writing the templates", root=root)
        return {}
    wanted = Wanted(
        name=arguments.name,
        file=arguments.file.absolute(),
        trust=arguments.trust,
        columns=[name.strip() for name in arguments.columns.split(",")] if arguments.columns else (),
        examples=arguments.examples,
        licence=arguments.licence,
    )
    return make(wanted, folder, root)


def _told(made: Made) -> str:
    from cli.new_model.stack_entries import text_of

    lines = [f"wrote {', '.join(made.files)}"]
    if ready := made.ready:
        lines += [f"  takes    {one}" for one in ready["inputs"]] + [f"  gives    {one}" for one in ready["outputs"]]
        lines += [f"  request  {_short(ready['request'])}", f"  answer   {_short(ready['answer'])}"]
        lines += [f"  {name.ljust(8)} {value:g}" for name, value in ready["metrics"].items()]
        lines += [f"  {note}" for note in ready["notes"]]
    if made.stack:
        lines += ["", f"added to {made.stack}:", text_of(made.entries)]
    else:
        lines += ["", "add to the stack's file, Pulumi.local.yaml (or say --stack local):", text_of(made.entries)]
    return "\n".join([*lines, "", f"next: {' && '.join(made.next)}"])


def _short(value: Any, most: int = 160) -> str:
    text = re.sub(r"(\d\.\d{6})\d+", r"\1", json.dumps(value))
    return text if len(text) <= most else f"{text[:most]} ... ({len(text):,} characters)"


COMMAND = Command(
    name="new",
    help="a folder under models/, to train or of a ready model's file",
    description=_DESCRIPTION,
    add_options=_options,
    run=run,
)
