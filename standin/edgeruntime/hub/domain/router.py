"""From a module's message to the queues of its sinks: stored first, delivered after.

https://learn.microsoft.com/azure/iot-edge/iot-edge-runtime#module-communication
"""

from __future__ import annotations

import json
import time
from typing import Any

from standin.edgeruntime.hub.domain.messages.message import Message, MessageReader, encode_bag
from standin.edgeruntime.hub.domain.metrics import Metrics
from standin.edgeruntime.hub.domain.queues.queue import Item, ModuleQueue, Queue, UpstreamQueue
from standin.edgeruntime.hub.domain.routing.routes import UPSTREAM, Hit, RouteTable
from standin.edgeruntime.hub.domain.store import Store
from standin.edgeruntime.hub.mqtt import topics
from standin.edgeruntime.hub.mqtt.codec import ProtocolError

MAX_MESSAGE_BYTES = 262_144
TWIN_CHANGES = "/twinChangeNotifications"


class Router:
    def __init__(self, device: str, *, store: Store, metrics: Metrics) -> None:
        self._device = device
        self._store = store
        self._metrics = metrics
        self.reader = MessageReader(device)
        self.table = RouteTable()
        self.upstream = UpstreamQueue(UPSTREAM, store, metrics)
        self.modules: dict[str, ModuleQueue] = {}
        for seq, endpoint, priority, expires in store.queued():
            queue = self.upstream if endpoint == UPSTREAM else self.queue(endpoint)
            queue.push(Item(priority, seq, expires, None, None, True))

    def queue(self, module: str) -> ModuleQueue:
        found = self.modules.get(module)
        if found is None:
            found = self.modules[module] = ModuleQueue(module, self._store, self._metrics)
        return found

    def lengths(self) -> dict[str, int]:
        return {queue.name: len(queue) for queue in (self.upstream, *self.modules.values())}

    def sweep(self) -> None:
        for queue in (self.upstream, *self.modules.values()):
            queue.sweep()

    def receive(self, module: str, bag: str, body: bytes) -> list[ModuleQueue]:
        """Returns the modules' queues that the message goes to."""
        if len(bag) + len(body) > MAX_MESSAGE_BYTES:
            raise ProtocolError(f"a message of {len(bag) + len(body)} bytes; allowed: {MAX_MESSAGE_BYTES}")
        self._metrics.received += 1
        return self._route(self.reader.read(module, bag, body))

    def twin_changed(self, module: str, patch: dict[str, Any]) -> None:
        wire = [("$.ct", "application/json"), ("$.ce", "utf-8"), ("$.schema", "twinChangeNotification")]
        message = self.reader.read(module, encode_bag(wire), json.dumps({"properties": {"reported": patch}}).encode())
        message.source = TWIN_CHANGES
        self._route(message)

    def _route(self, message: Message) -> list[ModuleQueue]:
        hits = self.table.hits(message)
        if not hits:
            if message.source != TWIN_CHANGES:
                self._metrics.dropped["no_route"] += 1
            return []
        now = time.time()
        stored = [self._store_hit(message, hit, now) for hit in hits]
        self._store.then(lambda: _deliver(stored))
        return [queue for queue, _ in stored if isinstance(queue, ModuleQueue)]

    def _store_hit(self, message: Message, hit: Hit, now: float) -> tuple[Queue, Item]:
        queue: Queue
        if hit.sink.endpoint == UPSTREAM:
            queue, head = self.upstream, f"{message.module}\n{message.bag}"
        else:
            queue = self.queue(hit.sink.endpoint)
            head = topics.input_message(self._device, hit.sink.endpoint, hit.sink.input, message.forwarded)
        expires = now + hit.ttl_s
        seq = self._store.add(queue.name, hit.priority, expires, head, message.body)
        return queue, Item(hit.priority, seq, expires, head, message.body, False)


def _deliver(stored: list[tuple[Queue, Item]]) -> None:
    for queue, item in stored:
        queue.push(item)
        if isinstance(queue, ModuleQueue):
            queue.pump()
