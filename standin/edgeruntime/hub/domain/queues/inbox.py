"""What waits for a module: delivered in order, a window at a time, and kept until it is acknowledged."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Protocol

from standin.edgeruntime.hub.domain.metrics import Metrics
from standin.edgeruntime.hub.domain.queues.heads import read_input_head
from standin.edgeruntime.hub.domain.queues.queue import Item, Queue
from standin.edgeruntime.hub.domain.store import Store

IN_FLIGHT = 64
CONGESTED = 2000
RELIEVED = 1000
MAX_DELIVERY_ID = 65535


class InputMessage(NamedTuple):
    """A message as a module's input gets it."""

    input: str
    bag: str
    """Its properties, see `messages/property_bag.py`."""
    body: bytes


class Consumer(Protocol):
    """A connected module, as far as its inbox is concerned."""

    @property
    def writable(self) -> bool: ...

    def deliver(self, message: InputMessage, delivery_id: int, *, again: bool) -> None:
        """`delivery_id`, 1 to 65,535, is unlike any other in flight; the module acknowledges it."""


class Inbox(Queue[InputMessage]):
    """`live` once the module is connected and wants messages."""

    def __init__(self, module: str, store: Store, metrics: Metrics) -> None:
        super().__init__(module, store, metrics)
        self._consumer: Consumer | None = None
        self._in_flight: dict[int, Item[InputMessage]] = {}
        self._delivery_id = 0
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

    def set_live(self, consumer: Consumer, live: bool) -> None:
        """Nothing happens for a consumer that is no longer attached."""
        if self._consumer is consumer:
            self.live = live
            self.pump()

    def detach(self) -> None:
        self.give_back(self._in_flight.values())
        self._in_flight.clear()
        self._consumer, self.live = None, False
        self._relieve()

    def acknowledge(self, delivery_id: int) -> None:
        item = self._in_flight.pop(delivery_id, None)
        if item is not None:
            self._store.settle(item.seq)
            self._metrics.delivered += 1
            self.pump()

    def arrived(self, item: Item[InputMessage]) -> None:
        self.push(item)
        self.pump()

    def pump(self) -> None:
        """Delivers what the consumer can take now."""
        consumer = self._consumer
        while self.live and consumer and consumer.writable and len(self._in_flight) < IN_FLIGHT:
            taken = self.pop()
            if taken is None:
                break
            item, message = taken
            delivery_id = self._next_delivery_id()
            self._in_flight[delivery_id] = item
            consumer.deliver(message, delivery_id, again=item.again)
        if self._relief and (not self.live or len(self._heap) < RELIEVED):
            self._relieve()

    def _read(self, head: str, body: bytes) -> InputMessage:
        return InputMessage(*read_input_head(head), body)

    def _relieve(self) -> None:
        calls, self._relief = self._relief, []
        for call in calls:
            call()

    def _next_delivery_id(self) -> int:
        while True:
            self._delivery_id = self._delivery_id % MAX_DELIVERY_ID + 1
            if self._delivery_id not in self._in_flight:
                return self._delivery_id
