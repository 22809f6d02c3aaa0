"""A second model is one folder and one entry in the stack's configuration: the one that its README shows."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.figures import TABLE
from tests.e2e.stack.local_stack import ROOT, LocalStack

pytestmark = pytest.mark.e2e

NAME = "mnist_keras"
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
def both(stack: LocalStack, first: dict[str, Any]) -> Iterator[LocalStack]:
    """The stack with the second model, brought up by `make up`'s own script; without it again afterwards."""
    assert NAME not in first
    with stack.stack_file() as file:
        add_entry(file)
        begin = time.monotonic()
        stack.command("tools/up.sh", "local", limit_s=900)
        TABLE.add("a second model", "one entry in the stack's file", f"{time.monotonic() - begin:.0f} s")
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


def test_both_models_answer_their_golden_examples_over_https(both: LocalStack, first: dict[str, Any]) -> None:
    assert both.outputs()["models"]["anomaly"] == first["anomaly"]
    for model in ("anomaly", NAME):
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


def test_with_both_nothing_is_left_to_change(both: LocalStack) -> None:
    assert both.changes() == {}
