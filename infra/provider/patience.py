"""Calls a service for as long as trying again can help: its restart, its throttling, a role on its way.

https://learn.microsoft.com/azure/architecture/best-practices/transient-faults
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from infra.provider.errors import Kind, ServiceError, service_error
from pluginbase.resource import Cancelled, Ctx, Gone, PartialFailure

T = TypeVar("T")

# A restart of the service takes about 30 s; the SDKs' own retries end before that.
TRANSIENT_SECONDS = 120.0
# Azure gives no bound for role assignments; ten minutes is what its documentation speaks of.
UNAUTHORISED_SECONDS = 600.0
_PAUSES = (0.5, 1.0, 2.0, 4.0, 5.0)


def persist(
    ctx: Ctx,
    what: str,
    action: Callable[[], T],
    *,
    transient_s: float = TRANSIENT_SECONDS,
    unauthorised_s: float = UNAUTHORISED_SECONDS,
) -> T:
    """`what` names the call in messages: `device 'edge-01' in hub.azure-devices.net`."""
    limits = {Kind.TRANSIENT: transient_s, Kind.UNAUTHORISED: unauthorised_s}
    began: dict[Kind, float] = {}
    attempt = 0
    while True:
        try:
            return action()
        except (Gone, Cancelled, PartialFailure):
            raise
        except Exception as error:
            failure = service_error(error, what)
            if failure is None:
                raise
            if not _again(failure, limits, began):
                raise failure from error
        pause = failure.retry_after or _PAUSES[min(attempt, len(_PAUSES) - 1)]
        elapsed = time.monotonic() - began[failure.kind]
        reason = "the role may not be effective yet" if failure.kind is Kind.UNAUTHORISED else "trying again"
        ctx.status(f"{what}: {failure.brief}; {reason} ({elapsed:.0f} of {limits[failure.kind]:.0f} s)")
        ctx.wait(min(pause, 30.0))
        attempt += 1


def _again(failure: ServiceError, limits: dict[Kind, float], began: dict[Kind, float]) -> bool:
    limit = limits.get(failure.kind)
    if limit is None:
        return False
    first = began.setdefault(failure.kind, time.monotonic())
    return time.monotonic() - first < limit


def missing(error: ServiceError) -> bool:
    return error.kind is Kind.MISSING
