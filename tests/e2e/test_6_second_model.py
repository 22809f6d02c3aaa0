"""A second model is one folder and one entry in the stack's configuration: the one that its README shows.

A third is one command: a ready ONNX, from its file to scored messages of a device of its own (docs/a-ready-model.md).
"""

# mypy: disable-error-code="import-untyped"

from __future__ import annotations

import json
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest

from tests.e2e.figures import TABLE
from tests.e2e.stack.local_stack import ROOT, LocalStack
from tests.models.new import graphs

pytestmark = pytest.mark.e2e

NAME, READY = "mnist_keras", "price"
README = ROOT / "models" / NAME / "README.md"
AFTER_THE_MODELS = "  edgeway:layers:"


def entry() -> str:
    """As a reader copies it."""
    (shown,) = re.findall(r"```yaml\n(.*?)```", README.read_text(), re.DOTALL)
    assert isinstance(shown, str)
    assert f"name: {NAME}" in shown
    return shown


def add_entry(file: Path) -> None:
    before = file.read_text()
    assert before.count(AFTER_THE_MODELS) == 1
    file.write_text(before.replace(AFTER_THE_MODELS, entry() + AFTER_THE_MODELS))


@pytest.fixture(scope="module")
def first(stack: LocalStack) -> dict[str, Any]:
    """The model that the stack has without the entry."""
    return dict(stack.outputs()["models"])


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ready model: numbers and a text in, a number out."""
    file = tmp_path_factory.mktemp("given") / "price.onnx"
    file.write_bytes(graphs.price().SerializeToString())
    return file


@contextmanager
def ready_model(stack: LocalStack, file: Path) -> Iterator[None]:
    """Made as the page says; what it has written is removed again."""
    try:
        words = ("model", "new", READY, "--from", str(file), "--layer", "--stack", "local")
        stack.command(".venv/bin/edgeway", *words)
        yield
    finally:
        shutil.rmtree(stack.root / "models" / READY, ignore_errors=True)
        (stack.root / "edge" / "layers" / f"{READY}.py").unlink(missing_ok=True)


@pytest.fixture(scope="module")
def both(stack: LocalStack, first: dict[str, Any], given: Path) -> Iterator[LocalStack]:
    """The stack with the second model and the ready one, brought up by `make up`'s own script; without them again
    afterwards."""
    assert not {NAME, READY} & set(first)
    with stack.stack_file() as file, ready_model(stack, given):
        add_entry(file)
        begin = time.monotonic()
        stack.command("tools/up.sh", "local", limit_s=900)
        TABLE.add(
            "a second model, and a ready ONNX on a device",
            "one entry, one command",
            f"{time.monotonic() - begin:.0f} s",
        )
        yield stack
    stack.up()
    assert stack.outputs()["models"] == first
    assert stack.changes() == {}


def test_an_entry_creates_what_is_the_second_models_and_touches_nothing_else(stack: LocalStack) -> None:
    with stack.stack_file() as file:
        add_entry(file)
        stack.run("edgeway", "data", "--stack", "local")
        changes = stack.changes()
    assert set(changes.values()) == {"create"}
    assert f"mledge:ml:TrainingRun {NAME}" in changes
    assert [name for name in changes if NAME not in name and NAME.replace("_", "-") not in name] == []


def test_all_models_answer_their_golden_examples_over_https(both: LocalStack, first: dict[str, Any]) -> None:
    assert both.outputs()["models"]["anomaly"] == first["anomaly"]
    for model in ("anomaly", NAME, READY):
        answer = json.loads(both.run("edgeway", "verify", "--model", model, "--json").stdout)
        assert answer["agree"], answer


def test_the_second_model_reads_a_digit(both: LocalStack, tmp_path: Path) -> None:
    digest = both.outputs()["models"][NAME]["digest"]
    card = json.loads((both.root / ".artifacts" / digest / "card.json").read_text())
    assert card["metrics"]["accuracy"] >= 0.97
    file = tmp_path / "digit.json"
    file.write_text(json.dumps(card["golden"][0]["input"]))
    answer = json.loads(both.run("edgeway", "invoke", "--model", NAME, str(file)).stdout)
    assert answer == card["golden"][0]["output"]


def test_a_ready_model_answers_over_https_as_onnx_runtime_does(both: LocalStack, given: Path, tmp_path: Path) -> None:
    file = tmp_path / "row.json"
    file.write_text(json.dumps({"area": 50, "town": "Bruges"}))
    feeds = {"area": np.array([[50]], np.float32), "town": np.array([["Bruges"]], object)}
    (expected,) = onnxruntime.InferenceSession(given).run(None, feeds)

    answer = json.loads(both.run("edgeway", "invoke", "--model", READY, str(file)).stdout)

    assert answer == {"price": float(expected[0, 0])}


def test_a_ready_model_scores_its_examples_on_a_device(both: LocalStack) -> None:
    words = ("monitor", "--device", f"edge-{READY}", "--count", "1", "--timeout", "120", "--json")
    (message,) = map(json.loads, both.run("edgeway", *words, limit_s=180).stdout.splitlines())
    assert message["module"] == f"{READY}-scorer"
    assert set(message["body"]) == {"price"}


def test_with_both_nothing_is_left_to_change(both: LocalStack) -> None:
    assert both.changes() == {}
