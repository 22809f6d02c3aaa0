"""docs/a-ready-model.md, its commands word for word but `make up`: that one tests/e2e/test_6_second_model.py says."""

# mypy: disable-error-code="import-untyped"
from __future__ import annotations

import json
import re
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import pytest
import yaml
from skl2onnx import to_onnx
from sklearn.datasets import load_wine
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from cli.__main__ import COMMANDS
from cli.command import parser_of
from cli.commands.model.new import Made, new
from cli.new_model import ready
from clone.root import ROOT
from tests.models.new.sources.test_keras_model import saved_by_keras
from tests.working_tree import not_the_projects

pytestmark = pytest.mark.slow

PAGE = (ROOT / "docs" / "a-ready-model.md").read_text()


def commands(title: str) -> list[str]:
    section = PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    (block,) = re.findall(r"```sh\n(.*?)```", section, re.DOTALL)
    return str(block).splitlines()


@pytest.fixture(scope="module")
def wine() -> Any:
    return make_pipeline(StandardScaler(), LogisticRegression()).fit(*load_wine(return_X_y=True))


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for room in ("contracts", "models", "edge/layers"):
        shutil.copytree(ROOT / room, tmp_path / room, ignore=not_the_projects)
    shutil.copy(ROOT / "tests/stacks/local.yaml", tmp_path / "Pulumi.local.yaml")
    return tmp_path


@pytest.fixture
def reads(tree: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Made]:
    """Runs a section's first command in a clone's folder, as a reader does."""

    def run(title: str) -> Made:
        first, *others = commands(title)
        assert all(line.startswith(("make up", ".venv/bin/edgeway monitor")) for line in others)
        words = shlex.split(first)
        assert words[0] == ".venv/bin/edgeway"
        monkeypatch.chdir(tree)
        return new(parser_of(COMMANDS).parse_args(words[1:]), tree)

    return run


def test_the_page_of_onnx(tree: Path, reads: Callable[[str], Made], wine: Any) -> None:
    x, _ = load_wine(return_X_y=True)
    (tree / "wine.onnx").write_bytes(to_onnx(wine, x[:1].astype("float32")).SerializeToString())

    made = reads("ONNX")

    section = PAGE.partition("\n## ONNX\n")[2].partition("\n## ")[0]
    named = {f"models/wine/{name}" for name in re.findall(r"^\| `([\w.]+)` \|", section, re.MULTILINE)}
    assert {*named, "models/wine/__init__.py", "edge/layers/wine.py"} == set(made.files)
    stack = yaml.safe_load((tree / "Pulumi.local.yaml").read_text())["config"]
    assert [stack[f"edgeway:{key}"][-1] for key in ("models", "layers", "devices")] == list(made.entries.values())
    predicted = wine.predict_proba([made.ready["request"]["X"]])[0]
    assert list(made.ready["answer"]["probabilities"].values()) == pytest.approx(predicted, abs=1e-5)


def test_the_page_of_scikit_learn(tree: Path, reads: Callable[[str], Made], wine: Any) -> None:
    joblib.dump(wine, tree / "wine.joblib")
    answer = reads("scikit-learn").ready["answer"]
    assert set(answer) == {"label", "probabilities"}


def test_the_page_of_mlflow(tree: Path, reads: Callable[[str], Made], wine: Any) -> None:
    folder = tree / re.findall(r"--from (\S+)", commands("MLflow")[0])[0]
    folder.mkdir(parents=True)
    joblib.dump(wine, folder / "model.pkl")
    columns = [{"type": "double", "name": name} for name in load_wine().feature_names]
    flavors = {"sklearn": {"pickled_model": "model.pkl", "serialization_format": "cloudpickle"}}
    (folder / "MLmodel").write_text(yaml.safe_dump({"flavors": flavors, "signature": {"inputs": json.dumps(columns)}}))

    assert list(reads("MLflow").ready["request"]) == load_wine().feature_names


@pytest.mark.long  # a Keras file of each kind: sources/test_keras_model.py
def test_the_page_of_keras(tree: Path, reads: Callable[[str], Made], monkeypatch: pytest.MonkeyPatch) -> None:
    python = ready._keras_python(ROOT)
    monkeypatch.setattr(ready, "_keras_python", lambda root: python)  # the clone's own, not made again
    saved_by_keras(tree)
    (tree / "two.keras").rename(tree / "digits.keras")

    assert list(reads("Keras").ready["answer"]) == ["price"]
