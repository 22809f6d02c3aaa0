"""How a device stands towards what its layers want, as a pure function of its agent's twin and of what was heard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from cli.rollout.drops import Drops
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
    NEW = "new"
    """Not attached yet: it never connected."""
    AWAY = "away"
    """Not connected: it gets what is wanted when it connects."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    state: State
    says: str
    """What is waited for, or how it ended, in a few words."""
    module: ModuleArrival | None = None
    """The one that is not as wanted."""
    silent: tuple[tuple[Layer, str], ...] = ()
    """Layers and versions of their models of which no message has come."""


Heard = Mapping[tuple[str | None, str], datetime]
"""Module and version of the model -> when the hub got the newest message that they scored."""


def of_device(
    arrival: Arrival, layers: Sequence[Layer], heard: Heard, since: datetime, drops: Mapping[str, Drops]
) -> Standing:
    """`since` is the moment from which the device runs what it runs: a message from before it says nothing. `drops` is
    by module, of those that drop messages now."""
    lacks = [arrival.lack(layer.configuration, layer.modules) for layer in layers]
    lack = next(filter(None, [*lacks, *(module.lack for module in arrival.modules)]), None)
    if lack is not None and has_got_it(arrival, layers):
        return _down_or_late(arrival, lack)
    if lack is not None:
        return Standing(state=State.WAITING, says=f"waits: {lack}")
    wanted = [(layer, version) for layer in layers for version in layer.models]
    silent = tuple((layer, version) for layer, version in wanted if not _is_heard(layer, version, heard, since))
    dropping = "; ".join(f"{module} drops messages: {found.last_reason}" for module, found in sorted(drops.items()))
    if silent:
        says = f"runs what is wanted; waits for a message that {_named(silent, ' and ')} scored"
        return Standing(state=State.WAITING, says="; ".join(filter(None, [says, dropping])), silent=silent)
    if dropping:
        return Standing(state=State.WAITING, says=f"waits: {dropping}")
    sent = f", and sent what {_named(wanted, ', ')} scored" if wanted else ""
    return Standing(state=State.RIGHT, says=f"as wanted{sent}")


def _is_heard(layer: Layer, version: str, heard: Heard, since: datetime) -> bool:
    return any(moment > since for (module, of), moment in heard.items() if of == version and layer.is_voice(module))


def _named(wanted: Sequence[tuple[Layer, str]], between: str) -> str:
    """A model of several layers is named with its layer."""
    versions = [version for _, version in wanted]
    return between.join(
        f"{layer.models[version]} {version}" + (f" of layer {layer.name}" if versions.count(version) > 1 else "")
        for layer, version in wanted
    )


def has_got_it(arrival: Arrival, layers: Sequence[Layer]) -> bool:
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
