"""Messages on their way to the cloud: a window of numbered frames, kept until they are acknowledged.

From the device:
  hello     store                   first; names the store within which message ids are unique
  upstream  seq, messages: [{id, module, system, properties, body (base64)}]
From the cloud:
  ack       seq                     all frames up to this one are durable
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
from collections import deque
from collections.abc import Mapping

from standin.edgeruntime.hub.domain.metrics import Metrics
from standin.edgeruntime.hub.domain.queues.queue import Item
from standin.edgeruntime.hub.domain.queues.upstream import UpstreamMessage, UpstreamQueue
from standin.edgeruntime.hub.domain.store import Store
from standin.edgeruntime.hub.upstream.frames import Frame
from standin.edgeruntime.hub.upstream.link import Link
from standin.edgeruntime.hub.upstream.operation import Handler, Operation

WINDOW = 4
BATCH_MESSAGES = 100
BATCH_BYTES = 262_144

Batch = list[tuple[Item[UpstreamMessage], UpstreamMessage]]


class Messages(Operation):
    def __init__(self, link: Link, queue: UpstreamQueue, store: Store, metrics: Metrics) -> None:
        self._link = link
        self._queue = queue
        self._store = store
        self._metrics = metrics
        self._seq = 0
        self._in_flight: deque[tuple[int, list[Item[UpstreamMessage]]]] = deque()
        self._idle = asyncio.Event()
        self._idle.set()

    @property
    def handlers(self) -> Mapping[str, Handler]:
        return {"ack": self._acknowledged}

    def connected(self) -> None:
        self._link.send({"type": "hello", "store": self._store.id})

    def disconnected(self) -> None:
        """All that was not acknowledged is sent again, under its own id and in its own order."""
        for _, items in self._in_flight:
            self._queue.give_back(items)
        self._in_flight.clear()
        self._idle.set()
        self._seq = 0

    def next_frame(self) -> Frame | None:
        if len(self._in_flight) >= WINDOW:
            return None
        batch = self._batch()
        if not batch:
            return None
        self._seq += 1
        self._in_flight.append((self._seq, [item for item, _ in batch]))
        self._idle.clear()
        messages = [_message(item.seq, message) for item, message in batch]
        return {"type": "upstream", "seq": self._seq, "messages": messages}

    async def drained(self, within_s: float) -> None:
        """Waits a little for what is under way: it would be sent twice otherwise."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._idle.wait(), within_s)

    async def _acknowledged(self, frame: Frame) -> None:
        while self._in_flight and self._in_flight[0][0] <= frame["seq"]:
            _, items = self._in_flight.popleft()
            self._metrics.sent_upstream += len(items)
            for item in items:
                self._store.settle(item.seq)
        if not self._in_flight:
            self._idle.set()
        self._link.wake()

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
