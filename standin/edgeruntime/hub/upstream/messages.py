"""Messages on their way to the cloud: a window of numbered frames, kept until they are acknowledged."""

from __future__ import annotations

import asyncio
import base64
from collections import deque

from standin.edgeruntime.hub.domain.metrics import Metrics
from standin.edgeruntime.hub.domain.queues.queue import Item
from standin.edgeruntime.hub.domain.queues.upstream import UpstreamMessage, UpstreamQueue
from standin.edgeruntime.hub.domain.store import Store
from standin.edgeruntime.hub.upstream.frames import Frame

WINDOW = 4
BATCH_MESSAGES = 100
BATCH_BYTES = 262_144

Batch = list[tuple[Item[UpstreamMessage], UpstreamMessage]]


class Messages:
    def __init__(self, queue: UpstreamQueue, store: Store, metrics: Metrics) -> None:
        self._queue = queue
        self._store = store
        self._metrics = metrics
        self._seq = 0
        self._in_flight: deque[tuple[int, list[Item[UpstreamMessage]]]] = deque()
        self.idle = asyncio.Event()
        self.idle.set()

    def hello(self) -> Frame:
        return {"type": "hello", "store": self._store.id}

    def next_frame(self) -> Frame | None:
        if len(self._in_flight) >= WINDOW:
            return None
        batch = self._batch()
        if not batch:
            return None
        self._seq += 1
        self._in_flight.append((self._seq, [item for item, _ in batch]))
        self.idle.clear()
        messages = [_message(item.seq, message) for item, message in batch]
        return {"type": "upstream", "seq": self._seq, "messages": messages}

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

    def _batch(self) -> Batch:
        batch: Batch = []
        size = 0
        while len(batch) < BATCH_MESSAGES and size < BATCH_BYTES:
            taken = self._queue.pop()
            if taken is None:
                break
            batch.append(taken)
            size += len(taken[1].body)
        return batch


def _message(message_id: int, message: UpstreamMessage) -> Frame:
    return {
        "id": message_id,
        "module": message.module,
        "system": message.system,
        "properties": message.properties,
        "body": base64.b64encode(message.body).decode(),
    }
