"""The sizes that CONTRIBUTING.md names: what outgrows them is cut, before a reader gets lost in it."""

from __future__ import annotations

import ast
import subprocess
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from clone.root import ROOT
from contracts.syntax import tree_of
from tools.guests import is_guest

MOST_FILES, MOST_LINES = 14, 300
MOST_LINES_OF_A_FUNCTION = {"tests": 50}
ELSEWHERE = 40


@cache
def python_files() -> list[Path]:
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    return [file for name in listed if (file := ROOT / name).is_file() and not is_guest(file)]


def test_no_folder_holds_more_modules_than_a_reader_can_overlook() -> None:
    folders = Counter(file.parent for file in python_files() if file.name != "__init__.py")
    assert {str(folder.relative_to(ROOT)): count for folder, count in folders.items() if count > MOST_FILES} == {}


def test_no_file_is_longer_than_a_sitting() -> None:
    lengths = {file: len(file.read_text(encoding="utf-8").splitlines()) for file in python_files()}
    assert {str(file.relative_to(ROOT)): count for file, count in lengths.items() if count > MOST_LINES} == {}


@pytest.mark.slow
def test_no_function_is_longer_than_a_screen() -> None:
    long = {
        f"{file.relative_to(ROOT)}:{node.name}": length
        for file in python_files()
        for node in ast.walk(tree_of(file.name, file.read_bytes()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := (node.end_lineno or node.lineno) - node.lineno + 1) > _most(file)
    }
    assert long == {}


def _most(file: Path) -> int:
    return MOST_LINES_OF_A_FUNCTION.get(file.relative_to(ROOT).parts[0], ELSEWHERE)
