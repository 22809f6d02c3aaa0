"""A client that is connected: what its packets do at the hub's port, and what it is sent."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Sequence
from typing import Any

from standin.edgeruntime.hub.domain.port import HubPort
from standin.edgeruntime.hub.domain.queues.inbox import Inbox, InputMessage
from standin.edgeruntime.hub.domain.router import MessageTooLarge
from standin.edgeruntime.hub.domain.twins.twins import Refused
from standin.edgeruntime.hub.mqtt import codec, topics
from standin.edgeruntime.hub.mqtt.acknowledgements import Acknowledgements
from standin.edgeruntime.hub.mqtt.codec import Kind, ProtocolError, Publish
from standin.edgeruntime.hub.mqtt.connection import Connection
from standin.edgeruntime.hub.mqtt.subscriptions import Subscriptions
from standin.edgeruntime.hub.mqtt.topics import OwnTopics

REFUSED = 0x80
_STATUS = re.compile("-?[0-9]{1,10}")
_MAX_REQUEST_ID = 1000

log = logging.getLogger("edgehub.mqtt")


class Session:
    """The connection's `Handler`, and the hub's `ModuleConnection`."""

    def __init__(
        self, port: HubPort, connection: Connection, *, device: str, module: str, subscriptions: Subscriptions
    ) -> None:
        self._port = port
        self._connection = connection
        self._module = module
        self._name = f"{device}/{module}"
        self._topics = OwnTopics(device, module)
        self._allowed = {self._topics.inputs, topics.METHODS, topics.TWIN_RESULTS, topics.DESIRED}
        self._subscriptions = subscriptions
        self._inbox = port.inbox(module)
        self._acknowledgements = Acknowledgements(connection.send)

    def __str__(self) -> str:
        return self._name

    def start(self) -> None:
        """The client knows that it is accepted: what waits for it may come."""
        self._inbox.attach(self)
        self._go_live()

    # -- the connection's handler

    def packet(self, first: int, packet: bytes) -> None:
        kind = first >> 4
        if kind == Kind.PUBLISH:
            self._published(codec.read_publish(first, packet))
        elif kind == Kind.PUBACK:
            self._inbox.acknowledge(codec.read_packet_id(packet))
        elif kind == Kind.SUBSCRIBE:
            self._subscribe(*codec.read_subscribe(packet))
        elif kind == Kind.UNSUBSCRIBE:
            self._unsubscribe(*codec.read_unsubscribe(packet))
        elif kind == Kind.PINGREQ:
            self._connection.send(codec.PINGRESP)
        elif kind == Kind.DISCONNECT:
            self._connection.close()
        elif kind == Kind.CONNECT:
            raise ProtocolError("a second CONNECT")
        else:
            raise ProtocolError(f"a packet of type {kind}; quality of service 2 is not supported")

    def writable_again(self) -> None:
        self._inbox.pump()

    def lost(self) -> None:
        self._port.disconnected(self._module, self)

    # -- the hub's connection of a module

    @property
    def writable(self) -> bool:
        return self._connection.writable

    @property
    def takes_methods(self) -> bool:
        return topics.METHODS in self._subscriptions

    def deliver(self, message: InputMessage, delivery_id: int, *, again: bool) -> None:
        topic = self._topics.input_message(message.input, message.bag)
        self._connection.send(codec.publish(topic, message.body, packet_id=delivery_id, again=again))

    def call_method(self, request_id: str, name: str, body: bytes) -> None:
        self._send(topics.method_request(name, request_id), body)

    def desired_changed(self, patch: dict[str, Any], version: int) -> None:
        if topics.DESIRED in self._subscriptions:
            self._send(topics.desired_patch(version), _json({**patch, "$version": version}))

    def close(self) -> None:
        self._connection.close()

    # -- what packets do

    def _subscribe(self, packet_id: int, filters: list[tuple[str, int]]) -> None:
        codes = [min(qos, 1) if name in self._allowed else REFUSED for name, qos in filters]
        self._subscriptions.add(name for name, _ in filters if name in self._allowed)
        self._port.when_stored(lambda: self._subscribed(codec.suback(packet_id, codes)))

    def _unsubscribe(self, packet_id: int, names: list[str]) -> None:
        self._subscriptions.remove(names)
        self._port.when_stored(lambda: self._subscribed(codec.unsuback(packet_id)))

    def _subscribed(self, answer: bytes) -> None:
        self._connection.send(answer)
        self._go_live()

    def _go_live(self) -> None:
        self._inbox.set_live(self, self._topics.inputs in self._subscriptions)

    def _published(self, publish: Publish) -> None:
        if publish.qos > 1:
            raise ProtocolError("quality of service 2 is not supported")
        inboxes = self._taken(publish)
        if publish.qos:
            self._port.when_stored(lambda: self._acknowledgements.due(publish.packet_id, inboxes))

    def _taken(self, publish: Publish) -> Sequence[Inbox]:
        """The inboxes that it goes to, if it is a message for modules."""
        bag = self._topics.event_bag(publish.topic)
        if bag is not None:
            return self._message(bag, publish.body)
        if publish.topic.startswith(topics.TWIN_GET):
            self._twin_get(_request_id(publish.topic))
        elif publish.topic.startswith(topics.TWIN_REPORT):
            self._twin_report(_request_id(publish.topic), publish.body)
        elif publish.topic.startswith(topics.METHOD_RESULT):
            self._method_result(publish)
        else:
            raise ProtocolError(f"publish on the topic {publish.topic!r}, which is not its own")
        return ()

    def _message(self, bag: str, body: bytes) -> Sequence[Inbox]:
        try:
            return self._port.publish(self._module, bag, body)
        except MessageTooLarge as problem:
            raise ProtocolError(str(problem)) from problem

    def _twin_get(self, rid: str) -> None:
        twin = self._port.twin(self._module)
        if twin is None:
            self._send(topics.twin_result(404, rid), b"")
        else:
            self._send(topics.twin_result(200, rid), _json(twin))

    def _twin_report(self, rid: str, body: bytes) -> None:
        try:
            version = self._port.report(self._module, json.loads(body))
        except (Refused, ValueError, RecursionError) as problem:
            log.warning("%s: reported properties refused: %s", self, problem)
            self._send(topics.twin_result(400, rid), _json({"message": str(problem)}))
            return
        self._port.when_stored(lambda: self._send(topics.twin_result(204, rid, version), b""))

    def _method_result(self, publish: Publish) -> None:
        status = publish.topic[len(topics.METHOD_RESULT) :].partition("/")[0]
        if not _STATUS.fullmatch(status):
            raise ProtocolError(f"a method result with the status {status!r}; allowed: a whole number")
        self._port.answer_method(self._module, _request_id(publish.topic), int(status), publish.body)

    def _send(self, topic: str, body: bytes) -> None:
        """A reply: quality of service 0, for the client asks again after a lost connection."""
        self._connection.send(codec.publish(topic, body))


def _request_id(topic: str) -> str:
    """Of a length that the topic of an answer can hold."""
    given = topics.request_id(topic)
    if len(given) > _MAX_REQUEST_ID:
        raise ProtocolError(f"a request id of {len(given)} characters; allowed: {_MAX_REQUEST_ID}")
    return given


def _json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
