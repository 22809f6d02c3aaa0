"""The hosts of IoT Hub: `<hub>.azure-devices.net` over REST, its Event Hub-compatible endpoint over a WebSocket."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from standin.core.auth import Roles
from standin.core.errors import ServiceError
from standin.core.http import Response, Route, Service, WebSocket, WebSocketHandler
from standin.iothub.amqp.serving import serve
from standin.iothub.hubs import Hubs
from standin.iothub.rest import api
from standin.iothub.rest.envelope import envelope

# Event Hubs takes both: OASIS' binding says "amqp", Microsoft's own clients the older name.
# https://docs.oasis-open.org/amqp-bindmap/amqp-wsb/v1.0/amqp-wsb-v1.0.html
_SUBPROTOCOLS = ("AMQPWSB10", "amqp")


class IotHubService(Service):
    hosts = (".azure-devices.net", ".servicebus.windows.net")

    def __init__(self, hubs: Hubs, roles: Roles) -> None:
        self.hubs = hubs
        self.routes: Sequence[Route] = api.routes(hubs.get, roles)
        self.websockets: Mapping[str, WebSocketHandler] = {"/$servicebus/websocket": self._amqp}

    def error(self, problem: ServiceError) -> Response:
        return envelope(problem)

    async def start(self) -> None:
        self.hubs.start()

    async def stop(self) -> None:
        await self.hubs.stop()

    async def _amqp(self, socket: WebSocket) -> None:
        hub = self.hubs.by_namespace(socket.host)
        spoken = next((one for one in socket.subprotocols if one in _SUBPROTOCOLS), None)
        if hub is None or spoken is None:
            await socket.close()
            return
        await socket.accept(spoken)
        await serve(socket, hub.endpoint.client())
