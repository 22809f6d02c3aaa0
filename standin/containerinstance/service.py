"""Container groups have no data plane of their own, only something that runs beside."""

from __future__ import annotations

from standin.containerinstance.state import ContainerGroups
from standin.core.http import Service


class ContainerInstanceService(Service):
    def __init__(self, groups: ContainerGroups) -> None:
        self._groups = groups

    async def start(self) -> None:
        await self._groups.begin()

    async def stop(self) -> None:
        await self._groups.close()
