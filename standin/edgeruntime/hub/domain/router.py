"""From a module's message to the queues of its sinks: stored first, delivered after.

https://learn.microsoft.com/azure/iot-edge/iot-edge-runtime#module-communication
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from standin.edgeruntime.hub.domain.messages.message import Message
from standin.edgeruntime.hub.domain.messages.property_bag import encode_bag
from standin.edgeruntime.hub.domain.messages.reader import MessageReader
from standin.edgeruntime.hub.domain.metrics import Metrics
from standin.edgeruntime.hub.domain.queues.heads import input_head, upstream_head
from standin.edgeruntime.hub.domain.queues.inbox import Inbox, InputMessage
from standin.edgeruntime.hub.domain.queues.queues import Queues
from standin.edgeruntime.hub.domain.queues.upstream import upstream_message
from standin.edgeruntime.hub.domain.routing.routes import UPSTREAM, Hit, RouteTable
from standin.edgeruntime.hub.domain.store import Store

MAX_MESSAGE_BYTES = 262_144
TWIN_CHANGES = "/twinChangeNotifications"

Deliver = Callable[[], None]
"""Puts a stored message into its queue."""


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
        """Returns the modules' inboxes that the message goes to."""
        if len(bag) + len(body) > MAX_MESSAGE_BYTES:
            raise MessageTooLarge(f"a message of {len(bag) + len(body)} bytes; allowed: {MAX_MESSAGE_BYTES}")
        self._metrics.received += 1
        message = self._reader.read(module, bag, body)
        hits = self.table.hits(message)
        if not hits:
            self._metrics.dropped["no_route"] += 1
        self._enqueue(message, hits)
        return [self._queues.inbox(hit.sink.endpoint) for hit in hits if hit.sink.endpoint != UPSTREAM]

    def twin_changed(self, module: str, patch: dict[str, Any]) -> None:
        pairs = [("$.ct", "application/json"), ("$.ce", "utf-8"), ("$.schema", "twinChangeNotification")]
        body = json.dumps({"properties": {"reported": patch}}).encode()
        message = self._reader.read(module, encode_bag(pairs), body)
        message.source = TWIN_CHANGES
        self._enqueue(message, self.table.hits(message))

    def _enqueue(self, message: Message, hits: list[Hit]) -> None:
        if hits:
            now = time.time()
            stored = [self._stored(message, hit, now + hit.ttl_s) for hit in hits]
            self._store.then(lambda: _deliver(stored))

    def _stored(self, message: Message, hit: Hit, expires: float) -> Deliver:
        sink, priority = hit.sink, hit.priority
        if sink.endpoint == UPSTREAM:
            head = upstream_head(message.module, message.bag)
            upstream = self._queues.upstream
            item = upstream.stored(upstream_message(message), head, priority=priority, expires=expires)
            return lambda: upstream.push(item)
        head = input_head(self._device, sink.endpoint, sink.input, message.forwarded)
        content = InputMessage(sink.input, message.forwarded, message.body)
        inbox = self._queues.inbox(sink.endpoint)
        arrived = inbox.stored(content, head, priority=priority, expires=expires)
        return lambda: inbox.arrived(arrived)


def _deliver(stored: list[Deliver]) -> None:
    for deliver in stored:
        deliver()
