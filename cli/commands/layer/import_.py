"""`edgeway layer import FILE`: a layer's file from a deployment manifest that a user has."""

from __future__ import annotations

import argparse
import json
import keyword
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli.command import Command
from cli.errors import Refused
from clone.root import ROOT

if TYPE_CHECKING:
    from cli.new_layer.fields import Fields

_DESCRIPTION = """Writes edge/layers/<name>.py from a deployment manifest: standard or layered, of schema 1.0 or 1.1, an
export of the portal or of az, a file of VS Code, createOptions as text, in chunks or as an object. What it wrote is run
and compared before it is kept: the layer deploys the same modules, routes and desired properties. Secrets are never
written: each becomes a setting of the layer. What a layer cannot carry is named, with where it belongs instead."""
_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")
_MANIFEST_SUFFIXES = re.compile(r"(\.(template|amd64|arm32v7|arm64v8|debug))*\.json$|\.[^.]*$")
_PUBLIC = ("mcr.microsoft.com", "docker.io", "ghcr.io", "quay.io", "public.ecr.aws", "registry.k8s.io")


@dataclass(kw_only=True)
class Imported:
    name: str
    file: str
    layer: str
    """The file's text."""
    written: bool
    entries: Mapping[str, Mapping[str, Any]]
    """Key of the stack's configuration -> what is added to its list."""
    stack: str | None
    """The file that they were added to."""
    secrets: list[dict[str, str]]
    """Path in the manifest, and the setting that took its place."""
    left: list[dict[str, str]]
    """What is not carried: path, and where it belongs."""
    notes: list[str]
    next: list[str]


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("manifest", type=Path, metavar="FILE", help="the deployment's JSON, in UTF-8 or UTF-16")
    parser.add_argument("--name", metavar="NAME", help="of the layer (default: the file's)")
    parser.add_argument("--force", action="store_true", help="overwrite edge/layers/<name>.py")
    parser.add_argument("--stack", metavar="NAME", help="add the entry to Pulumi.NAME.yaml, instead of printing it")
    shown = parser.add_mutually_exclusive_group()
    shown.add_argument("--dry-run", action="store_true", help="say all of it and write nothing")
    shown.add_argument("--stdout", action="store_true", help="print the layer's file alone and write nothing")
    shown.add_argument("--json", action="store_true")


def run(arguments: argparse.Namespace) -> int:
    made = imported(arguments)
    if arguments.stdout:
        print(made.layer, end="")
        print("\n".join(_notes(made)), file=sys.stderr)
    else:
        print(json.dumps(asdict(made), indent=2) if arguments.json else _told(made))
    return 0


def imported(arguments: argparse.Namespace, root: Path = ROOT) -> Imported:
    """All of it, or nothing."""
    from cli.new_layer.carried import carried
    from cli.new_layer.devices import about_devices
    from cli.new_layer.fields import fields_of
    from cli.new_layer.proof import prove
    from cli.new_layer.reading import read_manifest
    from cli.new_layer.source import source_of
    from cli.new_layer.wrappings import unwrap

    name = _name(arguments, root)
    wrapped = unwrap(read_manifest(arguments.manifest))
    made = carried(wrapped)
    fields = fields_of(made)
    text = _formatted(source_of(arguments.manifest.name, fields))
    prove(text, made, fields)
    entry, left = _entry(name, wrapped.around, arguments.stack, root)
    written = not (arguments.dry_run or arguments.stdout)
    if written:
        _write(arguments, root, name, text, entry)
    there = arguments.stack or "local"
    at = f"edgeway:layers[{_position(arguments.stack, root) - int(bool(arguments.stack and written))}]"
    return Imported(
        name=name,
        file=f"edge/layers/{name}.py",
        layer=text,
        written=written,
        entries={"layers": entry},
        stack=f"Pulumi.{arguments.stack}.yaml" if arguments.stack and written else None,
        secrets=[{"path": one.path, "setting": one.setting} for one in fields.secrets],
        left=[{"path": one.path, "why": one.why} for one in made.left] + left,
        notes=_about_images(fields)
        + about_devices(entry["targetCondition"], _config(there, root), f"Pulumi.{there}.yaml"),
        next=[
            *(_set_secret(there, f"{at}.settings.{one.setting}") for one in fields.secrets),
            f"make preview{f' STACK={arguments.stack}' if arguments.stack not in (None, 'local') else ''}",
        ],
    )


def _set_secret(stack: str, key: str) -> str:
    return f"tools/stack.sh {stack} pulumi config set --secret --path '{key}'"


def _name(arguments: argparse.Namespace, root: Path) -> str:
    stem = _MANIFEST_SUFFIXES.sub("", arguments.manifest.name)
    name: str = arguments.name or re.sub(r"[^a-z0-9]+", "_", stem.lower()).strip("_")[:32]
    allowed = "1 to 32 of a-z, 0-9 and _, starting with a letter, and no word of Python's own"
    if not _NAME.fullmatch(name) or keyword.iskeyword(name):
        raise Refused(
            f"layer name {name!r} is refused; allowed: {allowed}{'' if arguments.name else ' (give it by --name)'}"
        )
    file = root / "edge" / "layers" / f"{name}.py"
    if (root / "models" / name).is_dir() and not file.exists():
        raise Refused(f"layer name {name!r} is a model's, whose own layer would be {file.name}: give another by --name")
    taken = file.exists() or file.is_symlink()
    if taken and not arguments.force and not (arguments.dry_run or arguments.stdout):
        raise Refused(
            f"edge/layers/{name}.py is there already: give another name by --name, or overwrite it by --force"
        )
    return name


