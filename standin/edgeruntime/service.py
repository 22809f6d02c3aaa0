"""The edge runtime has no host of its own, only a life: its devices'."""

from __future__ import annotations

from standin.core.http import Service
from standin.edgeruntime.fleet import Fleet


class EdgeRuntimeService(Service):
    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet

    async def start(self) -> None:
        await self._fleet.start()

    async def stop(self) -> None:
        await self._fleet.stop()
