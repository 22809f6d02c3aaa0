"""The connection's manners: order of frames, credit, refusals, hostile peers."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from standin.iothub.amqp import performatives
from standin.iothub.amqp.connection import Connection
from standin.iothub.amqp.decode import decode
from standin.iothub.amqp.encode import described
from standin.iothub.amqp.endpoint import Endpoint
from standin.iothub.amqp.frames import AMQP_HEADER, SASL_HEADER, frame
from standin.iothub.amqp.messages import Message, decode_message, encode_message
from standin.iothub.amqp.types import Described, Symbol, UByte, UInt, ULong
from standin.iothub.events.log import Entry, EventLog
from tests.standin.iothub.signing import sign

KEY = "c2VjcmV0LWtleS1mb3ItdGVzdHMtb25seS0wMTIzNDU="
READER = "hub/ConsumerGroups/$Default/Partitions/0"


@pytest.fixture
def log(tmp_path: Path) -> Iterator[EventLog]:
    opened = EventLog(tmp_path / "events.db", partitions=2, retention=timedelta(days=1), now=lambda: datetime.now(UTC))
    yield opened
    opened.close()


@pytest.fixture
def endpoint(log: EventLog) -> Endpoint:
    return Endpoint(
        "hub",
        log=log,
        created=datetime.now(UTC),
        keys=lambda policy: [KEY] if policy == "service" else [],
        groups=lambda: {"$default", "other"},
    )


class Peer:
    """A client that speaks frame by frame."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.connection = Connection(endpoint, lambda: None)

    def send(self, *bodies: bytes, channel: int = 0, payload: bytes = b"") -> list[tuple[int | str, list[Any], bytes]]:
        for body in bodies:
            self.connection.receive(frame(channel, body, payload))
        return self.answers()

    def answers(self) -> list[tuple[int | str, list[Any], bytes]]:
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

    def open(self) -> Peer:
        self.connection.receive(SASL_HEADER)
        self.connection.receive(frame(0, described(0x41, Symbol("ANONYMOUS"), None, None), kind=1))
        self.connection.receive(AMQP_HEADER)
        self.send(described(0x10, "peer", "host", UInt(65536), None, UInt(60000)))
        self.send(described(0x11, None, UInt(0), UInt(1000), UInt(1000)))
        return self

    def attach(
        self, handle: int, address: str, *, receiver: bool, **more: Any
    ) -> list[tuple[int | str, list[Any], bytes]]:
        terminus = Described(0x28 if receiver else 0x29, [address, *more.get("source", [])])
        mine = Described(0x29 if receiver else 0x28, [f"me-{handle}"])
        source, target = (terminus, mine) if receiver else (mine, terminus)
        properties = more.get("properties")
        desired = more.get("desired")
        fields = ["link", UInt(handle), receiver, UByte(1), UByte(0), source, target, None, None, None, None, None]
        return self.send(described(0x12, *fields, desired, properties))

    def credit(self, handle: int, credit: int, delivery_count: int = 0) -> list[tuple[int | str, list[Any], bytes]]:
        window = (UInt(0), UInt(1000), UInt(0), UInt(1000))
        return self.send(described(0x13, *window, UInt(handle), UInt(delivery_count), UInt(credit)))

    def put_token(self, token: str) -> dict[str, Any]:
        self.attach(0, "$cbs", receiver=False)
        self.attach(1, "$cbs", receiver=True)
        self.credit(1, 10)
        put = Message(value=token, properties={"message-id": "1"}, application={"operation": "put-token"})
        head = described(0x14, UInt(0), UInt(0), b"t", UInt(0), True)
        answers = self.send(head, payload=encode_message(put))
        (payload,) = [payload for code, _, payload in answers if code == performatives.TRANSFER]
        return decode_message(payload).application

    def authorized(self) -> Peer:
        answer = self.open().put_token(sign("sb://ns/hub", KEY, "service"))
        assert answer["status-code"] == 202
        return self


def put(log: EventLog, *bodies: bytes) -> None:
    log.append(Entry(0, lambda *_, body=body: body) for body in bodies)


def payloads(answers: list[tuple[int | str, list[Any], bytes]]) -> list[bytes]:
    return [payload for code, _, payload in answers if code == performatives.TRANSFER]


def refusal(answers: list[tuple[int | str, list[Any], bytes]]) -> str:
    """The condition of a refused attach: answered first, without a source, then detached."""
    assert [code for code, _, _ in answers] == [performatives.ATTACH, performatives.DETACH]
    assert answers[0][1][5] is None
    return str(answers[1][1][2].value[0])


