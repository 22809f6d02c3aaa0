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


@pytest.mark.faults
def test_after_all_of_them_an_up_without_a_fault_converges(stack: LocalStack) -> None:
    stack.up()
    assert stack.changes() == {}
