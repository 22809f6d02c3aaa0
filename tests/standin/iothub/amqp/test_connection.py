"""The connection's manners: order of frames, credit, windows, the end of it."""

from __future__ import annotations

import asyncio
import random

import pytest

from standin.iothub.amqp import performatives
from standin.iothub.amqp.connection import Connection
from standin.iothub.amqp.encode import described
from standin.iothub.amqp.errors import AmqpError
from standin.iothub.amqp.frames import AMQP_HEADER, SASL_HEADER, frame
from standin.iothub.amqp.links import AnswerLink, Link, LinkSession
from standin.iothub.amqp.messages import Message
from standin.iothub.amqp.received import Attach
from standin.iothub.amqp.serving import serve
from standin.iothub.amqp.types import Symbol, UInt
from tests.standin.iothub.amqp.peer import Peer, payloads

NODE = "queue"


class Queue:
    """A container with one node, which sends what is put into it."""

    name = "container"
    mechanisms = ("ANONYMOUS",)

    def __init__(self) -> None:
        self._waiting: list[bytes] = []
        self._link: AnswerLink | None = None

    def put(self, *bodies: bytes) -> None:
        self._waiting += bodies
        if self._link is not None:
            self._flush(self._link)

    def _flush(self, link: AnswerLink) -> None:
        for body in self._waiting:
            link.answer(body)
        self._waiting.clear()

    def link(self, session: LinkSession, attach: Attach) -> Link:
        self._link = AnswerLink(session, attach, NODE)
        self._flush(self._link)
        return self._link

    def request(self, node: str, message: Message) -> Message:
        raise AssertionError("nothing is asked of this node")


@pytest.fixture
def queue() -> Queue:
    return Queue()


def test_nothing_is_sent_without_credit_and_no_more_than_it_allows(queue: Queue) -> None:
    queue.put(b"a", b"b", b"c")
    peer = Peer(queue).open()
    assert payloads(peer.attach(2, NODE, receiver=True)) == []
    assert payloads(peer.credit(2, 2)) == [b"a", b"b"]
    queue.put(b"d")
    assert payloads(peer.answers()) == []
    assert payloads(peer.credit(2, 10, delivery_count=2)) == [b"c", b"d"]
    queue.put(b"e")
    assert payloads(peer.answers()) == [b"e"]


def test_drain_uses_up_the_credit(queue: Queue) -> None:
    peer = Peer(queue).open()
    peer.attach(2, NODE, receiver=True)
    window = (UInt(0), UInt(1000), UInt(0), UInt(1000))
    ((code, fields, _),) = peer.send(described(0x13, *window, UInt(2), UInt(0), UInt(5), None, True))
    assert (code, fields[4], fields[5], fields[6], fields[8]) == (performatives.FLOW, 2, 5, 0, True)


def test_a_message_larger_than_a_frame_is_cut(queue: Queue) -> None:
    big = random.Random(0).randbytes(200_000)
    queue.put(big)
    peer = Peer(queue).open()
    peer.attach(2, NODE, receiver=True)
    answers = peer.credit(2, 1)
    assert b"".join(payloads(answers)) == big
    assert [fields[5] for _, fields, _ in answers] == [True] * (len(answers) - 1) + [False]


def test_the_window_of_the_session_holds_readers_back(queue: Queue) -> None:
    queue.put(*[b"x"] * 20)
    peer = Peer(queue).open()
    peer.attach(2, NODE, receiver=True)
    small = described(0x13, UInt(0), UInt(5), UInt(0), UInt(5), UInt(2), UInt(0), UInt(100))
    assert len(payloads(peer.send(small))) == 5
    wider = described(0x13, UInt(5), UInt(7), UInt(0), UInt(5))
    assert len(payloads(peer.send(wider))) == 7


def test_a_full_buffer_holds_readers_back_until_it_is_sent(queue: Queue) -> None:
    queue.put(*[b"x" * 60_000] * 12)
    peer = Peer(queue).open()
    peer.attach(2, NODE, receiver=True)
    seen = len(payloads(peer.credit(2, 100)))
    assert 0 < seen < 12
    turns = 0
    while seen < 12 and turns < 5:
        turns += 1
        peer.connection.resume()
        seen += len(payloads(peer.answers()))
    assert (seen, turns) == (12, 2)


def test_a_peer_that_asks_for_another_protocol_is_told_ours_and_left(queue: Queue) -> None:
    connection = Connection(queue, lambda: None)
    connection.receive(b"AMQP\x00\x00\x09\x01")
    assert connection.take() == SASL_HEADER
    assert connection.finished


@pytest.mark.parametrize(
    ("handle", "condition"), [(2, "amqp:session:handle-in-use"), (256, "amqp:connection:framing-error")]
)
def test_a_handle_that_a_peer_may_not_give_ends_its_connection(queue: Queue, handle: int, condition: str) -> None:
    peer = Peer(queue).open()
    peer.attach(2, NODE, receiver=True)
    ((code, fields, _),) = peer.attach(handle, NODE, receiver=True)
    assert (code, str(fields[0].value[0])) == (performatives.CLOSE, condition)
    assert peer.connection.finished


def test_answers_that_nobody_takes_end_the_connection(queue: Queue) -> None:
    Peer(queue).open().attach(2, NODE, receiver=True)
    queue.put(*[b"x"] * AnswerLink.MOST_WAITING)
    with pytest.raises(AmqpError, match="wait for credit"):
        queue.put(b"x")


class Deaf:
    """The stream of a peer that asks for answers without end and takes none."""

    def __init__(self) -> None:
        self.asked = 0
        self.sends = asyncio.Event()

    async def receive(self) -> bytes:
        await asyncio.sleep(0)
        self.asked += 1
        if self.asked == 1:
            sasl = frame(0, described(0x41, Symbol("ANONYMOUS"), None, None), kind=1)
            begun = frame(0, described(0x11, None, UInt(0), UInt(1000), UInt(1000)))
            return SASL_HEADER + sasl + AMQP_HEADER + frame(0, described(0x10, "peer")) + begun
        echo = described(0x13, UInt(0), UInt(5), UInt(0), UInt(5), None, None, None, None, False, True)
        return frame(0, echo) * 100

    async def send(self, data: bytes) -> None:
        self.sends.set()
        await asyncio.Event().wait()


async def test_a_peer_that_takes_no_answers_is_read_no_further(queue: Queue) -> None:
    deaf = Deaf()
    serving = asyncio.create_task(serve(deaf, queue))
    await deaf.sends.wait()
    before = -1
    for _ in range(50):  # turns of the loop, until they change nothing
        before = deaf.asked
        for _ in range(10):
            await asyncio.sleep(0)
        if deaf.asked == before:
            break
    assert deaf.asked == before
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)


def test_an_unexpected_frame_closes_with_a_decode_error(queue: Queue) -> None:
    peer = Peer(queue).open()
    ((code, fields, _),) = peer.send(described(0x12, 5))
    assert (code, str(fields[0].value[0])) == (performatives.CLOSE, "amqp:decode-error")
    assert peer.connection.finished
