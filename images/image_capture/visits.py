"""A connection to the viewer: there are so many at once, and each has next to nothing to say.

A picture goes out only as fast as it is taken, but answers to pings go out unasked: who sends those and reads nothing
would have them pile up here. https://websockets.readthedocs.io/en/stable/topics/security.html
"""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import Any

from websockets.asyncio.server import ServerConnection
from websockets.protocol import State

MOST_CONNECTIONS = 64
"""Also those that have not asked for anything yet."""
MOST_SAID_BYTES, WINDOW_SECONDS = 16 * 1024, 10.0
"""Of one client once it looks; a browser answers a ping every 20 s."""


class Visit(ServerConnection):
    _said, _until = 0, 0.0

    def __init__(self, there: set[Visit], *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._there = there

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._there.add(self)
        if len(self.server.handler_tasks) > MOST_CONNECTIONS:
            self.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self._there.discard(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.protocol.state is State.OPEN and self._talks(len(data)):
            self.transport.abort()
            return
        super().data_received(data)

    def _talks(self, count: int) -> bool:
        if (now := monotonic()) > self._until:
            self._said, self._until = 0, now + WINDOW_SECONDS
        self._said += count
        return self._said > MOST_SAID_BYTES
