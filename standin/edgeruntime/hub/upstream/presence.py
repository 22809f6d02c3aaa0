"""Which modules are connected, for the cloud.

From the device:
  clients   connected: [module]     with each connection, and whenever it changes
"""

from __future__ import annotations

from collections.abc import Sequence

from standin.edgeruntime.hub.upstream.link import Link
from standin.edgeruntime.hub.upstream.operation import Operation


class Presence(Operation):
    def __init__(self, link: Link) -> None:
        self._link = link
        self._connected: list[str] = []

    def connected(self) -> None:
        self._link.send({"type": "clients", "connected": self._connected})

    def changed(self, connected: Sequence[str]) -> None:
        self._connected = list(connected)
        self.connected()
