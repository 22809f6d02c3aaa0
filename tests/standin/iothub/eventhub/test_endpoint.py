"""What the endpoint lets its clients do: tokens, refusals, owner levels, hostile peers."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

import pytest

from standin.iothub.amqp import performatives
from standin.iothub.amqp.encode import described
from standin.iothub.amqp.frames import frame
from standin.iothub.amqp.messages import Message, decode_message, encode_message
from standin.iothub.amqp.types import Described, Symbol, UByte, UInt, ULong
from standin.iothub.eventhub.endpoint import Endpoint
from standin.iothub.events.log import Entry, EventLog
from tests.standin.iothub.amqp.peer import Peer, payloads, refusal
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


class Client(Peer):
    """One that knows Event Hubs' manners."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.ours = endpoint.client()
        super().__init__(self.ours)

    def put_token(self, token: str) -> dict[str, Any]:
        self.attach(0, "$cbs", receiver=False)
        self.attach(1, "$cbs", receiver=True)
        self.credit(1, 10)
        put = Message(value=token, properties={"message-id": "1"}, application={"operation": "put-token"})
        head = described(0x14, UInt(0), UInt(0), b"t", UInt(0), True)
        answers = self.send(head, payload=encode_message(put))
        (payload,) = [payload for code, _, payload in answers if code == performatives.TRANSFER]
        return decode_message(payload).application

    def authorized(self) -> Self:
        answer = self.open().put_token(sign("sb://ns/hub", KEY, "service"))
        assert answer["status-code"] == 202
        return self


def put(log: EventLog, *bodies: bytes) -> None:
    log.append(Entry(0, lambda *_, body=body: body) for body in bodies)


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
    assert refusal(Client(endpoint).authorized().attach(2, address, receiver=True)) == condition


def test_nobody_reads_without_a_token(endpoint: Endpoint) -> None:
    assert refusal(Client(endpoint).open().attach(2, READER, receiver=True)) == "amqp:unauthorized-access"


def test_nobody_sends_into_the_hub(endpoint: Endpoint) -> None:
    answers = Client(endpoint).authorized().attach(2, READER, receiver=False)
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
    answer = Client(endpoint).open().put_token(token)
    assert (answer["status-code"], answer["status-description"]) == (401, text)
    assert answer["error-condition"] == "amqp:unauthorized-access"


def test_a_reader_is_let_go_when_its_token_runs_out(
    endpoint: Endpoint, log: EventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    peer = Client(endpoint).authorized()
    peer.attach(2, READER, receiver=True)
    peer.credit(2, 10)
    peer.connection.tick()
    assert peer.answers() == []
    peer.ours.grants.clear()
    peer.connection.tick()
    ((code, fields, _),) = peer.answers()
    assert (code, str(fields[2].value[0])) == (performatives.DETACH, "amqp:unauthorized-access")
    put(log, b"late")
    assert peer.answers() == []


def test_a_higher_owner_level_steals_and_a_lower_one_is_refused(endpoint: Endpoint) -> None:
    low, high = Client(endpoint).authorized(), Client(endpoint).authorized()
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
    peer = Client(endpoint).authorized()
    for handle in range(2, 7):
        assert len(peer.attach(handle, READER, receiver=True)) == 1
    assert refusal(peer.attach(7, READER, receiver=True)) == "amqp:resource-limit-exceeded"
    peer.send(described(0x16, UInt(2), True))
    assert len(peer.attach(7, READER, receiver=True)) == 1


def test_links_detached_after_their_session_has_ended_do_no_harm(endpoint: Endpoint, log: EventLog) -> None:
    peer = Client(endpoint).authorized()
    peer.attach(2, READER, receiver=True)
    assert [code for code, _, _ in peer.send(described(0x17))] == [performatives.END]
    assert peer.send(described(0x16, UInt(2), True)) == []
    put(log, b"after")
    assert not peer.connection.finished


def test_the_end_of_the_hub_ends_its_readers(endpoint: Endpoint) -> None:
    peer = Client(endpoint).authorized()
    peer.attach(2, READER, receiver=True)
    endpoint.close()
    ((code, fields, _),) = peer.answers()
    assert (code, str(fields[2].value[0])) == (performatives.DETACH, "amqp:not-found")


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
        peer = Client(endpoint).authorized()
        for _ in range(6):
            body = bytearray(dice.choice(good))
            if dice.random() < 0.7:
                for _ in range(dice.randint(1, 4)):
                    body[dice.randrange(len(body))] = dice.randrange(256)
            peer.connection.receive(frame(dice.choice([0, 0, 0, 1, 300]), bytes(body)))
        peer.connection.receive(dice.randbytes(dice.randint(0, 64)))
        peer.connection.tick()
        peer.connection.dispose()
    assert payloads(Client(endpoint).authorized().attach(2, READER, receiver=True)) == []
