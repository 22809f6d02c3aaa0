"""Walks the plan of an endpoint, and back to what served before where a step fails, a Ctrl-C too.

A process that is killed walks no further: the next run goes on from what is there (`plan`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from cloud.errors import ServiceError
from cloud.wording import counted
from infra.provider.services.online.plan import (
    Await,
    Gate,
    Make,
    Remove,
    Seen,
    Shift,
    Step,
    Wanted,
    next_step,
    way_back,
)
from pluginbase.resource import ProviderError

_MOST_STEPS = 100
"""More than any way has: somebody else changes the endpoint at the same time."""


class Endpoint(Protocol):
    """What the steps do to an endpoint. Each returns when it is done, and can be repeated."""

    def look(self) -> Seen: ...

    def make(self, wanted: Wanted) -> None:
        """ProviderError or ServiceError where it does not come up."""

    def wait_for(self, name: str) -> None:
        """Until a deployment is neither being made nor changed."""

    def remove(self, name: str) -> None: ...

    def shift(self, traffic: Mapping[str, int]) -> None: ...

    def gate(self, name: str, share: int, *, hold: bool) -> None:
        """ProviderError where the deployment does not answer as it should."""


def change_over(endpoint: Endpoint, back: Endpoint, wanted: Wanted, serving: str | None) -> None:
    """Until the wanted deployment alone serves. `back` is the same endpoint, for an operation that nothing ends; raises
    ProviderError with what went wrong, and where the endpoint stands then."""
    began = endpoint.look().traffic
    try:
        _walk(endpoint, wanted, serving)
    except Exception as error:
        told = _put_back(back, wanted, serving, began)
        if isinstance(error, ProviderError | ServiceError):
            raise ProviderError(f"{error}{told}") from error
        raise


def _walk(endpoint: Endpoint, wanted: Wanted, serving: str | None) -> None:
    gated: int | None = None
    for _ in range(_MOST_STEPS):
        seen = endpoint.look()
        step = next_step(wanted, seen, serving, gated)
        if step is None:
            return
        _do(endpoint, step, wanted, seen)
        if isinstance(step, Gate):
            gated = step.share
    raise ProviderError(
        f"the traffic does not become what it should within {counted(_MOST_STEPS, 'step')}: who else changes it?"
    )


def _do(endpoint: Endpoint, step: Step, wanted: Wanted, seen: Seen) -> None:
    match step:
        case Await(name):
            endpoint.wait_for(name)
        case Make():
            endpoint.make(wanted)
        case Remove(name):
            endpoint.remove(name)
        case Shift(traffic):
            endpoint.shift(traffic)
        case Gate(name, share):
            endpoint.gate(name, share, hold=bool(share and seen.traffic))


def _put_back(endpoint: Endpoint, wanted: Wanted, serving: str | None, began: Mapping[str, int]) -> str:
    """How it went, as the end of the error's text."""
    step: Step | None = None
    try:
        while (step := way_back(wanted, seen := endpoint.look(), serving, began)) is not None:
            _do(endpoint, step, wanted, seen)
    except (ServiceError, ProviderError) as error:
        if isinstance(step, Remove):
            left = f"{step.name} is left there without traffic ({error}): the next `up` removes it, or goes on with it"
            return f"; {_told(seen, wanted, serving)}, and {left}"
        return f"; and what served before could not be put back: {error}. Run `up` again: it looks at what is there"
    return f"; {_told(seen, wanted, serving)}"


def _told(seen: Seen, wanted: Wanted, serving: str | None) -> str:
    shares = ", ".join(f"{name} has {part} %" for name, part in sorted(seen.traffic.items()))
    if wanted.name in seen.traffic and wanted.name != serving:
        return f"there is nothing to go back to: of the traffic {shares}"
    gone = "" if wanted.name in seen.deployments else f", {wanted.name} is removed"
    return f"of the traffic {shares} as before{gone}" if shares else f"nothing serves, as before{gone}"
