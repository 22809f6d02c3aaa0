"""What the import contracts of importlinter.toml cannot see for themselves: they read import statements of packages."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

from clone.root import ROOT
from contracts.syntax import tree_of
from tools.guests import is_guest

BY_NAME = {
    "dryrun/input_names.py",  # types of the provider, below it
    "dryrun/preload.py",  # modules of azure-native
    "edge/layers/__init__.py",  # the files beside it
    "infra/provider/__main__.py",  # SDKs, ahead of their first use
    "models/table/__main__.py",  # the model that its command names
    "pluginbase/proto.py",  # Pulumi's messages
    "standin/plugin/oracle.py",  # modules of azure-native
}
"""Files that import a module by a text; none of them a room of ours that stands above it."""
IN_CONTAINERS = {
    "bench/scoring/anchors",
    "bench/vision/anchors",
    "tests/standin/edgeruntime/agent/module_image",
    "tests/standin/machinelearning/jobs/scripts",
}
"""Folders that are no packages: they are run in a container, and know nothing of ours."""


def _linter() -> dict[str, list[str]]:
    document = tomllib.loads((ROOT / "importlinter.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    (acyclic,) = [one for one in document["contracts"] if one["type"] == "acyclic_siblings"]
    rooms = next(one for one in document["contracts"] if one["name"] == "The rooms are layers")
    in_layers = [name.strip() for layer in rooms["layers"] for name in layer.split("|")]
    return {"root_packages": document["root_packages"], "acyclic": acyclic["ancestors"], "rooms": in_layers}


def _folders_of_code() -> Iterator[Path]:
    for folder in ROOT.iterdir():
        if folder.is_dir() and not folder.name.startswith(".") and next(folder.rglob("*.py"), None):
            yield folder


def _imports_by_name(file: Path) -> bool:
    return any(
        isinstance(node, ast.Name | ast.Attribute | ast.alias)
        and (getattr(node, "id", None) or getattr(node, "attr", None) or getattr(node, "name", None))
        in ("import_module", "__import__", "run_module")
        for node in ast.walk(tree_of(file.name, file.read_bytes()))
    )


def test_every_package_at_the_top_is_under_the_contracts() -> None:
    names = sorted(folder.name for folder in _folders_of_code())

    assert {what: sorted(given) for what, given in _linter().items()} == {
        "root_packages": names,
        "acyclic": names,
        "rooms": names,
    }


def test_no_module_stands_outside_the_packages() -> None:
    assert [file.name for file in ROOT.glob("*.py")] == []


def test_every_folder_with_code_is_a_package_since_the_linter_passes_over_others() -> None:
    files = {file for room in _folders_of_code() for file in room.rglob("*.py") if not is_guest(file)}
    folders = {file.parent for file in files}
    passed_over = {folder.relative_to(ROOT).as_posix() for folder in folders if not (folder / "__init__.py").is_file()}

    assert passed_over == IN_CONTAINERS


def test_a_module_is_imported_by_a_text_only_where_no_statement_can() -> None:
    rooms = [room for room in _folders_of_code() if room.name != "tests"]
    files = [file for room in rooms for file in room.rglob("*.py") if not is_guest(file)]

    assert {file.relative_to(ROOT).as_posix() for file in files if _imports_by_name(file)} == BY_NAME
