"""The two sides of `mledge`: what the program sends passes the provider's own `check`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from clone.layout import Clone
from dryrun import ONLINE_STACK, STACKS, Plan
from dryrun import UNKNOWN as NOT_KNOWN
from infra.provider.__main__ import resources
from infra.provider.types.training_run import TrainingRun
from pluginbase.resource import OperationContext, Resource
from pluginbase.values import UNKNOWN

pytestmark = pytest.mark.slow


def received(value: Any) -> Any:
    """As the plugin's base hands it on: whole numbers as int, what is not known as its mark."""
    if isinstance(value, dict):
        return {key: received(item) for key, item in value.items()}
    if isinstance(value, list):
        return [received(item) for item in value]
    if isinstance(value, str) and NOT_KNOWN in value:
        return UNKNOWN
    return int(value) if isinstance(value, float) and value.is_integer() else value


@pytest.fixture
def served(clone: Path) -> dict[str, Resource]:
    return {one.token: one for one in [*resources(), TrainingRun(Clone(clone))]}


@pytest.mark.parametrize("mode", ["preview", "up"])
@pytest.mark.parametrize("stack", [*STACKS, ONLINE_STACK])
def test_what_the_program_sends_passes_the_providers_check(
    planned: Callable[[str, str], Plan], served: dict[str, Resource], stack: str, mode: str
) -> None:
    sent = [one for one in planned(stack, mode)["resources"] if one["type"].startswith("mledge:")]

    for one in sent:
        _, failures = served[one["type"]].check(
            OperationContext(preview=mode == "preview"), {}, received(one["inputs"])
        )
        assert failures == [], f"{one['type']} {one['name']}"


def test_every_type_is_sent(planned: Callable[[str, str], Plan], served: dict[str, Resource]) -> None:
    sent = {one["type"] for stack in ("dev", ONLINE_STACK) for one in planned(stack, "up")["resources"]}

    assert {token for token in sent if token.startswith("mledge:")} == set(served)


def test_both_sides_name_the_same_secret_outputs(
    planned: Callable[[str, str], Plan], served: dict[str, Resource]
) -> None:
    for one in [*planned("local", "up")["resources"], *planned(ONLINE_STACK, "up")["resources"]]:
        if one["type"].startswith("mledge:"):
            assert set(one["options"].get("additionalSecretOutputs", [])) == served[one["type"]].secret_outputs
