"""Which devices are connected, and who may be."""

from __future__ import annotations

import logging

from standin.core.faults import Faults
from standin.core.http import WebSocket
from standin.edgeruntime.iothub_port import EDGE_HUB_MODULE, Hub, Hubs
from standin.edgeruntime.links.appended import AppendedMessages
from standin.edgeruntime.links.link import Link

REFUSED = 1008

log = logging.getLogger("standin.edge")

Key = tuple[str, str]


class Links:
    """Every connected device, by (hub host, device)."""

    def __init__(self, hubs: Hubs, faults: Faults) -> None:
        self._hubs = hubs
        self._faults = faults
        self._links: dict[Key, Link] = {}
        self._appended = AppendedMessages()

    async def serve(self, socket: WebSocket) -> None:
        """`/_standin/edge/{device}` on the host name of the device's hub."""
        device = socket.parameters["device"]
        hub = self._hubs.get(socket.host)
        if hub is None or not self._admitted(hub, device, socket.headers.get("authorization", "")):
            log.warning("%s/%s: the device's hub is refused", socket.host, device)
            await socket.close(REFUSED)
            return
        await socket.accept()
        await self.close(hub.host, device)
        link = self._links[hub.host.lower(), device] = Link(hub, device, socket, self._appended)
        try:
            await link.run(self._faults)
        finally:
            if self._links.get((hub.host.lower(), device)) is link:
                del self._links[hub.host.lower(), device]

    def connected(self, host: str, device: str) -> bool:
        return (host.lower(), device) in self._links

    async def close(self, host: str, device: str) -> None:
        """The device lost its power, or is gone."""
        link = self._links.pop((host.lower(), device), None)
        if link:
            await link.close()

    def _admitted(self, hub: Hub, device: str, token: str) -> bool:
        resource = f"{hub.host}/devices/{device}/modules/{EDGE_HUB_MODULE}"
        return not self._faults.is_cut(device) and hub.check_token(resource, token)
