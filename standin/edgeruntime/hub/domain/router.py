"""From a module's message to the queues of its sinks: stored first, delivered after.

https://learn.microsoft.com/azure/iot-edge/iot-edge-runtime#module-communication
"""

from __future__ import annotations

import json
import time
from typing import Any

from standin.edgeruntime.hub.domain.messages.message import Message
from standin.edgeruntime.hub.domain.messages.property_bag import encode_bag
from standin.edgeruntime.hub.domain.messages.reader import MessageReader
from standin.edgeruntime.hub.domain.metrics import Metrics
from standin.edgeruntime.hub.domain.queues.heads import input_head, upstream_head
from standin.edgeruntime.hub.domain.queues.inbox import Inbox, InputMessage
from standin.edgeruntime.hub.domain.queues.queue import Item, Queue
from standin.edgeruntime.hub.domain.queues.queues import Queues
from standin.edgeruntime.hub.domain.queues.upstream import upstream_message
from standin.edgeruntime.hub.domain.routing.routes import UPSTREAM, Hit, RouteTable
from standin.edgeruntime.hub.domain.store import Store

MAX_MESSAGE_BYTES = 262_144
MAX_BAG = 20_000
"""Characters: properties travel on in a topic, which has 65,535 bytes, and each may become three in it."""
TWIN_CHANGES = "/twinChangeNotifications"

Stored = tuple[Queue[Any], Item[Any]]
"""A message that the store is writing, and the queue that it arrives at then."""


class MessageTooLarge(ValueError):
    """Above 256 KB, properties included."""


class Router:
    """`table` is replaced whole whenever routes change."""

    def __init__(self, device: str, reader: MessageReader, queues: Queues, store: Store, metrics: Metrics) -> None:
        self._device = device
        self._reader = reader
        self._queues = queues
        self._store = store
        self._metrics = metrics
        self.table = RouteTable()

    def receive(self, module: str, bag: str, body: bytes) -> list[Inbox]:
        """Returns the modules' inboxes that it goes to. Whether one of them lags is known once the message is stored:
        those before it in the same transaction have arrived only then."""
        if len(bag) + len(body) > MAX_MESSAGE_BYTES:
            raise MessageTooLarge(f"a message of {len(bag) + len(body)} bytes; allowed: {MAX_MESSAGE_BYTES}")
        if len(bag) > MAX_BAG:
            raise MessageTooLarge(f"properties of {len(bag)} characters; allowed: {MAX_BAG}")
        self._metrics.received += 1
        message = self._reader.read(module, bag, body)
        hits = self.table.hits(message)
        if not hits:
            self._metrics.dropped["no_route"] += 1
            return []
        stored = self._store_hits(message, hits)
        return [queue for queue, _ in stored if isinstance(queue, Inbox)]

    def twin_changed(self, module: str, patch: dict[str, Any]) -> None:
        pairs = [("$.ct", "application/json"), ("$.ce", "utf-8"), ("$.schema", "twinChangeNotification")]
        body = json.dumps({"properties": {"reported": patch}}).encode()
        message = self._reader.read(module, encode_bag(pairs), body)
        message.source = TWIN_CHANGES
        if hits := self.table.hits(message):
            self._store_hits(message, hits)

    def _store_hits(self, message: Message, hits: list[Hit]) -> list[Stored]:
        now = time.time()
        stored = [self._store_hit(message, hit, now + hit.ttl_s) for hit in hits]
        self._store.then(lambda: _deliver(stored))
        return stored

    def _store_hit(self, message: Message, hit: Hit, expires: float) -> Stored:
        sink, priority = hit.sink, hit.priority
        if sink.endpoint == UPSTREAM:
            head, upstream = upstream_head(message.module, message.bag), self._queues.upstream
            return upstream, upstream.stored(upstream_message(message), head, priority=priority, expires=expires)
        head = input_head(self._device, sink.endpoint, sink.input, message.forwarded)
        content, inbox = InputMessage(sink.input, message.forwarded, message.body), self._queues.inbox(sink.endpoint)
        return inbox, inbox.stored(content, head, priority=priority, expires=expires)


def _deliver(stored: list[Stored]) -> None:
    for queue, item in stored:
        queue.arrived(item)
