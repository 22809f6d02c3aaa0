"""Container groups have no data plane of their own, only something that runs beside."""

from __future__ import annotations

from standin.containerinstance.watch import Watch
from standin.core.http import Service


class ContainerInstanceService(Service):
    def __init__(self, watch: Watch) -> None:
        self._watch = watch

    async def start(self) -> None:
        await self._watch.start()

    async def stop(self) -> None:
        await self._watch.stop()
