"""A syntax error in a model's files is told in two lines: file, line, what, and the line itself."""

from __future__ import annotations

import ast
import gc
from pathlib import Path

import pytest

from clone.syntax import SourceError, parsed
from clone.training_inputs import training_inputs
from contracts.syntax import tree_of
from dryrun import DATA_SPEC, make_clone

NAME = "models/anomaly/score.py"


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (b"def init(): ...\ndef run(data):\n    retrun 1\n", f"{NAME}, line 3: invalid syntax\n  retrun 1"),
        (b"return 1\n", f"{NAME}, line 1: 'return' outside function\n  return 1"),
        (b"x = '\0'\n", f"{NAME}: source code string cannot contain null bytes"),
    ],
)
def test_a_syntax_error_is_told_in_two_lines(source: bytes, told: str) -> None:
    with pytest.raises(SourceError) as refusal:
        parsed(NAME, source)
    assert str(refusal.value).startswith(told)


def test_the_program_is_refused_before_anything_is_trained(tmp_path: Path) -> None:
    clone = make_clone(tmp_path)
    (clone / NAME).write_text("def run(data):\n    retrun data\n")
    with pytest.raises(SourceError, match=rf"^{NAME}, line 2: "):
        training_inputs(clone, model="anomaly", data_spec=DATA_SPEC, hyperparameters={})


def test_a_tree_is_made_without_a_collection_in_the_midst_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    collects: list[bool] = []

    def parse(source: bytes, name: str) -> ast.Module:
        collects.append(gc.isenabled())
        return ast.Module([], [])

    monkeypatch.setattr("ast.parse", parse)
    tree_of("score.py", b"")
    assert (collects, gc.isenabled()) == ([False], True)
