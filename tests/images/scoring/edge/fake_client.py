"""An edge hub in memory: delivers at once like a persistent session, fails on demand, remembers what it got."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from images.edge_hub.messages import ClientFailed, Handlers, Inbound, MessageRefused, Outbound


class FakeClient:
    def __init__(self, *, queued: list[Inbound] | None = None, failures: int = 0, largest: int = 10**6) -> None:
        self.queued = queued or []
        self.failures = failures
        self.open_failures = 0
        self.largest = largest
        self.sent: list[Outbound] = []
        self.attempts = 0
        self.reported: list[Mapping[str, Any]] = []
        self.report_failures = 0
        self.opened = self.stopped = self.closed = False
        self.late: list[Inbound] = []
        self.up = asyncio.Event()
        self.up.set()
        self._deliver: Callable[[Inbound], None] | None = None

    async def open(self, handlers: Handlers) -> None:
        if self.open_failures:
            self.open_failures -= 1
            raise ClientFailed("ConnectionFailedError: no hub yet")
        self.opened = True
        self._deliver = handlers.on_message
        while self.queued:
            self._deliver(self.queued.pop(0))

    def deliver(self, message: Inbound) -> None:
        assert self._deliver is not None
        self._deliver(message)

    async def send(self, message: Outbound) -> None:
        self.attempts += 1
        await self.up.wait()
        if self.failures:
            self.failures -= 1
            raise ClientFailed("ConnectionDroppedError: gone")
        if len(message.body) > self.largest:
            raise MessageRefused("larger than 256 KB")
        self.sent.append(message)

    async def report(self, properties: Mapping[str, Any]) -> None:
        if self.report_failures:
            self.report_failures -= 1
            raise ClientFailed("OperationTimeout: no answer")
        self.reported.append(properties)

    async def stop_intake(self) -> None:
        self.stopped = True
        # what the SDK had acknowledged and not yet handed over
        while self.late:
            self.deliver(self.late.pop(0))

    async def close(self) -> None:
        self.closed = True
