"""A second model is one folder and two entries in the stack's configuration, those that its README shows: one for the
model, one for its layer, here on a device that has another model's, too.

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
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest

from tests.e2e.figures import TABLE
from tests.e2e.stack.local_stack import DEVICE, ROOT, LocalStack, eventually
from tests.e2e.stack.telemetry import account, numbers, one_life
from tests.models.new import graphs

pytestmark = pytest.mark.e2e

NAME, READY = "mnist_keras", "price"
README = ROOT / "models" / NAME / "README.md"
SCORER = f"{NAME}-scorer"
AFTER_THE_MODELS, AFTER_THE_LAYERS = "  edgeway:layers:", "  edgeway:devices:"
PULLED = "azure-native:containerregistry/v20251101:ScopeMap registry"


def entries() -> list[str]:
    """Of the model and of its layer, as a reader copies them."""
    shown = [str(one) for one in re.findall(r"```yaml\n(.*?)```", README.read_text(), re.DOTALL)]
    assert [f"name: {NAME}" in one for one in shown] == [True, True]
    return shown


def add_entries(file: Path) -> None:
    text = file.read_text()
    for entry, after in zip(entries(), (AFTER_THE_MODELS, AFTER_THE_LAYERS), strict=True):
        assert text.count(after) == 1
        text = text.replace(after, entry + after)
    file.write_text(text)


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
    with stack.stack_file() as file:
        add_entries(file)
        with ready_model(stack, given):
            begin = time.monotonic()
            stack.command("tools/up.sh", "local", limit_s=900)
            seconds = f"{time.monotonic() - begin:.0f} s"
            TABLE.add("a second model, and a ready ONNX, on devices", "two entries, one command", seconds)
            yield stack
    stack.up()
    assert stack.outputs()["models"] == first
    assert stack.changes() == {}


def test_entries_create_what_is_the_second_models_and_touch_nothing_but_what_devices_may_pull(
    stack: LocalStack,
) -> None:
    with stack.stack_file() as file:
        add_entries(file)
        stack.run("edgeway", "data", "--stack", "local")
        changes = stack.changes()
    assert changes.pop(PULLED) == "update"
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
    # whichever of its examples is on its way just then: one of them is a request of several rows
    body = message["body"]
    rows = body if isinstance(body, list) else [body]
    assert rows and all(set(row) == {"price"} for row in rows)


def test_on_one_device_each_scorer_gets_its_own_senders_messages_alone(both: LocalStack) -> None:
    both.settled()
    models = {"scorer": "anomaly", SCORER: NAME}
    since = datetime.now(UTC).isoformat(timespec="seconds")

    def of_both() -> list[dict[str, Any]] | None:
        messages = both.everything(since)
        return messages if {message["module"] for message in messages} >= set(models) else None

    outputs = both.outputs()["models"]
    card = json.loads((both.root / ".artifacts" / outputs[NAME]["digest"] / "card.json").read_text())
    answers = [example["output"] for example in card["golden"]]
    for message in eventually("scored messages of both models", of_both, limit_s=120):
        assert message["properties"]["model"] == outputs[models[message["module"]]]["version"]
        assert message["body"] in answers if message["module"] == SCORER else "anomaly" in message["body"]
    (status,) = json.loads(both.run("edgeway", "device", "status", "--stack", "local", "--json", DEVICE).stdout)
    assert {one["module"]: one["dropped"] for one in status["modules"] if one["module"] in models} == {
        "scorer": 0,
        SCORER: 0,
    }


def container(stack: LocalStack, module: str) -> str:
    """Its id."""
    labels = [f"label=edgeway.standin={stack.instance}", f"label=edgeway.module={module}"]
    found = stack.command("docker", "ps", "--quiet", *(word for label in labels for word in ("--filter", label))).stdout
    (one,) = found.split()
    return one


def test_new_content_of_one_layer_loses_nothing_of_the_other_on_its_device(both: LocalStack) -> None:
    def scored(since: str) -> list[dict[str, Any]]:
        return [message for message in both.everything(since) if message["module"] == "scorer"]

    since = datetime.now(UTC).isoformat(timespec="seconds")
    before = {name: container(both, name) for name in ("scorer", SCORER)}
    # more than its endpoint allows, so that the gate has nothing new to ask
    both.pulumi("config", "set", "--path", "edgeway:layers[1].settings.latencyMs", "2500")
    both.up()
    both.settled()
    after = {name: container(both, name) for name in before}
    behind = datetime.now(UTC).isoformat(timespec="seconds")
    eventually("messages of the first model behind it", lambda: len(scored(behind)) > 3, limit_s=120)

    counted = account(numbers(one_life(scored(since))))

    TABLE.add("new content of one of two models of a device", "the other's messages are counted", str(counted))
    assert {name for name in before if after[name] != before[name]} == {SCORER}
    assert (counted.lost, counted.out_of_order) == ((), 0)


def test_with_both_nothing_is_left_to_change(both: LocalStack) -> None:
    assert both.changes() == {}
