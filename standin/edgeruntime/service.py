"""The edge runtime as a service of the stand-in: no host of its own, but the control surface and a life."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from standin.core.errors import ServiceError
from standin.core.http import Response, Route, WebSocketHandler, json_response
from standin.core.world import World
from standin.edgeruntime import routes
from standin.edgeruntime.fleet import Fleet
from standin.edgeruntime.handlers import Handlers
from standin.edgeruntime.iothub_port import Hubs
from standin.edgeruntime.links.links import Links


class EdgeRuntime:
    hosts: Sequence[str] = ()
    routes: Sequence[Route] = ()
    websockets: Mapping[str, WebSocketHandler] = {}

    def __init__(self, world: World, hubs: Hubs) -> None:
        self.links = Links(hubs, world.faults)
        self.fleet = Fleet(world, hubs, self.links)
        routes.register(world.control, Handlers(self.fleet, world.faults), self.links)
        world.control.inventory("edgeDevices", self.fleet.inventory)

    def error(self, problem: ServiceError) -> Response:
        return json_response({"error": {"code": problem.code, "message": problem.message}}, problem.status)

    async def start(self) -> None:
        await self.fleet.start()

    async def stop(self) -> None:
        await self.fleet.stop()