def test_nothing_is_sent_without_credit_and_no_more_than_it_allows(endpoint: Endpoint, log: EventLog) -> None:
    put(log, b"a", b"b", b"c")
    peer = Peer(endpoint).authorized()
    assert payloads(peer.attach(2, READER, receiver=True)) == []
    assert payloads(peer.credit(2, 2)) == [b"a", b"b"]
    put(log, b"d")
    assert payloads(peer.answers()) == []
    assert payloads(peer.credit(2, 10, delivery_count=2)) == [b"c", b"d"]
    put(log, b"e")
    assert payloads(peer.answers()) == [b"e"]


def test_drain_uses_up_the_credit(endpoint: Endpoint) -> None:
    peer = Peer(endpoint).authorized()
    peer.attach(2, READER, receiver=True)
    window = (UInt(0), UInt(1000), UInt(0), UInt(1000))
    ((code, fields, _),) = peer.send(described(0x13, *window, UInt(2), UInt(0), UInt(5), None, True))
    assert (code, fields[4], fields[5], fields[6], fields[8]) == (performatives.FLOW, 2, 5, 0, True)


def test_a_message_larger_than_a_frame_is_cut(endpoint: Endpoint, log: EventLog) -> None:
    big = random.Random(0).randbytes(200_000)
    put(log, big)
    peer = Peer(endpoint).authorized()
    peer.attach(2, READER, receiver=True)
    answers = peer.credit(2, 1)
    assert b"".join(payloads(answers)) == big
    assert [fields[5] for _, fields, _ in answers] == [True] * (len(answers) - 1) + [False]


def test_the_window_of_the_session_holds_readers_back(endpoint: Endpoint, log: EventLog) -> None:
    put(log, *[b"x"] * 20)
    peer = Peer(endpoint).authorized()
    peer.attach(2, READER, receiver=True)
    # one transfer (the token's answer) has gone out on this session before
    small = described(0x13, UInt(1), UInt(5), UInt(0), UInt(5), UInt(2), UInt(0), UInt(100))
    assert len(payloads(peer.send(small))) == 5
    wider = described(0x13, UInt(6), UInt(7), UInt(0), UInt(5))
    assert len(payloads(peer.send(wider))) == 7


def test_a_full_buffer_holds_readers_back_until_it_is_sent(endpoint: Endpoint, log: EventLog) -> None:
    put(log, *[b"x" * 60_000] * 12)
    peer = Peer(endpoint).authorized()
    peer.attach(2, READER, receiver=True)
    seen = len(payloads(peer.credit(2, 100)))
    assert 0 < seen < 12
    turns = 0
    while seen < 12 and turns < 5:
        turns += 1
        peer.connection.resume()
        seen += len(payloads(peer.answers()))
    assert (seen, turns) == (12, 2)


@pytest.mark.parametrize(
    ("address", "condition"),
    [
        ("hub/ConsumerGroups/nobody/Partitions/0", "amqp:not-found"),
        ("hub/ConsumerGroups/$Default/Partitions/9", "com.microsoft:argument-out-of-range"),
        ("hub/ConsumerGroups/$Default/Partitions/x", "com.microsoft:argument-out-of-range"),
        ("hub/else", "amqp:not-found"),
        ("other/ConsumerGroups/$Default/Partitions/0", "amqp:unauthorized-access"),
    ],
)
def test_a_wrong_address_is_refused_with_event_hubs_condition(endpoint: Endpoint, address: str, condition: str) -> None:
    assert refusal(Peer(endpoint).authorized().attach(2, address, receiver=True)) == condition


def test_nobody_reads_without_a_token(endpoint: Endpoint) -> None:
    assert refusal(Peer(endpoint).open().attach(2, READER, receiver=True)) == "amqp:unauthorized-access"


def test_nobody_sends_into_the_hub(endpoint: Endpoint) -> None:
    answers = Peer(endpoint).authorized().attach(2, READER, receiver=False)
    assert str(answers[1][1][2].value[0]) == "amqp:not-implemented"


@pytest.mark.parametrize(
    ("token", "text"),
    [
        (sign("sb://ns/hub", "d3Jvbmc=", "service"), "InvalidSignature: The token has an invalid signature."),
        (sign("sb://ns/hub", KEY, "device"), "InvalidSignature: The token's policy is unknown or may not read."),
        (sign("sb://ns/hub", KEY, "service", lifetime_s=-5), "ExpiredToken: The token is expired."),
        ("nonsense", "MalformedToken: The token is not a SharedAccessSignature."),
    ],
)
def test_a_bad_token_is_answered_with_the_condition_that_clients_look_for(
    endpoint: Endpoint, token: str, text: str
) -> None:
    answer = Peer(endpoint).open().put_token(token)
    assert (answer["status-code"], answer["status-description"]) == (401, text)
    assert answer["error-condition"] == "amqp:unauthorized-access"


