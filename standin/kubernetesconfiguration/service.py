"""No address of its own: the routers answer at those of online endpoints."""

from __future__ import annotations

from standin.core.http import Service
from standin.kubernetesconfiguration.state import Routers


class RouterService(Service):
    def __init__(self, routers: Routers) -> None:
        self._routers = routers

    async def start(self) -> None:
        await self._routers.load()

    async def stop(self) -> None:
        await self._routers.stop()
