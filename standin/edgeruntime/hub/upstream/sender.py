"""Messages on their way to the cloud: a window of numbered frames, kept until they are acknowledged."""

from __future__ import annotations

import asyncio
from collections import deque

from standin.edgeruntime.hub.domain.messages.message import MessageReader
from standin.edgeruntime.hub.domain.metrics import Metrics
from standin.edgeruntime.hub.domain.queues.queue import Item, UpstreamQueue
from standin.edgeruntime.hub.domain.store import Store
from standin.edgeruntime.hub.upstream.frames import Frame, upstream_frame

WINDOW = 4
BATCH_MESSAGES = 100
BATCH_BYTES = 262_144


class Sender:
    def __init__(self, queue: UpstreamQueue, *, store: Store, reader: MessageReader, metrics: Metrics) -> None:
        self._queue = queue
        self._store = store
        self._reader = reader
        self._metrics = metrics
        self._seq = 0
        self._in_flight: deque[tuple[int, list[Item]]] = deque()
        self.idle = asyncio.Event()
        self.idle.set()

    def next_frame(self) -> Frame | None:
        if len(self._in_flight) >= WINDOW:
            return None
        items = self._batch()
        if not items:
            return None
        self._seq += 1
        self._in_flight.append((self._seq, items))
        self.idle.clear()
        return upstream_frame(self._seq, items, self._reader)

    def acknowledged(self, seq: int) -> None:
        while self._in_flight and self._in_flight[0][0] <= seq:
            _, items = self._in_flight.popleft()
            self._metrics.sent_upstream += len(items)
            for item in items:
                self._store.settle(item.seq)
        if not self._in_flight:
            self.idle.set()

    def disconnected(self) -> None:
        """All that was not acknowledged is sent again, under its own id and in its own order."""
        for _, items in self._in_flight:
            self._queue.give_back(items)
        self._in_flight.clear()
        self.idle.set()
        self._seq = 0

    def _batch(self) -> list[Item]:
        items: list[Item] = []
        size = 0
        while len(items) < BATCH_MESSAGES and size < BATCH_BYTES:
            item = self._queue.pop()
            if item is None:
                break
            items.append(item)
            size += len(item.body or b"")
        return items
