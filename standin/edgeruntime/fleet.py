"""All virtual devices of the stand-in: one comes to life with each edge-enabled identity of each hub."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

from standin.containers.docker_host import DockerHost
from standin.containers.events import ContainerEvent
from standin.core.certificates import Authority
from standin.core.clock import Clock
from standin.core.faults import Faults
from standin.core.store import Store
from standin.edgeruntime.agent.device import VirtualDevice, remove_device
from standin.edgeruntime.agent.device_names import DeviceNames, slug_of
from standin.edgeruntime.agent.memory import DEVICE, Memory
from standin.edgeruntime.agent.module_containers import PLACE_LABEL
from standin.edgeruntime.agent.reconciler import Reconciler
from standin.edgeruntime.errors import DeviceUnknown
from standin.edgeruntime.iothub_port import Hub, Hubs
from standin.edgeruntime.links.links import Links

log = logging.getLogger("standin.edge")

Key = tuple[str, str]


class Fleet:
    def __init__(
        self,
        hubs: Hubs,
        links: Links,
        *,
        docker: DockerHost,
        store: Store,
        clock: Clock,
        authority: Authority,
        faults: Faults,
        cloud_port: int,
        folder: Path,
    ) -> None:
        """Devices reach the cloud at `cloud_port` of the Docker host; each has its files below `folder`."""
        self._hubs = hubs
        self._links = links
        self._docker = docker
        self._store = store
        self._clock = clock
        self._authority = authority
        self._faults = faults
        self._cloud_port = cloud_port
        self._folder = folder
        self._devices: dict[Key, VirtualDevice] = {}
        self._unsubscribe: Callable[[], None] = lambda: None
        self._tasks: set[asyncio.Task[None]] = set()
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
        self._spawn(self._sweep())
        self._spawn(self._watch_cuts())

    async def stop(self) -> None:
        self._running = False
        self._unsubscribe()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for device in self._devices.values():
            await device.stop()
        self._devices.clear()

    def device(self, host: str, device: str) -> VirtualDevice:
        known_device = self._devices.get((host.lower(), device))
        if known_device is None:
            known = ", ".join(f"{host}/{name}" for host, name in sorted(self._devices)) or "none"
            raise DeviceUnknown(f"There is no edge device {host}/{device}; there are: {known}.")
        return known_device

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
            self._devices[key] = self._make(hub, self._names_of(hub.host, device))
            self._devices[key].start()
        elif not there and key in self._devices:
            self._leaving.add(key)
            self._spawn(self._remove(hub, self._devices.pop(key)))

    async def _remove(self, hub: Hub, device: VirtualDevice) -> None:
        """One of the same name that came meanwhile starts when the old one's things are gone."""
        try:
            await device.remove()
        finally:
            self._leaving.discard((hub.host.lower(), device.names.device))
        self._edge_device(hub, device.names.device)

    def _make(self, hub: Hub, names: DeviceNames) -> VirtualDevice:
        memory = Memory(self._store, names.host, names.device)
        reconciler = Reconciler(
            hub,
            names,
            docker=self._docker,
            authority=self._authority,
            clock=self._clock,
            memory=memory,
            cloud_port=self._cloud_port,
        )
        return VirtualDevice(
            hub,
            names,
            self._links,
            memory=memory,
            reconciler=reconciler,
            docker=self._docker,
            clock=self._clock,
            faults=self._faults,
        )

    def _names_of(self, host: str, device: str) -> DeviceNames:
        own = f"{host.lower()}/{device}"
        slugs = {key: value.get("slug") for key, value in self._store.list(DEVICE)}
        slug = slugs.pop(own, None) or slug_of(host, device, taken=device in slugs.values())
        return self._named(host, device, slug)

    def _named(self, host: str, device: str, slug: str) -> DeviceNames:
        return DeviceNames(host=host, device=device, slug=slug, prefix=self._docker.prefix, folder=self._folder / slug)

    async def _sweep(self) -> None:
        """Devices whose identity went while the stand-in was down."""
        for key, value in self._store.list(DEVICE):
            host, _, device = key.partition("/")
            if (host, device) not in self._devices and value.get("slug"):
                await remove_device(self._docker, self._named(host, device, value["slug"]))
                Memory(self._store, host, device).forget()

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

    def _spawn(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception():
            log.error("a task of the edge devices failed", exc_info=task.exception())
