"""Frames that somebody broke: the connection is closed with a condition of AMQP's, and no exception gets out."""

from __future__ import annotations

import random

import pytest

from standin.iothub.amqp.connection import Connection
from standin.iothub.amqp.encode import described
from standin.iothub.amqp.frames import AMQP_HEADER, SASL_HEADER, frame
from standin.iothub.amqp.types import Described, Symbol, UByte, UInt
from tests.standin.iothub.amqp.test_connection import NODE, Queue
from tests.standin.malformed.mutations import mutated

SASL_INIT = frame(0, described(0x41, Symbol("ANONYMOUS"), None, None), kind=1)
OPEN = frame(0, described(0x10, "peer", "host", UInt(65536), None, UInt(60000)))
BEGIN = frame(0, described(0x11, None, UInt(0), UInt(1000), UInt(1000)))
GREETING = [SASL_HEADER, SASL_INIT, AMQP_HEADER, OPEN, BEGIN]


def attach(handle: int, *, receiver: bool) -> bytes:
    source, target = Described(0x28, [NODE]), Described(0x29, ["me"])
    fields = ["link", UInt(handle), receiver, UByte(1), UByte(0), source, target, None, None, UInt(0), None, None]
    return frame(0, described(0x12, *fields, [Symbol("a")], {Symbol("b"): 1}))


WINDOW = (UInt(0), UInt(1000), UInt(0), UInt(1000))
VALID = [
    *GREETING,
    attach(1, receiver=True),
    attach(2, receiver=False),
    frame(0, described(0x13, *WINDOW, UInt(1), UInt(0), UInt(10))),
    frame(0, described(0x13, *WINDOW)),
    frame(0, described(0x14, UInt(2), UInt(0), b"tag", UInt(0), True, False), b"\x00\x53\x75\xa0\x02hi"),
    frame(0, described(0x15, True, UInt(0), UInt(0), True, Described(0x24, []))),
    frame(0, described(0x16, UInt(1), True)),
    frame(0, described(0x17)),
    frame(0, b""),
]


@pytest.mark.parametrize(
    ("seed", "frames"), [(1, 1_000), pytest.param(2, 5_000, marks=pytest.mark.long)], ids=["some", "many"]
)
def test_broken_frames_end_their_connection_and_raise_nothing(seed: int, frames: int) -> None:
    chance = random.Random(seed)
    connection, attached = Connection(Queue(), lambda: None), 0
    for _ in range(frames):
        if connection.finished or chance.random() < 0.02:
            connection = Connection(Queue(), lambda: None)
            for piece in GREETING[: chance.choice((0, 1, 2, 3, 4, 5, 5, 5, 5, 5))]:
                connection.receive(piece)
            if chance.random() < 0.5:
                connection.receive(VALID[5])
                attached += 1
        connection.receive(mutated(chance, VALID))
        connection.tick()
        connection.resume()
        connection.take()

    assert attached > frames / 20
    assert not Connection(Queue(), lambda: None).finished
