"""Devices whose machine is a virtual one: its daemon powers them, with the device's key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from standin.edgeruntime.agent.plan import Observed
from standin.edgeruntime.errors import DeviceUnknown
from standin.edgeruntime.fleet import Fleet

_AGENT = "edgeAgent"
_STATUS = {"running": "running", "restarting": "running", "paused": "stopped", "created": "stopped", "dead": "failed"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """As `iotedge list` shows a module."""

    name: str
    status: str
    image: str
    id: str
    description: str


class HostedDevices:
    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet

    async def power_on(self, hub: str, device: str, token: str) -> None:
        """Modules that ran on are started anew, as aziot-edged does. DeviceUnknown, Unauthorized."""
        found = self._fleet.with_token(hub, device, token)
        await found.power(False, orderly=True)
        await found.power(True)

    async def power_off(self, hub: str, device: str, *, orderly: bool) -> None:
        """One that is gone is off."""
        try:
            found = self._fleet.device(hub, device)
        except DeviceUnknown:
            return
        await found.power(False, orderly=orderly)

    async def modules(self, hub: str, device: str) -> Sequence[Listed]:
        """Without the agent's own while the device is off: then it runs none."""
        try:
            found = self._fleet.device(hub, device)
        except DeviceUnknown:
            return []
        agent = [Listed(name=_AGENT, status="running", image="", id="", description="Up")] if found.powered else []
        return [*agent, *(_listed(one) for one in await found.modules())]


def _listed(module: Observed) -> Listed:
    ended = "stopped" if module.exit_code == 0 else "failed"
    status = _STATUS.get(module.state, ended)
    description = {"running": "Up", "stopped": "Stopped"}.get(status, f"Failed ({module.exit_code})")
    return Listed(name=module.name, status=status, image=module.made_of, id=module.id, description=description)
