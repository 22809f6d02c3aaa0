"""Makes virtual devices, and clears away what one left behind on this machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from standin.containers.docker_host import DockerHost
from standin.core.certificates import Authority
from standin.core.clock import Clock
from standin.core.faults import Faults
from standin.core.store import Store
from standin.edgeruntime.agent.device import VirtualDevice, remove_device
from standin.edgeruntime.agent.device_names import DeviceNames, slug_of
from standin.edgeruntime.agent.memory import DEVICE, Memory
from standin.edgeruntime.agent.reconciler import Reconciler
from standin.edgeruntime.iothub_port import Hub
from standin.edgeruntime.links.links import Links


class DeviceFactory:
    """Devices reach the cloud at `cloud_port` of the Docker host; each has its files below `folder`."""

    def __init__(
        self,
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
        self._links = links
        self._docker = docker
        self._store = store
        self._clock = clock
        self._authority = authority
        self._faults = faults
        self._cloud_port = cloud_port
        self._folder = folder

    def make(self, hub: Hub, device: str) -> VirtualDevice:
        """With the names and the memory that it had before, if it is known."""
        names = self._names_of(hub.host, device)
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

    async def clear_away(self, exists: Callable[[str, str], bool]) -> None:
        """Takes away each known device, by (hub's host name in lower case, device), that does not exist any more."""
        for host, device, slug in self._known():
            if not exists(host, device):
                await remove_device(self._docker, self._named(host, device, slug))
                Memory(self._store, host, device).forget()

    def _known(self) -> Iterator[tuple[str, str, str]]:
        for key, value in self._store.list(DEVICE):
            host, _, device = key.partition("/")
            if slug := value.get("slug"):
                yield host, device, slug

    def _names_of(self, host: str, device: str) -> DeviceNames:
        slugs = {(owner, name): slug for owner, name, slug in self._known()}
        slug = slugs.pop((host.lower(), device), None) or slug_of(host, device, taken=device in slugs.values())
        return self._named(host, device, slug)

    def _named(self, host: str, device: str, slug: str) -> DeviceNames:
        return DeviceNames(host=host, device=device, slug=slug, prefix=self._docker.prefix, folder=self._folder / slug)
