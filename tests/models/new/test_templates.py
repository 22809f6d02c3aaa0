"""What `edgeway model new` writes: it passes the project's own checks and trains, as it is."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from itertools import product
from pathlib import Path

import pytest

from cli.new_model.ready import _keras_python
from clone.layout import Clone
from clone.root import ROOT
from contracts.artifacts import ArtifactStore
from contracts.card import load_card
from contracts.hyperparameters import declared
from models.new.templates import KINDS, render
from tests.working_tree import not_the_projects

NAMES = ("ab", "a_name_that_is_as_long_as_it_can")
MOST_LINES_OF_A_TABLE = 45


def test_the_templates_pass_ruff_whatever_the_models_name(tmp_path: Path) -> None:
    for kind, name in product(KINDS, NAMES):
        for path, text in render(kind, name).items():
            file = tmp_path / kind / "models" / name / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")
    for command in (["check", "-q", "--no-cache"], ["format", "-q", "--diff", "--no-cache"]):
        words = [sys.executable, "-m", "ruff", *command, "--config", str(ROOT / "pyproject.toml"), str(tmp_path)]
        result = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
        assert (result.returncode, result.stdout) == (0, "")


@pytest.mark.parametrize("kind", KINDS)
def test_a_template_declares_its_hyperparameters(kind: str) -> None:
    found = [allowed for text in render(kind, "pump").values() if (allowed := declared(text))]
    assert len(found) == 1
    assert "seed" in found[0]


def test_a_table_is_one_short_file() -> None:
    files = render("table", "pump")
    assert sorted(files) == ["__init__.py", "model.py"]
    assert len(files["model.py"].splitlines()) <= MOST_LINES_OF_A_TABLE


def test_what_cannot_be_rendered_is_refused() -> None:
    with pytest.raises(ValueError, match="kind 'forest' of a model is not known; there are table, keras, empty"):
        render("forest", "pump")
    with pytest.raises(ValueError, match=r"model name '\.\./x' is not allowed"):
        render("table", "../x")


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    """Models and contracts of this clone, for a new one to stand beside."""
    for room in ("models", "contracts"):
        shutil.copytree(ROOT / room, tmp_path / room, ignore=not_the_projects)
    return Clone(tmp_path)


def _write(clone: Clone, kind: str, name: str = "pump") -> None:
    for path, text in render(kind, name).items():
        file = clone.model_folder(name) / path
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, "utf-8")


def _run(clone: Clone, interpreter: str, *words: str) -> None:
    environment = {**os.environ, "PYTHONPATH": ""}
    result = subprocess.run(
        [interpreter, *words], cwd=clone.root, env=environment, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    "kind", [pytest.param(kind, marks=pytest.mark.long) if kind == "keras" else kind for kind in KINDS]
)
def test_a_template_trains_as_it_is_to_the_same_bytes_and_its_thresholds(clone: Clone, kind: str) -> None:
    _write(clone, kind)
    interpreter = _interpreter(kind)
    data, train = (clone.model_command("pump", what) for what in ("data", "train"))
    assert data and train
    _run(clone, sys.executable, *data, "--out", "data", "--seed", "0", "--rows", "400")
    for name in ("one", "two"):
        _run(clone, interpreter, *train, "--data", "data", "--out", name)
    digests = {ArtifactStore(clone.root / ".artifacts").add(clone.root / name) for name in ("one", "two")}
    assert len(digests) == 1
    card = load_card(clone.root / "one")
    assert (card.name, card.unmet()) == ("pump", [])


def _interpreter(kind: str) -> str:
    return str(_keras_python(ROOT)) if kind == "keras" else sys.executable


@pytest.mark.slow
def test_the_templates_pass_mypy(clone: Clone) -> None:
    """All in one run: what they import is read once."""
    packages = [f"models.pump_{kind}" for kind in KINDS]
    for kind, package in zip(KINDS, packages, strict=True):
        _write(clone, kind, package.rpartition(".")[2])
    options = ("--strict", "--explicit-package-bases", "--ignore-missing-imports")
    _run(clone, sys.executable, "-m", "mypy", *options, *(word for package in packages for word in ("-p", package)))
