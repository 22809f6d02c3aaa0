"""The life of machines beside the stand-in's."""

from __future__ import annotations

from standin.core.http import Service
from standin.machines.running.docker_machines import DockerMachines


class MachinesService(Service):
    def __init__(self, machines: DockerMachines) -> None:
        self._machines = machines

    async def start(self) -> None:
        await self._machines.begin()

    async def stop(self) -> None:
        await self._machines.end()
