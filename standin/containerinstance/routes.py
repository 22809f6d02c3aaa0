"""Container groups as a service: no routes of its own (ARM has them), only something that runs beside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from standin.containerinstance.watch import Watch
from standin.core.errors import ServiceError
from standin.core.http import Response, Route, WebSocketHandler, json_response


class ContainerInstanceService:
    hosts: Sequence[str] = ()
    routes: Sequence[Route] = ()
    websockets: Mapping[str, WebSocketHandler] = {}

    def __init__(self, watch: Watch) -> None:
        self._watch = watch

    def error(self, problem: ServiceError) -> Response:
        body = {"error": {"code": problem.code, "message": problem.message}}
        return json_response(body, problem.status, problem.headers)

    async def start(self) -> None:
        await self._watch.start()

    async def stop(self) -> None:
        await self._watch.stop()
