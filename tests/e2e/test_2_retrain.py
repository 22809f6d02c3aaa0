"""A retrain is a diff: what a preview names, what the device runs afterwards, and what a change-over costs."""

from __future__ import annotations

import json
import re
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.figures import TABLE
from tests.e2e.stack.local_stack import DEVICE, LocalStack, eventually
from tests.e2e.stack.telemetry import account, numbers, one_life

pytestmark = pytest.mark.e2e

DEPTH = "edgeway:models[0].train.hyperparameters.max_depth"
RATE = "edgeway:layers[0].settings.intervalSeconds"
CHANGE_OVERS = 3


def model_version(stack: LocalStack) -> str:
    return str(stack.outputs()["models"]["anomaly"]["version"])


def test_a_hyperparameter_names_training_model_image_gate_group_and_layer_and_nothing_else(stack: LocalStack) -> None:
    with stack.config(DEPTH, "3"):
        changed = stack.changes()
    assert set(changed) == {
        "mledge:ml:TrainingRun anomaly",
        "mledge:ml:RegisteredModel anomaly",
        "mledge:docker:Image anomaly",
        "mledge:docker:Gate anomaly",
        "azure-native:containerinstance/v20250901:ContainerGroup anomaly",
        "mledge:azure:GroupReady anomaly",
        "mledge:iothub:EdgeDeployment anomaly",
    }


def test_what_a_retrain_was_said_to_do_is_what_it_does(stack: LocalStack) -> None:
    before, ran = stack.outputs(), images_on_the_device(stack)
    with stack.config(DEPTH, "6"):
        said = asked_up(stack)
        after = stack.outputs()
        stack.settled()
        runs = images_on_the_device(stack)
        assert stack.changes() == {}
    # an artifact of that depth lies in a clone where the tests ran before
    heads = r"(retrains|takes artifact \w+, trained here before)"
    sentence = rf"anomaly {heads} \(max_depth none -> 6\): group restarts, 1 device gets it, 0 others change"
    assert any(re.fullmatch(sentence, line) for line in said), said
    assert "device edge-01: scorer restarts" in said
    assert before["models"]["anomaly"]["version"] != after["models"]["anomaly"]["version"]
    assert before["scoring"]["anomaly"]["ip"] == after["scoring"]["anomaly"]["ip"]
    assert {name for name in runs if runs[name] != ran[name]} == {"scorer"}


def test_what_was_not_shown_is_refused(stack: LocalStack, tmp_path: Path) -> None:
    plan = tmp_path / "plan"
    planned = replace(stack, environment=(*stack.environment, ("PULUMI_EXPERIMENTAL", "true")))
    with stack.config(DEPTH, "6"):
        planned.pulumi("preview", "--save-plan", str(plan))
        stack.pulumi("config", "set", "--path", RATE, "0.5")
        refused = planned.up("--plan", str(plan), check=False)
        assert refused.returncode != 0
        assert "violates plan" in refused.stdout + refused.stderr
        stack.pulumi("config", "set", "--path", RATE, "1")
        assert stack.changes() == {}


def test_three_change_overs_at_ten_messages_a_second_lose_nothing(stack: LocalStack) -> None:
    with stack.config(RATE, "0.1"):
        stack.up()
        stack.settled()
        before = model_version(stack)
        first = stack.monitor(1)[0]
        versions, delays = [], []
        for round_number in range(CHANGE_OVERS):
            # depths alternate, so that a change-over back to a known digest is among them
            stack.pulumi("config", "set", "--path", DEPTH, str(4 + round_number % 2))
            begin = time.monotonic()
            stack.up()
            version = model_version(stack)
            first_of(stack, version)
            delays.append(time.monotonic() - begin)
            versions.append(version)
        assert len({before, *versions}) == 3
        end = newest(stack)
        arrived = numbers(one_life(stack.everything(first["enqueued"])))
    result = account([number for number in arrived if number <= end])
    seconds = ", ".join(f"{delay:.1f}" for delay in delays)
    TABLE.add(
        f"{CHANGE_OVERS} change-overs at 10 messages/s", str(result), f"first message of the new model: {seconds} s"
    )
    assert result.lost == ()
    assert result.out_of_order == 0


def test_going_back_to_the_old_digest_trains_nothing(stack: LocalStack) -> None:
    result = stack.up()
    assert "trained with these inputs before" in result.stdout
    assert "training anomaly" not in result.stdout
    assert stack.changes() == {}


def asked_up(stack: LocalStack) -> list[str]:
    """What `make up` says of a stack that is not `local`: previewed, agreed to (CI), and done by that plan."""
    asking = replace(stack, environment=(*stack.environment, ("ASK", "1"), ("NO_WAIT", "1")))
    return asking.command("tools/up.sh", "local").stdout.splitlines()


def images_on_the_device(stack: LocalStack) -> dict[str, str]:
    (device,) = json.loads(stack.run("edgeway", "device", "status", DEVICE, "--stack", "local", "--json").stdout)
    return {one["module"]: one["image"] for one in device["modules"]}


def newest(stack: LocalStack) -> int:
    return numbers(stack.monitor(1))[0]


def first_of(stack: LocalStack, version: str) -> dict[str, Any]:
    def probe() -> dict[str, Any] | None:
        return next((m for m in stack.monitor(5) if m["properties"]["model"] == version), None)

    return eventually(f"a message of model {version}", probe, limit_s=120)
