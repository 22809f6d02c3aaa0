"""A model that can never be ready goes nowhere: its `up` fails with the reason, and what serves goes on as before.

One that fails only in its place gets there, and its `up` fails too: with what the place says of it.
"""

from __future__ import annotations

import re

import pytest

from tests.docs.refusals import GATE
from tests.e2e.figures import TABLE
from tests.e2e.stack.broken_model import CRASH, FAULTS, broken, refused_up, serving
from tests.e2e.stack.local_stack import LocalStack
from tests.e2e.stack.losses import count_across

SOON_S = 30
MOST_LINES = 12
FIRST = "wrong golden example"


def is_refused(stack: LocalStack, name: str, *, after: int) -> None:
    fault, before, found = FAULTS[name], serving(stack), []
    with broken(stack, fault):
        result = count_across(stack, lambda: found.append(refused_up(stack)), after=after)
    ((error, seconds),) = found
    TABLE.add(f"gate: {name}", f"up refused after {seconds:.1f} s: {error.splitlines()[0][:100]}", str(result))
    rest = error
    for part in fault.says:
        assert part in rest, error
        rest = rest.partition(part)[2]
    GATE.check(name, masked(error))
    assert len(error.splitlines()) <= MOST_LINES
    assert seconds < SOON_S
    assert serving(stack) == before
    assert (result.lost, result.out_of_order) == ((), 0)


def masked(error: str) -> str:
    """Without what another machine, or the next version of the script, would say otherwise."""
    return re.sub(r"after \d+ ms", "after <n> ms", re.sub(r"line \d+", "line <n>", error))


@pytest.mark.e2e
def test_a_wrong_golden_example_stops_the_up_and_the_way_back_touches_nothing_that_serves(stack: LocalStack) -> None:
    before = serving(stack)
    is_refused(stack, FIRST, after=3)
    stack.up()
    assert serving(stack) == before


@pytest.mark.faults
@pytest.mark.parametrize("name", FAULTS)
def test_what_can_never_be_ready_is_refused_soon_and_changes_nothing(stack: LocalStack, name: str) -> None:
    is_refused(stack, name, after=10)


@pytest.mark.faults
def test_a_container_group_that_crashes_again_and_again_fails_the_up_with_its_log_and_costs_no_message(
    stack: LocalStack,
) -> None:
    found: list[tuple[str, float]] = []
    with broken(stack, CRASH):
        result = count_across(stack, lambda: found.append(refused_up(stack)), after=10)
    ((error, seconds),) = found
    TABLE.add("group that crashes", f"up failed after {seconds:.1f} s: {error.splitlines()[0][:100]}", str(result))
    rest = error
    for part in CRASH.says:
        assert part in rest, error
        rest = rest.partition(part)[2]
    assert seconds < 2 * SOON_S
    assert (result.lost, result.out_of_order) == ((), 0)
    stack.up()
    stack.run("edgeway", "verify")


LATENCY = "edgeway:models[0].endpoints[0].latencyMs"
NOT_ACCESSIBLE = {
    "error": {"code": "InaccessibleImage", "message": "The image 'a' in container group 'b' is not accessible."}
}


@pytest.mark.faults
def test_a_group_that_azure_does_not_change_in_place_is_replaced_by_the_one_more_up_of_the_same_yes(
    stack: LocalStack,
) -> None:
    before = stack.outputs()["scoring"]
    stack.control("POST", "containerinstance", {"fixesSecretVolumes": True})
    with stack.config(LATENCY, "1900"):
        said = once_more(stack, ASK="1", YES="1")
        assert stack.changes() == {}
    stack.control("POST", "containerinstance", {"fixesSecretVolumes": False})
    assert "it may be replaced, where Azure refuses that" in said
    assert "does not change it in place (InvalidContainerGroupUpdate of ContainerGroup anomaly)" in said
    after = stack.outputs()["scoring"]
    assert {name: one["url"] for name, one in after.items()} == {name: one["url"] for name, one in before.items()}
    stack.run("edgeway", "verify")


@pytest.mark.faults
def test_an_image_that_azure_does_not_let_a_new_role_pull_yet_is_asked_for_once_more(stack: LocalStack) -> None:
    fault = {"host": "management.azure.com", "path": "/containerGroups/", "method": "PUT", "status": 400}
    stack.control("POST", "faults", {**fault, "body": NOT_ACCESSIBLE})
    said = once_more(stack)
    assert "does not honour a new role yet (InaccessibleImage of ContainerGroup anomaly). One more up in 60 s" in said
    assert stack.changes() == {}
    stack.run("edgeway", "verify")


def once_more(stack: LocalStack, **environment: str) -> str:
    """What a `make up` says that had to do its `up` twice."""
    given = [
        f"{name}={value}" for name, value in {"NO_WAIT": "1", "EDGEWAY_SECOND_UP_PAUSE": "0", **environment}.items()
    ]
    done = stack.command("env", *given, "tools/up.sh", "local")
    said = " ".join(f"{done.stdout}\n{done.stderr}".split())
    assert said.count("-> pulumi up") == 2, said
    return said


@pytest.mark.faults
def test_after_all_of_them_an_up_without_a_fault_converges(stack: LocalStack) -> None:
    stack.up()
    assert stack.changes() == {}
