"""The hosts of IoT Hub: `<hub>.azure-devices.net` over REST, its Event Hub-compatible endpoint over a WebSocket."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from standin.core.auth import Roles
from standin.core.errors import ServiceError
from standin.core.http import Handler, Request, Response, Route, Service, WebSocket, WebSocketHandler
from standin.iothub.amqp.serving import serve
from standin.iothub.hub import Hub
from standin.iothub.hubs import Hubs
from standin.iothub.kernel.errors import BadRequest, NotFound
from standin.iothub.rest.envelope import envelope
from standin.iothub.rest.permissions import authorize
from standin.iothub.rest.routes import HUB_ROUTES, HubRoute

_VERSION = re.compile(r"\d{4}-\d{2}-\d{2}(-preview)?")
_SUBPROTOCOL = "AMQPWSB10"


class IotHubService(Service):
    hosts = (".azure-devices.net", ".servicebus.windows.net")

    def __init__(self, hubs: Hubs, roles: Roles) -> None:
        self.hubs = hubs
        self._roles = roles
        self.routes: Sequence[Route] = (
            *(Route(route.method, route.pattern, self._guarded(route)) for route in HUB_ROUTES),
            Route("*", "/{path:path}", self._unbuilt),
        )
        self.websockets: Mapping[str, WebSocketHandler] = {"/$servicebus/websocket": self._amqp}

    def error(self, problem: ServiceError) -> Response:
        return envelope(problem)

    async def start(self) -> None:
        self.hubs.start()

    async def stop(self) -> None:
        await self.hubs.stop()

    def _guarded(self, route: HubRoute) -> Handler:
        async def handle(request: Request, parameters: Mapping[str, str]) -> Response:
            hub = self._hub(request.host)
            _check_version(request)
            if route.permission is not None:
                authorize(self._roles, hub, request, route.permission)
            return await route.handler(hub, request, parameters)

        return handle

    def _hub(self, host: str) -> Hub:
        hub = self.hubs.get(host)
        if hub is None:
            raise NotFound(f"There is no IoT hub at {host}.", code="IotHubNotFound")
        return hub

    async def _unbuilt(self, request: Request, _: Mapping[str, str]) -> Response:
        """What the real service has and this one does not (jobs, bulk, cloud-to-device, digital twins)."""
        uri = f"https://{request.host}{request.path}"
        message = f"No HTTP resource was found that matches the request URI '{uri}' with {request.method}."
        raise NotFound(message, code="NotFound")

    async def _amqp(self, socket: WebSocket) -> None:
        hub = self.hubs.by_namespace(socket.host)
        if hub is None or _SUBPROTOCOL not in socket.subprotocols:
            await socket.close()
            return
        await socket.accept(_SUBPROTOCOL)
        await serve(socket, hub.endpoint.client())


def _check_version(request: Request) -> None:
    version = request.query.get("api-version", "")
    if _VERSION.fullmatch(version) is None:
        message = f"api-version is {version!r}, allowed is a date such as 2021-04-12"
        raise BadRequest(message, code="InvalidProtocolVersion")
