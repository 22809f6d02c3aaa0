"""The Docker engine, reached through a few threads: its SDK blocks and the event loop must not.

https://docker-py.readthedocs.io/
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from standin.core.errors import ServiceError

if TYPE_CHECKING:
    from docker import DockerClient

T = TypeVar("T")

LABEL = "edgeway.standin"
KIND_LABEL = "edgeway.kind"
_THREADS = 8


class DockerAbsent(ServiceError):
    status = 500
    code = "InternalServerError"


class DockerHost:
    def __init__(self, instance: str) -> None:
        self.instance = instance
        self.prefix = f"edgeway-{instance[:6]}-"
        """Start of the name of every container, network and volume of this stand-in."""
        self._pool = ThreadPoolExecutor(max_workers=_THREADS, thread_name_prefix="docker")
        self._client: DockerClient | None = None
        self.bridge_address: str | None = None
        """Gateway of the network `bridge`: where containers meet `host.docker.internal`. None without an engine."""

    def labels(self, kind: str | None = None, **more: str) -> dict[str, str]:
        """Labels of what this stand-in makes; `make clean` and `/_standin/resources` find things by them."""
        own = {LABEL: self.instance}
        if kind:
            own[KIND_LABEL] = kind
        return {**own, **{f"edgeway.{name}": value for name, value in more.items()}}

    async def run(self, call: Callable[[DockerClient], T]) -> T:
        """Runs a blocking piece of docker SDK code in a thread. DockerAbsent when no engine answers."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, lambda: call(self._connected()))

    async def discover(self) -> None:
        """Learns the bridge's address; without an engine it stays None and only what needs containers fails."""
        try:
            self.bridge_address = await self.run(_bridge_gateway)
        except DockerAbsent:
            self.bridge_address = None

    async def close(self) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)
        if self._client is not None:
            self._client.close()

    def _connected(self) -> DockerClient:
        if self._client is None:
            import docker
            from docker.errors import DockerException

            try:
                client = docker.from_env(timeout=120)
                client.ping()
            except DockerException as error:
                raise DockerAbsent(f"The Docker engine does not answer ({error}). Start it: `make doctor`.") from error
            self._client = client
        return self._client


def _bridge_gateway(client: DockerClient) -> str | None:
    """Docker 20.10 names only the subnet of `bridge` while it is as installed; the gateway is its first address."""
    for entry in client.networks.get("bridge").attrs["IPAM"]["Config"] or []:
        subnet = ipaddress.ip_network(entry["Subnet"])
        if subnet.version == 4:
            return str(entry.get("Gateway") or subnet[1])
    return None
