"""Repeats a call to a service for as long as that can help: its restart, its throttling, a role on its way.

https://learn.microsoft.com/azure/architecture/best-practices/transient-faults
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from cloud.errors import Kind, ServiceError, service_error
from cloud.operation import Operation

T = TypeVar("T")

_PAUSES_SECONDS = (0.5, 1.0, 2.0, 4.0, 5.0)
_LONGEST_PAUSE_SECONDS = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryLimits:
    """For how long a call is repeated, by what stands in its way."""

    transient_seconds: float = 120.0
    """Not reached, throttled, its own trouble. A restart takes about 30 s; the SDKs' own retries end before that."""
    unauthorised_seconds: float = 600.0
    """Refused for lack of a role. Azure gives no bound for role assignments; its documentation speaks of 10 minutes."""


DEFAULT_LIMITS = RetryLimits()


def with_retries(
    operation: Operation,
    what: str,
    action: Callable[[], T],
    limits: RetryLimits = DEFAULT_LIMITS,
    absent: Callable[[ServiceError], ServiceError | None] | None = None,
) -> T:
    """The action's result; a ServiceError once a limit is over, or at once where trying again cannot help.

    `what` names the call in messages: `device 'edge-01' in hub.azure-devices.net`. An exception that is no service's
    answer (a defect, the end of the operation) goes through as it is. `absent` is asked before a transient failure is
    tried again, and answers what ends it instead (`cloud.there`).
    """
    limit_of = {Kind.TRANSIENT: limits.transient_seconds, Kind.UNAUTHORISED: limits.unauthorised_seconds}
    began: dict[Kind, float] = {}
    attempt = 0
    while True:
        try:
            return action()
        except Exception as error:
            failure = service_error(error, what)
            if failure is None:
                raise
            if not _may_help(failure, limit_of, began):
                raise failure from error
            if absent and failure.kind is Kind.TRANSIENT and (gone := absent(failure)) is not None:
                raise gone from error
        pause = failure.retry_after or _PAUSES_SECONDS[min(attempt, len(_PAUSES_SECONDS) - 1)]
        elapsed = time.monotonic() - began[failure.kind]
        reason = "the role may not be effective yet" if failure.kind is Kind.UNAUTHORISED else "trying again"
        operation.status(f"{what}: {failure.brief}; {reason} ({elapsed:.0f} of {limit_of[failure.kind]:.0f} s)")
        operation.wait(min(pause, _LONGEST_PAUSE_SECONDS))
        attempt += 1


def _may_help(failure: ServiceError, limit_of: dict[Kind, float], began: dict[Kind, float]) -> bool:
    limit = limit_of.get(failure.kind)
    if limit is None:
        return False
    first = began.setdefault(failure.kind, time.monotonic())
    return time.monotonic() - first < limit
