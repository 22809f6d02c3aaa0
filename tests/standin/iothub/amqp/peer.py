"""A client that speaks frame by frame."""

from __future__ import annotations

from typing import Any, Self

from standin.iothub.amqp import performatives
from standin.iothub.amqp.connection import Connection
from standin.iothub.amqp.container import Container
from standin.iothub.amqp.decode import decode
from standin.iothub.amqp.encode import described
from standin.iothub.amqp.frames import AMQP_HEADER, SASL_HEADER, frame
from standin.iothub.amqp.types import Described, Symbol, UByte, UInt

Answers = list[tuple[int | str, list[Any], bytes]]
"""Descriptor, fields and payload of each performative."""


class Peer:
    def __init__(self, container: Container) -> None:
        self.connection = Connection(container, lambda: None)

    def send(self, *bodies: bytes, channel: int = 0, payload: bytes = b"") -> Answers:
        for body in bodies:
            self.connection.receive(frame(channel, body, payload))
        return self.answers()

    def answers(self) -> Answers:
        data = self.connection.take()
        found = []
        while data:
            if data.startswith(b"AMQP"):
                data = data[8:]
                continue
            size = int.from_bytes(data[:4], "big")
            if size > 8:
                performative, end = decode(data[8:size])
                found.append((performative.descriptor, performative.value, data[8 + end : size]))
            data = data[size:]
        return found

    def open(self) -> Self:
        self.connection.receive(SASL_HEADER)
        self.connection.receive(frame(0, described(0x41, Symbol("ANONYMOUS"), None, None), kind=1))
        self.connection.receive(AMQP_HEADER)
        self.send(described(0x10, "peer", "host", UInt(65536), None, UInt(60000)))
        self.send(described(0x11, None, UInt(0), UInt(1000), UInt(1000)))
        return self

    def attach(self, handle: int, address: str, *, receiver: bool, **more: Any) -> Answers:
        terminus = Described(0x28 if receiver else 0x29, [address, *more.get("source", [])])
        mine = Described(0x29 if receiver else 0x28, [f"me-{handle}"])
        source, target = (terminus, mine) if receiver else (mine, terminus)
        properties = more.get("properties")
        desired = more.get("desired")
        fields = ["link", UInt(handle), receiver, UByte(1), UByte(0), source, target, None, None, None, None, None]
        return self.send(described(0x12, *fields, desired, properties))

    def credit(self, handle: int, credit: int, delivery_count: int = 0) -> Answers:
        window = (UInt(0), UInt(1000), UInt(0), UInt(1000))
        return self.send(described(0x13, *window, UInt(handle), UInt(delivery_count), UInt(credit)))


def payloads(answers: Answers) -> list[bytes]:
    return [payload for code, _, payload in answers if code == performatives.TRANSFER]


def refusal(answers: Answers) -> str:
    """The condition of a refused attach: answered first, without a source, then detached."""
    assert [code for code, _, _ in answers] == [performatives.ATTACH, performatives.DETACH]
    assert answers[0][1][5] is None
    return str(answers[1][1][2].value[0])
