"""How a device stands towards what its layers want, as a pure function of its agent's twin and of what was heard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from cli.rollout.wanted import Layer
from cloud.arrival import Arrival, ModuleArrival

CRASHES = 3
"""A module that is down again after so many restarts is not waited for: the agent's next try comes 80 s later, and
later each time. One or two are common while a device's hub comes up."""
_REFUSED = (400, 412)
"""The agent's codes for a deployment, or its schema, that it cannot read: no waiting cures that.
https://github.com/Azure/iotedge/blob/main/doc/reported_states_during_deployment.md"""


class State(Enum):
    RIGHT = "right"
    WAITING = "waiting"
    STUCK = "stuck"
    """It cannot become right by itself."""
    AWAY = "away"
    """Not connected: it gets what is wanted when it connects."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    state: State
    says: str
    """What is waited for, or how it ended, in a few words."""
    module: ModuleArrival | None = None
    """The one that is not as wanted."""
    silent: tuple[str, ...] = ()
    """Versions of models of which no message has come."""


def of_device(arrival: Arrival, layers: Sequence[Layer], heard: Mapping[str, datetime], since: datetime) -> Standing:
    """`heard` has the enqueued time of the newest scored message by the model's version; `since` is the moment from
    which the device runs what it runs: a message from before it says nothing."""
    lacks = [arrival.lack(layer.configuration, layer.modules) for layer in layers]
    lack = next(filter(None, [*lacks, *(module.lack for module in arrival.modules)]), None)
    if lack is not None and _has_got_it(arrival, layers):
        return _down_or_late(arrival, lack)
    if lack is not None:
        return Standing(state=State.WAITING, says=f"waits: {lack}")
    models = {version: model for layer in layers for version, model in layer.models.items()}
    silent = tuple(version for version in models if version not in heard or heard[version] <= since)
    if silent:
        wanted = " and ".join(f"{models[version]} {version}" for version in silent)
        says = f"runs what is wanted; waits for a message that {wanted} scored"
        return Standing(state=State.WAITING, says=says, silent=silent)
    scored = ", ".join(f"{model} {version}" for version, model in models.items())
    return Standing(state=State.RIGHT, says="as wanted" + (f", and sent what {scored} scored" if scored else ""))


def _has_got_it(arrival: Arrival, layers: Sequence[Layer]) -> bool:
    """Until then, what is down may be what the layers are about to replace."""
    applied = (name in arrival.applied for name in (layer.configuration for layer in layers if layer.modules))
    return all(applied) and arrival.has_seen_desired


def _down_or_late(arrival: Arrival, lack: str) -> Standing:
    if arrival.code in _REFUSED:
        return Standing(state=State.STUCK, says=f"the agent refuses it: {arrival.code} {arrival.description}".rstrip())
    amiss = [module for module in arrival.modules if module.lack]
    given_up = next((module for module in amiss if _is_given_up(module)), None)
    if given_up is not None:
        return Standing(state=State.STUCK, says=_down(given_up), module=given_up)
    return Standing(state=State.WAITING, says=f"waits: {lack}", module=next(iter(amiss), None))


def _is_given_up(module: ModuleArrival) -> bool:
    """Of the wanted image: what is still the old one may be down for the change."""
    if module.image != module.wanted_image:
        return False
    return module.status == "failed" or (module.status == "backoff" and module.restarts >= CRASHES)


def _down(module: ModuleArrival) -> str:
    restarts = f", {module.restarts} restarts" if module.restarts else ""
    return f"cannot: {module.lack}; exit code {module.exit_code}{restarts}"
