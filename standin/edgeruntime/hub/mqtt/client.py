"""A connected module: its session, what it may publish and subscribe, and the acknowledgements it is owed."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from standin.edgeruntime.hub.domain.queues.queue import ModuleQueue
from standin.edgeruntime.hub.mqtt import codec, topics
from standin.edgeruntime.hub.mqtt.codec import ProtocolError, Publish
from standin.edgeruntime.hub.mqtt.connection import Connection

if TYPE_CHECKING:
    from standin.edgeruntime.hub.mqtt.broker import Broker

REFUSED = 0x80


class Client:
    def __init__(
        self,
        broker: Broker,
        connection: Connection,
        module: str,
        *,
        queue: ModuleQueue,
        filters: set[str],
        token_expires: float,
    ) -> None:
        self._broker = broker
        self.connection = connection
        self.module = module
        self.queue = queue
        self.filters = filters
        self.token_expires = token_expires
        self._inputs = topics.inputs(broker.device, module)
        self._events = topics.events(broker.device, module)
        self._allowed = {self._inputs, topics.METHODS, topics.TWIN_RESULTS, topics.DESIRED}
        self._owed: deque[int] = deque()
        self._held_by: set[ModuleQueue] = set()

    def __str__(self) -> str:
        return f"{self._broker.device}/{self.module}"

    def start(self) -> None:
        self.queue.attach(self.connection)
        self._go_live()

    def send(self, topic: str, body: bytes) -> None:
        """A reply: quality of service 0, for the client asks again after a lost connection."""
        self.connection.send(codec.publish(topic, body))

    def subscribe(self, packet_id: int, wanted: list[tuple[str, int]]) -> None:
        codes = [min(qos, 1) if name in self._allowed else REFUSED for name, qos in wanted]
        self.filters.update(name for name, _ in wanted if name in self._allowed)
        self._broker.save_session(self.module, self.filters)
        self._broker.store.then(lambda: self._subscribed(codec.suback(packet_id, codes)))

    def unsubscribe(self, packet_id: int, names: list[str]) -> None:
        self.filters.difference_update(names)
        self._broker.save_session(self.module, self.filters)
        self._broker.store.then(lambda: self._subscribed(codec.unsuback(packet_id)))

    def published(self, publish: Publish) -> None:
        if publish.qos > 1:
            raise ProtocolError("quality of service 2 is not supported")
        if publish.topic.startswith(self._events):
            self._broker.message(self, publish.topic[len(self._events) :].rstrip("/"), publish.body)
        elif publish.topic.startswith(topics.TWIN_GET):
            self._broker.twin_get(self, topics.request_id(publish.topic))
        elif publish.topic.startswith(topics.TWIN_REPORT):
            self._broker.twin_report(self, topics.request_id(publish.topic), publish.body)
        elif publish.topic.startswith(topics.METHOD_RESULT):
            self._method_result(publish)
        else:
            raise ProtocolError(f"publish on the topic {publish.topic!r}, which is not its own")
        if publish.qos:
            self._broker.store.then(lambda: self._acknowledge(publish.packet_id))

    def hold(self, queue: ModuleQueue) -> None:
        """Owes acknowledgements until that queue is shorter. Reading goes on: a module that waits must still be able to
        acknowledge what it is sent, or two modules that send to each other would wait for ever."""
        if queue not in self._held_by:
            self._held_by.add(queue)
            queue.when_relieved(lambda: self._release(queue))

    def _release(self, queue: ModuleQueue) -> None:
        self._held_by.discard(queue)
        while self._owed and not self._held_by:
            self.connection.send(codec.puback(self._owed.popleft()))

    def _acknowledge(self, packet_id: int) -> None:
        if self._held_by or self._owed:
            self._owed.append(packet_id)
        else:
            self.connection.send(codec.puback(packet_id))

    def _subscribed(self, answer: bytes) -> None:
        self.connection.send(answer)
        self._go_live()

    def _go_live(self) -> None:
        if self._broker.clients.get(self.module) is self:
            self.queue.live = self._inputs in self.filters
            self.queue.pump()

    def _method_result(self, publish: Publish) -> None:
        status = publish.topic[len(topics.METHOD_RESULT) :].partition("/")[0]
        if not status.lstrip("-").isdigit():
            raise ProtocolError(f"a method result with the status {status!r}; allowed: a whole number")
        self._broker.methods.answered(self.module, topics.request_id(publish.topic), int(status), publish.body)
