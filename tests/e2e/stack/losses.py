"""What is lost, repeated or out of order of the sensor's numbers while something is done to the stack."""

from __future__ import annotations

from collections.abc import Callable

from tests.e2e.stack.local_stack import LocalStack, eventually
from tests.e2e.stack.telemetry import Account, account, numbers, one_life


def _newest(stack: LocalStack) -> int:
    return numbers(stack.monitor(1))[0]


def count_across(stack: LocalStack, fault: Callable[[], None], *, after: int = 30) -> Account:
    """Messages from just before the fault to `after` numbers behind it, in order of arrival at the hub."""
    first = stack.monitor(1)[0]
    fault()
    behind = _newest(stack) + after
    end = eventually(f"{after} messages after the fault", lambda: _beyond(_newest(stack), behind), limit_s=180)
    arrived = numbers(one_life(stack.everything(first["enqueued"])))
    return account([number for number in arrived if number <= end])


def _beyond(number: int, limit: int) -> int | None:
    return number if number > limit else None
