"""Direct methods: asked over the module's own connection, answered under a request id.

https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-direct-methods
"""

from __future__ import annotations

import asyncio
import json
import secrets
from typing import Any

from standin.edgeruntime.hub.domain.connected import ConnectedModules
from standin.edgeruntime.hub.domain.port import ModuleConnection

POLL_S = 0.1


class NotOnline(Exception):
    """The module is not connected, or takes no methods."""


class Methods:
    def __init__(self, connected: ConnectedModules) -> None:
        self._connected = connected
        self._waiting: dict[tuple[str, str], asyncio.Future[tuple[int, Any]]] = {}

    async def call(
        self, module: str, name: str, payload: Any, *, response_timeout_s: float, connect_timeout_s: float = 0
    ) -> tuple[int, Any]:
        """The module's (status, payload); NotOnline or TimeoutError."""
        connection = await self._online(module, connect_timeout_s)
        request_id = secrets.token_hex(6)
        answer = asyncio.get_running_loop().create_future()
        self._waiting[module, request_id] = answer
        try:
            connection.call_method(request_id, name, json.dumps(payload).encode())
            return await asyncio.wait_for(answer, response_timeout_s)
        finally:
            del self._waiting[module, request_id]

    def answered(self, module: str, request_id: str, status: int, body: bytes) -> None:
        waiting = self._waiting.get((module, request_id))
        if waiting and not waiting.done():
            try:
                payload = json.loads(body) if body.strip() else None
            except (ValueError, RecursionError):
                payload = body.decode(errors="replace")
            waiting.set_result((status, payload))

    async def _online(self, module: str, within_s: float) -> ModuleConnection:
        deadline = asyncio.get_running_loop().time() + within_s
        while True:
            connection = self._connected.get(module)
            if connection and connection.takes_methods:
                return connection
            if asyncio.get_running_loop().time() >= deadline:
                raise NotOnline(module)
            await asyncio.sleep(POLL_S)
