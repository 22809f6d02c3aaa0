"""WebSockets: ASGI messages behind the small interface that services see (`http.WebSocket`).

https://asgi.readthedocs.io/en/latest/specs/www.html#websocket
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, unquote

from standin.core.http import WebSocketHandler, find_websocket

log = logging.getLogger("standin.websocket")

Message = MutableMapping[str, Any]
_REFUSED = 1008


class AsgiWebSocket:
    def __init__(
        self,
        host: str,
        path: str,
        headers: Mapping[str, str],
        scope: Message,
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
        parameters: Mapping[str, str],
    ) -> None:
        self.host = host
        self.path = path
        self.headers = headers
        self.query: Mapping[str, str] = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
        self.subprotocols: Sequence[str] = scope.get("subprotocols", [])
        self.parameters = parameters
        self._receive = receive
        self._send = send
        self._open = True

    async def accept(self, subprotocol: str | None = None) -> None:
        message = await self._receive()
        if message["type"] != "websocket.connect":
            raise ConnectionResetError(f"expected websocket.connect, got {message['type']}")
        await self._send({"type": "websocket.accept", "subprotocol": subprotocol, "headers": []})

    async def receive(self) -> bytes | str | None:
        if not self._open:
            return None
        message = await self._receive()
        if message["type"] != "websocket.receive":
            self._open = False
            return None
        data: bytes | str | None = message.get("bytes")
        return data if data is not None else message.get("text")

    async def send(self, message: bytes | str) -> None:
        """ConnectionError when the other side has gone."""
        if not self._open:
            raise ConnectionResetError("the WebSocket is closed")
        name = "bytes" if isinstance(message, bytes) else "text"
        try:
            await self._send({"type": "websocket.send", name: message})
        except (OSError, RuntimeError) as error:
            self._open = False
            raise ConnectionResetError("the WebSocket is closed") from error

    async def close(self, code: int = 1000) -> None:
        if not self._open:
            return
        self._open = False
        try:
            await self._send({"type": "websocket.close", "code": code})
        except (OSError, RuntimeError):
            log.debug("%s%s was gone before it was closed", self.host, self.path)


async def serve_websocket(
    served: Mapping[str, WebSocketHandler],
    host: str,
    headers: Mapping[str, str],
    scope: Message,
    receive: Callable[[], Awaitable[Message]],
    send: Callable[[Message], Awaitable[None]],
) -> None:
    path = unquote(scope["raw_path"].decode("latin-1").partition("?")[0])
    matched = find_websocket(served, path)
    if matched is None:
        log.info("WEBSOCKET %s%s refused: nothing is served there", host, path)
        await receive()
        await send({"type": "websocket.close", "code": _REFUSED})
        return
    handler, parameters = matched
    socket = AsgiWebSocket(host, path, headers, scope, receive, send, parameters)
    log.info("WEBSOCKET %s%s", host, path)
    try:
        await handler(socket)
    except ConnectionError as error:
        log.info("WEBSOCKET %s%s ended: %s", host, path, error)
    except Exception:
        log.exception("WEBSOCKET %s%s failed", host, path)
    finally:
        await socket.close()
