"""The token service and the registries' processes.

It is served on loopback in plain HTTP: Docker speaks HTTP to loopback registries.
"""

from __future__ import annotations

from collections.abc import Sequence

from standin.containerregistry.errors import envelope
from standin.containerregistry.processes import RegistryProcesses
from standin.core.errors import ServiceError
from standin.core.http import Response, Route, Service


class RegistryService(Service):
    hosts = ("127.0.0.1",)
    throttles = False
    """Docker does not come again after a 429 of a token service."""

    def __init__(self, routes: Sequence[Route], processes: RegistryProcesses) -> None:
        self.routes = routes
        self._processes = processes

    def error(self, problem: ServiceError) -> Response:
        return envelope(problem)

    async def start(self) -> None:
        await self._processes.start()

    async def stop(self) -> None:
        await self._processes.stop()
