"""Queues in order of (priority, arrival): a module's input queue and the one that leads to the cloud.

What is in flight when a consumer goes comes back under its old number, so order holds and nothing is lost. Bodies
beyond a bound stay on disk.
"""

from __future__ import annotations

import heapq
import time
from collections.abc import Callable, Iterable
from typing import NamedTuple, Protocol

from standin.edgeruntime.hub.domain.metrics import Metrics
from standin.edgeruntime.hub.domain.store import Store

MEMORY_BYTES = 8 * 1024 * 1024
IN_FLIGHT = 64
CONGESTED = 2000
RELIEVED = 1000
MAX_PACKET_ID = 65535


class Item(NamedTuple):
    """`head` and `body` are None while they are on disk only."""

    priority: int
    seq: int
    expires: float
    head: str | None
    body: bytes | None
    again: bool


class Queue:
    def __init__(self, name: str, store: Store, metrics: Metrics) -> None:
        self.name = name
        self._store = store
        self._metrics = metrics
        self._heap: list[Item] = []
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._heap)

    def push(self, item: Item) -> None:
        if item.body is not None:
            size = len(item.body)
            if self._bytes + size > MEMORY_BYTES:
                item = item._replace(head=None, body=None)
            else:
                self._bytes += size
        heapq.heappush(self._heap, item)

    def give_back(self, items: Iterable[Item]) -> None:
        for item in items:
            self.push(item._replace(again=True))

    def pop(self) -> Item | None:
        """The next message that is still of use, with its body; expired ones go on the way."""
        now = time.time()
        while self._heap:
            item = heapq.heappop(self._heap)
            if item.body is not None:
                self._bytes -= len(item.body)
            if item.expires < now:
                self._expire(item)
                continue
            if item.body is None:
                head, body = self._store.message(item.seq)
                item = item._replace(head=head, body=body)
            return item
        return None

    def sweep(self) -> None:
        """Drops what expired, wherever it stands: an absent consumer would keep it for ever."""
        now = time.time()
        if any(item.expires < now for item in self._heap):
            kept = [item for item in self._heap if item.expires >= now]
            for item in self._heap:
                if item.expires < now:
                    self._expire(item)
            heapq.heapify(kept)
            self._heap = kept
            self._bytes = sum(len(item.body) for item in kept if item.body is not None)

    def _expire(self, item: Item) -> None:
        self._metrics.dropped["ttl_expiry"] += 1
        self._store.settle(item.seq)


class Consumer(Protocol):
    """A connected module, as far as its queue is concerned."""

    @property
    def writable(self) -> bool: ...

    def deliver(self, topic: str, body: bytes, packet_id: int, again: bool) -> None: ...


class ModuleQueue(Queue):
    """`live` once the module is connected and subscribed to its inputs."""

    def __init__(self, name: str, store: Store, metrics: Metrics) -> None:
        super().__init__(name, store, metrics)
        self._consumer: Consumer | None = None
        self._in_flight: dict[int, Item] = {}
        self._packet_id = 0
        self._relief: list[Callable[[], None]] = []
        self.live = False

    def __len__(self) -> int:
        return super().__len__() + len(self._in_flight)

    @property
    def congested(self) -> bool:
        """A connected consumer lags: its senders' acknowledgements wait, so that ingest cannot outrun dispatch.
        For an absent one messages are stored without bound."""
        return self.live and len(self._heap) > CONGESTED

    def when_relieved(self, call: Callable[[], None]) -> None:
        self._relief.append(call)

    def attach(self, consumer: Consumer) -> None:
        self._consumer = consumer

    def detach(self) -> None:
        self.give_back(self._in_flight.values())
        self._in_flight.clear()
        self._consumer, self.live = None, False
        self._relieve()

    def acknowledge(self, packet_id: int) -> None:
        item = self._in_flight.pop(packet_id, None)
        if item is not None:
            self._store.settle(item.seq)
            self._metrics.delivered += 1
            self.pump()

    def pump(self) -> None:
        consumer = self._consumer
        while self.live and consumer and consumer.writable and len(self._in_flight) < IN_FLIGHT:
            item = self.pop()
            if item is None:
                break
            packet_id = self._next_packet_id()
            self._in_flight[packet_id] = item
            consumer.deliver(item.head or "", item.body or b"", packet_id, item.again)
        if self._relief and (not self.live or len(self._heap) < RELIEVED):
            self._relieve()

    def _relieve(self) -> None:
        calls, self._relief = self._relief, []
        for call in calls:
            call()

    def _next_packet_id(self) -> int:
        while True:
            self._packet_id = self._packet_id % MAX_PACKET_ID + 1
            if self._packet_id not in self._in_flight:
                return self._packet_id


class UpstreamQueue(Queue):
    """What waits for the cloud; `filled` is called whenever something new does."""

    filled: Callable[[], None] = staticmethod(lambda: None)

    def push(self, item: Item) -> None:
        super().push(item)
        self.filled()
