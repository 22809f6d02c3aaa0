"""Composition of the stand-in: parts are built and handed to each other here, nothing is decided."""

from __future__ import annotations

import hashlib
import socket
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from standin import blob, containerinstance, containerregistry, edgeruntime, iothub, keyvault, machinelearning
from standin.core.arm import ResourceKind
from standin.core.arm.authorization import RoleAssignment
from standin.core.arm.groups import ResourceGroup
from standin.core.arm.remembered import kinds as remembered_kinds
from standin.core.arm.service import ArmService
from standin.core.auth import Directory, Roles
from standin.core.certificates import Authority
from standin.core.clock import Clock
from standin.core.control import Control
from standin.core.docker import DockerHost
from standin.core.entra import EntraService
from standin.core.environment import write_files
from standin.core.faults import Faults
from standin.core.http import Service
from standin.core.profile import FAST, Profile
from standin.core.serving.listeners import Listener, bind, is_local
from standin.core.serving.proxy import Proxy
from standin.core.serving.server import Application
from standin.core.store import Store
from standin.core.surface import ControlService
from standin.core.world import Ports, World

KINDS: Mapping[str, Callable[[World], list[ResourceKind]]] = {
    "blob": blob.kinds,
    "containerregistry": containerregistry.kinds,
    "containerinstance": containerinstance.kinds,
    "keyvault": keyvault.kinds,
    "machinelearning": machinelearning.kinds,
    "iothub": iothub.kinds,
}
BUILDS: Mapping[str, Callable[[World], Service]] = {
    "blob": blob.build,
    "containerregistry": containerregistry.build,
    "containerinstance": containerinstance.build,
    "keyvault": keyvault.build,
    "machinelearning": machinelearning.build,
    "iothub": iothub.build,
    "edgeruntime": edgeruntime.build,
}
SERVICES = tuple(BUILDS)
"""In the order in which they start; they stop the other way round."""


def instance_of(state: Path) -> str:
    return hashlib.sha256(str(state.resolve()).encode()).hexdigest()[:12]


def default_port_base(state: Path) -> int:
    return 20000 + 20 * (
        int(hashlib.sha256(str(state.resolve()).encode()).hexdigest()[:8], 16) % 600
    )  # below the ports that the system lends to clients


def make_world(state: Path, *, profile: Profile = FAST, port_base: int | None = None) -> World:
    """The parts without sockets or services: what a service's unit test needs."""
    state = state.resolve()
    state.mkdir(parents=True, exist_ok=True, mode=0o700)
    store = Store(state / "standin.db")
    clock = Clock(store)
    instance = instance_of(state)
    world = World(
        state=state,
        store=store,
        clock=clock,
        profile=profile,
        authority=Authority(state),
        ports=Ports(default_port_base(state) if port_base is None else port_base),
        instance=instance,
        docker=DockerHost(instance),
        directory=Directory(store, clock),
        roles=Roles(store, clock, profile),
        faults=Faults(),
        control=Control(),
    )
    for kind in (ResourceGroup(), RoleAssignment(), *remembered_kinds()):
        world.arm.register(kind)
    return world


class Standin:
    def __init__(self, world: World, *, services: Sequence[str] = SERVICES) -> None:
        self.world = world
        for name in services:
            for kind in KINDS[name](world) if name in KINDS else ():
                world.arm.register(kind)
        arm = ArmService(world.arm)
        self.services: list[Service] = [EntraService(world), *(BUILDS[name](world) for name in services), arm]
        self._application = Application(world, self.services, ControlService(world, arm))
        self._tls = Listener(self._application, world.authority)
        self._plain = Listener(self._application)
        self._proxy = Proxy(world.ports.tls, world.tunnels)
        self._started: list[Service] = []

    async def start(self, *, docker: bool = True) -> None:
        """Takes the ports (PortTaken before anything else), starts the services, then answers.

        What connects meanwhile waits in the sockets' backlog, so whoever gets an answer finds all services running.
        """
        if docker:
            await self.world.docker.discover()
        proxy, tls, plain = self._bind()
        for service in self.services:
            self._started.append(service)
            await service.start()
        write_files(self.world)
        await self._tls.start(tls)
        await self._plain.start(plain)
        await self._proxy.start(proxy)

    async def stop(self) -> None:
        for service in reversed(self._started):
            await service.stop()
        await self._proxy.stop()
        await self._tls.stop()
        await self._plain.stop()
        await self.world.docker.close()
        self.world.store.close()

    def _bind(self) -> tuple[list[socket.socket], list[socket.socket], list[socket.socket]]:
        ports, bridge = self.world.ports, self.world.docker.bridge_address
        proxy = [bind("127.0.0.1", ports.proxy, "the CONNECT proxy")]
        tls = [bind("127.0.0.1", ports.tls, "the TLS server")]
        plain = [bind("127.0.0.1", ports.plain, "the control surface")]
        if bridge and is_local(bridge):
            proxy.append(bind(bridge, ports.proxy, "the CONNECT proxy of containers"))
            tls.append(bind(bridge, ports.tls, "the TLS server of containers"))
        return proxy, tls, plain
