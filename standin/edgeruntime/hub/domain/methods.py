"""Direct methods: asked over the client's own connection, answered under a request id.

https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-direct-methods
"""

from __future__ import annotations

import asyncio
import json
import secrets
from typing import TYPE_CHECKING, Any

from standin.edgeruntime.hub.mqtt import topics

if TYPE_CHECKING:
    from standin.edgeruntime.hub.mqtt.broker import Broker

POLL_S = 0.1


class NotOnline(Exception):
    """The module is not connected, or takes no methods."""


class Methods:
    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._waiting: dict[tuple[str, str], asyncio.Future[tuple[int, Any]]] = {}

    async def call(
        self, module: str, name: str, payload: Any, *, response_timeout_s: float, connect_timeout_s: float = 0
    ) -> tuple[int, Any]:
        """The module's (status, payload); NotOnline or TimeoutError."""
        await self._online(module, connect_timeout_s)
        rid = secrets.token_hex(6)
        answer = asyncio.get_running_loop().create_future()
        self._waiting[module, rid] = answer
        try:
            body = json.dumps(payload).encode()
            self._broker.clients[module].send(topics.method_request(name, rid), body)
            return await asyncio.wait_for(answer, response_timeout_s)
        finally:
            del self._waiting[module, rid]

    def answered(self, module: str, rid: str, status: int, body: bytes) -> None:
        waiting = self._waiting.get((module, rid))
        if waiting and not waiting.done():
            try:
                payload = json.loads(body) if body.strip() else None
            except ValueError:
                payload = body.decode(errors="replace")
            waiting.set_result((status, payload))

    async def _online(self, module: str, within_s: float) -> None:
        deadline = asyncio.get_running_loop().time() + within_s
        while True:
            client = self._broker.clients.get(module)
            if client and topics.METHODS in client.filters:
                return
            if asyncio.get_running_loop().time() >= deadline:
                raise NotOnline(module)
            await asyncio.sleep(POLL_S)
