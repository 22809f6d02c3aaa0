"""Which modules of a device are connected to its hub, and that the hub itself is connected to the cloud."""

from __future__ import annotations

from standin.edgeruntime.hub.upstream.frames import Frame
from standin.edgeruntime.iothub_port import EDGE_HUB_MODULE, Hub


class Presence:
    def __init__(self, hub: Hub, device: str) -> None:
        self._hub = hub
        self._device = device
        self._modules: set[str] = set()

    def began(self) -> None:
        self._hub.connection(self._device, EDGE_HUB_MODULE, True)

    def clients(self, frame: Frame) -> None:
        self._connected(set(frame["connected"]))

    def ended(self) -> None:
        """The hub is gone, and with it all of its modules."""
        self._connected(set())
        if self._hub.identity(self._device, EDGE_HUB_MODULE):
            self._hub.connection(self._device, EDGE_HUB_MODULE, False)

    def _connected(self, modules: set[str]) -> None:
        for module in modules ^ self._modules:
            if self._hub.identity(self._device, module):
                self._hub.connection(self._device, module, module in modules)
        self._modules = modules
