"""All virtual devices of the stand-in: one comes to life with each edge-enabled identity of each hub."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from standin.containers.docker_host import DockerHost
from standin.containers.events import ContainerEvent
from standin.core.errors import Unauthorized
from standin.core.faults import Faults
from standin.core.serving.tasks import Tasks
from standin.edgeruntime.agent.device import VirtualDevice
from standin.edgeruntime.agent.module_containers import PLACE_LABEL
from standin.edgeruntime.device_factory import DeviceFactory
from standin.edgeruntime.errors import DeviceUnknown
from standin.edgeruntime.iothub_port import Hub, Hubs

log = logging.getLogger("standin.edge")

Key = tuple[str, str]


class Fleet:
    def __init__(self, hubs: Hubs, factory: DeviceFactory, docker: DockerHost, faults: Faults) -> None:
        self._hubs = hubs
        self._factory = factory
        self._docker = docker
        self._faults = faults
        self._devices: dict[Key, VirtualDevice] = {}
        self._unsubscribe: Callable[[], None] = lambda: None
        self._tasks = Tasks(_tell)
        self._leaving: set[Key] = set()
        self._running = False

    async def start(self) -> None:
        """Without a Docker engine there are no devices; the hub's own surface still works."""
        if self._docker.bridge_address is None:
            log.warning("no Docker engine: edge devices stay off")
            return
        self._unsubscribe = await self._docker.events.subscribe(self._heard, self._wake_all)
        self._running = True
        self._hubs.on_edge_device(self._edge_device)
        self._tasks.begin(self._factory.clear_away(lambda host, device: (host, device) in self._devices))
        self._tasks.begin(self._watch_cuts())

    async def stop(self) -> None:
        self._running = False
        self._unsubscribe()
        await self._tasks.end()
        for device in self._devices.values():
            await device.stop()
        self._devices.clear()

    def device(self, host: str, name: str) -> VirtualDevice:
        device = self._devices.get((host.lower(), name))
        if device is None:
            known = ", ".join(f"{host}/{name}" for host, name in sorted(self._devices)) or "none"
            raise DeviceUnknown(f"There is no edge device {host}/{name}; there are: {known}.")
        return device

    def with_token(self, host: str, name: str, token: str) -> VirtualDevice:
        """The device, if its hub takes the token as the device's own: DeviceUnknown, Unauthorized."""
        device = self.device(host, name)
        hub = self._hubs.get(host)
        if hub is None or not hub.check_token(f"{hub.host}/devices/{name}", token):
            raise Unauthorized(f"The hub {host} does not take the token as that of {name}.")
        return device

    @property
    def busy(self) -> bool:
        """Whether a device is being taken away."""
        return bool(self._leaving)

    def describe(self) -> list[dict[str, Any]]:
        return [device.describe() for _, device in sorted(self._devices.items())]

    async def inventory(self) -> list[str]:
        return [f"{host}/{device}" for host, device in sorted(self._devices)]

    def _edge_device(self, hub: Hub, device: str) -> None:
        """Called for each device there is, and whenever one comes, changes or goes."""
        if not self._running:
            return
        key = (hub.host.lower(), device)
        identity = hub.identity(device)
        there = identity is not None and identity.edge
        if there and key not in self._devices and key not in self._leaving:
            self._devices[key] = self._factory.make(hub, device)
            self._devices[key].start()
        elif not there and key in self._devices:
            self._leaving.add(key)
            self._tasks.begin(self._remove(hub, self._devices.pop(key)))

    async def _remove(self, hub: Hub, device: VirtualDevice) -> None:
        """One of the same name that came meanwhile starts when the old one's things are gone."""
        try:
            await device.remove()
        finally:
            self._leaving.discard((hub.host.lower(), device.names.device))
        self._edge_device(hub, device.names.device)

    async def _watch_cuts(self) -> None:
        while True:
            await self._faults.changed()
            self._wake_all()

    def _heard(self, event: ContainerEvent) -> None:
        for device in self._devices.values():
            if event.labels.get(PLACE_LABEL) == device.names.slug:
                device.wake()

    def _wake_all(self) -> None:
        for device in self._devices.values():
            device.wake()


def _tell(problem: BaseException) -> None:
    log.error("a task of the edge devices failed", exc_info=problem)
