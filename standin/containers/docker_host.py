"""The one connection to the Docker engine. Its SDK blocks and the event loop must not: calls run in a few threads.

https://docker-py.readthedocs.io/
"""

from __future__ import annotations

import asyncio
import ipaddress
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from docker.errors import APIError, DockerException, NotFound

from standin.containers.errors import DockerAbsent, EngineRefused, NotInEngine
from standin.containers.events import ContainerEvents

if TYPE_CHECKING:
    from docker import DockerClient

T = TypeVar("T")

LABEL = "edgeway.standin"
KIND_LABEL = "edgeway.kind"
_THREADS = 8


class DockerHost:
    def __init__(self, instance: str) -> None:
        self.instance = instance
        self.prefix = f"edgeway-{instance[:6]}-"
        """Start of the name of every container, network and volume of this stand-in."""
        self.own_label = f"{LABEL}={instance}"
        """On everything that this stand-in makes; as Docker's filters take it."""
        self.events = ContainerEvents(self._connected, self.own_label)
        self.bridge_address: str | None = None
        """Gateway of the network `bridge`: where containers meet `host.docker.internal`. None without an engine."""
        self._pool = ThreadPoolExecutor(max_workers=_THREADS, thread_name_prefix="docker")
        self._client: DockerClient | None = None
        self._connecting = threading.Lock()

    def labels(self, kind: str | None = None, **more: str) -> dict[str, str]:
        """Labels of what this stand-in makes; `make clean` and `/_standin/resources` find things by them."""
        own = {LABEL: self.instance}
        if kind:
            own[KIND_LABEL] = kind
        return {**own, **{f"edgeway.{name}": value for name, value in more.items()}}

    async def run(self, call: Callable[[DockerClient], T]) -> T:
        """Runs a blocking piece of docker SDK code in a thread.

        Raises DockerAbsent when no engine answers, NotInEngine for an unknown name, else EngineRefused.
        """
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._translated, call)

    async def discover(self) -> None:
        """Learns the bridge's address; without an engine it stays None and only what needs containers fails."""
        try:
            self.bridge_address = await self.run(bridge_gateway)
        except DockerAbsent:
            self.bridge_address = None

    async def inventory(self) -> list[str]:
        """What this stand-in has in the engine: "container <name>", "network <name>", "volume <name>"."""
        try:
            return await self.run(lambda client: list(_named(client, self.own_label)))
        except DockerAbsent:
            return []

    async def close(self) -> None:
        await self.events.close()
        self._pool.shutdown(wait=True, cancel_futures=True)
        if self._client is not None:
            self._client.close()

    def _translated(self, call: Callable[[DockerClient], T]) -> T:
        try:
            return call(self._connected())
        except NotFound as problem:
            raise NotInEngine(problem.explanation or str(problem)) from problem
        except APIError as problem:
            raise EngineRefused(problem.explanation or str(problem)) from problem
        except DockerException as problem:
            raise EngineRefused(str(problem)) from problem

    def _connected(self) -> DockerClient:
        """From any thread."""
        import docker

        with self._connecting:
            if self._client is None:
                try:
                    client = docker.from_env(timeout=120)
                    client.ping()
                except DockerException as error:
                    raise DockerAbsent(
                        f"The Docker engine does not answer ({error}). Start it: `make doctor`."
                    ) from error
                self._client = client
            return self._client


def bridge_gateway(client: DockerClient) -> str | None:
    """Docker 20.10 names only the subnet of `bridge` while it is as installed; the gateway is its first address."""
    for entry in client.networks.get("bridge").attrs["IPAM"]["Config"] or []:
        subnet = ipaddress.ip_network(entry["Subnet"])
        if subnet.version == 4:
            return str(entry.get("Gateway") or subnet[1])
    return None


def _named(client: DockerClient, label: str) -> Iterator[str]:
    filters: dict[str, str | list[str] | bool] = {"label": label}
    containers = client.containers.list(all=True, filters=filters, ignore_removed=True)
    yield from (f"container {container.name}" for container in containers)
    yield from (f"network {network.name}" for network in client.networks.list(filters=filters))
    yield from (f"volume {volume.name}" for volume in client.volumes.list(filters=filters))
