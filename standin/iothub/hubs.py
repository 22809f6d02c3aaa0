"""Every IoT Hub of this stand-in."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from standin.iothub.hub import Hub

if TYPE_CHECKING:
    from standin.core.world import World

EdgeDeviceCallback = Callable[[Hub, str], None]


class Hubs:
    def __init__(self, world: World) -> None:
        self._world = world

    def get(self, host_name: str) -> Hub | None:
        raise NotImplementedError

    def all(self) -> list[Hub]:
        raise NotImplementedError

    def on_edge_device(self, callback: EdgeDeviceCallback) -> None:
        """Calls back with (hub, device id) for each edge device there is, and whenever one appears or goes;
        `hub.identity(device) is None` (or no longer `.edge`) tells that it went."""
        raise NotImplementedError
