"""What Docker refuses a module because the device lacks it: the agent tries again, and no try can change that."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from cli.rollout.mailbox import Clock
from cli.rollout.standing import Standing, State, has_got_it
from cli.rollout.wanted import Layer
from cloud.arrival import Arrival, ModuleArrival

TRIES_SECONDS = 75.0
"""By then the agent has tried three times: at once, and 20 and 60 s later. A disk may be mounted meanwhile.
https://github.com/Azure/iotedge/blob/main/edge-agent/src/Microsoft.Azure.Devices.Edge.Agent.Core/planrunners/OrdererdRetryPlanRunner.cs"""
_LACKED = re.compile(
    "bind source path does not exist|could not select device driver|error gathering device information"
    "|unknown or invalid runtime name",
    re.IGNORECASE,
)
"""A folder or file of a mount, a GPU, a device, a runtime. What else Docker or a registry refuses may heal: an image
that is large, a role that is on its way, a port that another container still has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Refusal:
    module: ModuleArrival | None
    words: str


class Refusals:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._since: dict[str, tuple[int | None, float]] = {}
        """Device -> the version that is desired, and when it was refused first."""
        self._stuck: dict[str, Standing] = {}

    def judged(self, device: str, arrival: Arrival, layers: Sequence[Layer], standing: Standing) -> Standing:
        """Stuck where the same version was refused for all tries, and is now. Between two tries the agent may report no
        reason: no time to judge, and no sign that it heals."""
        if arrival.is_carried_out or not has_got_it(arrival, layers):
            self._since.pop(device, None)
            self._stuck.pop(device, None)
            return standing
        refusal = _refusal(arrival)
        if standing.state is State.WAITING and refusal is not None and self._is_for_good(device, arrival):
            says = f"cannot: {refusal.words}"
            self._stuck[device] = replace(standing, state=State.STUCK, says=says, module=refusal.module)
        return self._stuck.get(device, standing)

    def _is_for_good(self, device: str, arrival: Arrival) -> bool:
        now = self._clock.monotonic()
        version, since = self._since.get(device, (None, now))
        if version != arrival.desired_version:
            self._since[device] = arrival.desired_version, now
            self._stuck.pop(device, None)
            return False
        return now - since >= TRIES_SECONDS


def _refusal(arrival: Arrival) -> _Refusal | None:
    """In a module's own description, or in the agent's for the deployment, which names the module: one that was never
    made is not reported."""
    amiss = [module for module in arrival.modules if not module.has_arrived]
    own = next((module for module in amiss if _LACKED.search(module.description)), None)
    if own is not None:
        return _Refusal(module=own, words=own.lack or own.description)
    if not _LACKED.search(arrival.description):
        return None
    named = next((module for module in amiss if re.search(rf"\b{re.escape(module.name)}\b", arrival.description)), None)
    return _Refusal(module=named, words=f"the agent reports {arrival.code} {arrival.description}")
