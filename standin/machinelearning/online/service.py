"""<endpoint>.<region>.inference.ml.azure.com, and the names of routers in clusters."""

from __future__ import annotations

from standin.core.errors import ServiceError
from standin.core.http import Response, Route, Service
from standin.core.obeys import EVERYTHING
from standin.machinelearning.online.door import Door
from standin.machinelearning.online.hosts import Hosts
from standin.machinelearning.online.names import DOMAIN
from standin.machinelearning.online.running.keeper import Keeper
from standin.machinelearning.online.running.replicas import Replicas


class ScoringService(Service):
    throttles = False

    def __init__(self, door: Door, hosts: Hosts, replicas: Replicas, keeper: Keeper, names: list[str]) -> None:
        """`names`: at which the routers of clusters answer, which are more or fewer from time to time."""
        names.insert(0, DOMAIN)
        self.hosts = names
        self._keeper = keeper
        self._door = door
        self._hosts = hosts
        self._replicas = replicas
        # what a request asks for is the model's to obey
        self.routes = (Route("*", "/{path:path}", door.answer, obeys=EVERYTHING),)

    def error(self, problem: ServiceError) -> Response:
        """Plain text, as this door answers it."""
        text = {"content-type": "text/plain", **problem.headers}
        return Response(status=problem.status, body=problem.message.encode(), headers=text)

    async def start(self) -> None:
        self._hosts.load()
        await self._replicas.begin()
        self._keeper.start()

    async def stop(self) -> None:
        await self._keeper.stop()
        await self._door.close()
        await self._replicas.close()