def test_a_reader_is_let_go_when_its_token_runs_out(
    endpoint: Endpoint, log: EventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    peer = Peer(endpoint).authorized()
    peer.attach(2, READER, receiver=True)
    peer.credit(2, 10)
    peer.connection.tick()
    assert peer.answers() == []
    peer.connection.grants.clear()
    peer.connection.tick()
    ((code, fields, _),) = peer.answers()
    assert (code, str(fields[2].value[0])) == (performatives.DETACH, "amqp:unauthorized-access")
    put(log, b"late")
    assert peer.answers() == []


def test_a_higher_owner_level_steals_and_a_lower_one_is_refused(endpoint: Endpoint) -> None:
    low, high = Peer(endpoint).authorized(), Peer(endpoint).authorized()
    epoch = Symbol("com.microsoft:epoch")
    low.attach(2, READER, receiver=True, properties={epoch: 1})
    high.attach(2, READER, receiver=True, properties={epoch: 5})
    ((code, fields, _),) = low.answers()
    assert (code, str(fields[2].value[0])) == (performatives.DETACH, "amqp:link:stolen")
    assert refusal(low.attach(3, READER, receiver=True, properties={epoch: 4})) == "amqp:link:stolen"
    assert refusal(low.attach(3, READER, receiver=True)) == "amqp:link:stolen"
    other = READER.replace("$Default", "other")
    assert low.attach(4, other, receiver=True)[0][1][5] is not None


def test_a_partition_takes_five_readers_of_a_group(endpoint: Endpoint) -> None:
    peer = Peer(endpoint).authorized()
    for handle in range(2, 7):
        assert len(peer.attach(handle, READER, receiver=True)) == 1
    assert refusal(peer.attach(7, READER, receiver=True)) == "amqp:resource-limit-exceeded"
    peer.send(described(0x16, UInt(2), True))
    assert len(peer.attach(7, READER, receiver=True)) == 1


def test_links_detached_after_their_session_has_ended_do_no_harm(endpoint: Endpoint, log: EventLog) -> None:
    peer = Peer(endpoint).authorized()
    peer.attach(2, READER, receiver=True)
    assert [code for code, _, _ in peer.send(described(0x17))] == [performatives.END]
    assert peer.send(described(0x16, UInt(2), True)) == []
    put(log, b"after")
    assert not peer.connection.finished


def test_the_end_of_the_hub_ends_its_readers(endpoint: Endpoint) -> None:
    peer = Peer(endpoint).authorized()
    peer.attach(2, READER, receiver=True)
    endpoint.close()
    ((code, fields, _),) = peer.answers()
    assert (code, str(fields[2].value[0])) == (performatives.DETACH, "amqp:not-found")


def test_a_peer_that_asks_for_another_protocol_is_told_ours_and_left(endpoint: Endpoint) -> None:
    connection = Connection(endpoint, lambda: None)
    connection.receive(b"AMQP\x00\x00\x09\x01")
    assert connection.take() == SASL_HEADER
    assert connection.finished


def test_an_unexpected_frame_closes_with_a_decode_error(endpoint: Endpoint) -> None:
    peer = Peer(endpoint).open()
    ((code, fields, _),) = peer.send(described(0x12, 5))
    assert (code, str(fields[0].value[0])) == (performatives.CLOSE, "amqp:decode-error")
    assert peer.connection.finished


def test_hostile_frames_end_in_a_close_never_in_an_exception(endpoint: Endpoint, log: EventLog) -> None:
    put(log, b"x")
    dice = random.Random(20261121)
    good = [
        described(0x10, "peer", "host", UInt(65536)),
        described(0x11, None, UInt(0), UInt(1000), UInt(1000)),
        described(0x12, "n", UInt(1), True, UByte(0), UByte(0), Described(0x28, [READER]), Described(0x29, ["me"])),
        described(0x13, UInt(0), UInt(1000), UInt(0), UInt(1000), UInt(1), UInt(0), UInt(10)),
        described(0x14, UInt(0), UInt(0), b"t", UInt(0), True) + encode_message(Message(value="x")),
        described(0x16, UInt(1), True),
        described(0x15, True, UInt(0)),
        described(0x17),
        described(0x99, ULong(1)),
    ]
    for _ in range(400):
        peer = Peer(endpoint).authorized()
        for _ in range(6):
            body = bytearray(dice.choice(good))
            if dice.random() < 0.7:
                for _ in range(dice.randint(1, 4)):
                    body[dice.randrange(len(body))] = dice.randrange(256)
            peer.connection.receive(frame(dice.choice([0, 0, 0, 1, 300]), bytes(body)))
        peer.connection.receive(dice.randbytes(dice.randint(0, 64)))
        peer.connection.tick()
        peer.connection.dispose()
    assert payloads(Peer(endpoint).authorized().attach(2, READER, receiver=True)) == []