def _formatted(text: str) -> str:
    """As the project writes code, where its linter is there; otherwise as it was made."""
    for words in (["check", "--select", "I", "--fix"], ["format"]):
        command = [sys.executable, "-m", "ruff", *words, "-q", "--stdin-filename", "imported.py", "-"]
        done = subprocess.run(command, input=text, capture_output=True, text=True, check=False, cwd=ROOT)
        if done.returncode == 0 and done.stdout:
            text = done.stdout
    return text


def _entry(
    name: str, around: Mapping[str, Any], stack: str | None, root: Path
) -> tuple[dict[str, Any], list[dict[str, str]]]:
    from cli.new_model.entries import layer_entries
    from cli.stack.file import stack_config

    planned = layer_entries(name, stack_config(stack, root) if stack else {})["layers"]
    entry = {"name": name, "priority": planned["priority"], "targetCondition": f"tags.layer = '{name}'"}
    left = []
    for key, value in around.items():
        if key == "targetCondition" and _is_condition(value):
            entry["targetCondition"] = value
        elif value not in (None, "", {}, []):
            left.append({"path": key, "why": _AROUND.get(key, "is not a part of a deployment's content")})
    return entry, left


_AROUND: Mapping[str, str] = {
    "priority": "is the entry's priority, which is the next free one of the stack: set it there",
    "targetCondition": "is the entry's targetCondition, and cannot be read as one: write it there",
    "labels": "are written by edgeway: environment and model",
    "metrics": "are not deployed; `edgeway device status` and `edgeway rollout wait` say what runs where",
}


def _is_condition(value: Any) -> bool:
    from cli.new_layer.secrets import is_secret_text
    from edge.manifest import ConditionSyntaxError, parse_condition

    if not isinstance(value, str) or not value.strip() or is_secret_text(value):
        return False
    try:
        parse_condition(value)
    except (ConditionSyntaxError, RecursionError):
        return False
    return True


def _position(stack: str | None, root: Path) -> int:
    """Where the next layer stands in the stack's list."""
    there = _config(stack or "local", root).get("layers")
    return len(there) if isinstance(there, list) else 0


def _config(stack: str, root: Path) -> Mapping[str, Any]:
    """Empty where there is no such stack yet."""
    from cli.stack.file import stack_config

    try:
        return stack_config(stack, root)
    except Refused:
        return {}


def _write(arguments: argparse.Namespace, root: Path, name: str, text: str, entry: Mapping[str, Any]) -> None:
    from cli.new_model.placing import placing
    from cli.new_model.stack_entries import added
    from cli.stack.file import stack_config, stack_file

    file = f"edge/layers/{name}.py"
    there = stack_config(arguments.stack, root).get("layers") if arguments.stack else None
    if isinstance(there, list) and name in [one.get("name") for one in there if isinstance(one, dict)]:
        raise Refused(f"Pulumi.{arguments.stack}.yaml has a layer {name!r} already: leave --stack out")
    with placing(root) as place:
        if (root / file).exists():
            place.changed(file, text)
        else:
            place.file(file, text)
        if arguments.stack:
            stack = stack_file(arguments.stack, root)
            place.changed(stack.name, added(stack, {"layers": entry}))


def _about_images(fields: Fields) -> list[str]:
    from cli.new_layer.fields import camel

    images = {camel(field): str(fields.modules[module]["settings"]["image"]) for module, field in fields.images.items()}
    notes = []
    for registry in sorted({_registry(image) for image in images.values()} - {*_PUBLIC}):
        theirs = ", ".join(setting for setting, image in images.items() if _registry(image) == registry)
        notes.append(
            f"{registry}: unless it is the stack's own, devices have no credentials of it; if it asks for any, copy "
            f"its images into the stack's (`az acr import`; `edgeway names` says its name) and set: {theirs}"
        )
    if any("@sha256:" not in image for image in images.values()):
        notes.append("tags can move: on prod each image must be a digest, registry/repository@sha256:...")
    return notes


def _registry(image: str) -> str:
    first = image.partition("/")[0]
    return first if "/" in image and ("." in first or ":" in first or first == "localhost") else "docker.io"


def _told(made: Imported) -> str:
    from cli.new_model.stack_entries import text_of

    lines = [f"wrote {made.file}" if made.written else f"would write {made.file}:\n\n{made.layer}".rstrip("\n")]
    lines += _notes(made)
    if made.stack:
        lines += ["", f"added to {made.stack}:", text_of(made.entries)]
    else:
        lines += ["", "add to the stack's file, Pulumi.local.yaml (or say --stack local):", text_of(made.entries)]
    return "\n".join([*lines, "", "next:", *(f"  {one}" for one in made.next)])


def _notes(made: Imported) -> list[str]:
    lines = ["  it was run, and deploys the same modules, routes and desired properties as the manifest"]
    lines += [f"  secret   {one['path']}: is not written; it is the setting {one['setting']}" for one in made.secrets]
    lines += [f"  left     {one['path']}: {one['why']}" for one in made.left]
    return [*lines, *(f"  image    {note}" for note in made.notes)]


COMMAND = Command(
    name="import",
    help="a file under edge/layers/, of a deployment manifest",
    description=_DESCRIPTION,
    add_options=_options,
    run=run,
)
