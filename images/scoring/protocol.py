"""uvicorn's HTTP/1.1 protocol with the limits that it leaves to a proxy in front: here there is none.

A head has a size, a request has a time to arrive, the connections have a number. https://www.uvicorn.org/
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from images.scoring.errors import HeaderTooLong, Overloaded, RequestTimedOut, ScoringError

MAX_HEAD_BYTES = 32 * 1024


class BoundedProtocol(HttpToolsProtocol):
    def __init__(
        self,
        config: Config,
        state: ServerState,
        *,
        loop: asyncio.AbstractEventLoop,
        max_connections: int,
        refused: Callable[[int], None],
    ) -> None:
        super().__init__(config, state, {}, loop)
        self._max_connections = max_connections
        self._refused = refused
        self._arriving_since: float | None = None
        self._head_bytes = 0
        self._in_head = True

    @property
    def arriving(self) -> bool:
        """A request is expected or has begun, and is not complete."""
        return self._arriving_since is not None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._arriving_since = self.loop.time()
        if len(self.connections) > self._max_connections:
            self._refuse(Overloaded(f"more than {self._max_connections} connections"))

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        if self._in_head:
            self._head_bytes += len(data)
        super().data_received(data)
        # after feeding: most heads arrive whole, with their body, and are over by now
        if self._in_head and self._head_bytes > MAX_HEAD_BYTES:
            self._refuse(HeaderTooLong(f"request head is longer than {MAX_HEAD_BYTES} bytes"))

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head = True
        if self._arriving_since is None:
            self._arriving_since = self.loop.time()

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        self._in_head = False
        self._head_bytes = 0

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._arriving_since = None
        self._in_head = True

    def close_if_late(self, *, before: float) -> None:
        """Called about once a second: a request that began earlier and is still arriving ends here."""
        if self._arriving_since is not None and self._arriving_since < before and not self.transport.is_closing():
            self._refuse(RequestTimedOut("request did not arrive in time"))

    def _refuse(self, error: ScoringError) -> None:
        """Answer below the application, where no answer has begun yet, and close."""
        if self.cycle is None or self.cycle.response_complete or not self.cycle.response_started:
            body = error.body()
            head = f"HTTP/1.1 {error.status} {error.code}\r\ncontent-type: application/json\r\nconnection: close\r\n"
            self.transport.write(f"{head}content-length: {len(body)}\r\n\r\n".encode() + body)
            self._refused(error.status)
        self.transport.close()
