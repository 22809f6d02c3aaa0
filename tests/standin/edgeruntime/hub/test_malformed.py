"""Packets that somebody broke: the hub closes the connection, says why in a line, and lives on."""

from __future__ import annotations

import asyncio
import logging
import random
import struct
from typing import Any

import pytest

from standin.edgeruntime.hub.domain.identities.tokens import Unauthorized, check_token, sign
from standin.edgeruntime.hub.mqtt.connection import MAX_UNREAD_BYTES, Connection
from standin.edgeruntime.hub.mqtt.server import MqttServer
from tests.standin.edgeruntime.mqtt_client import credentials, packet, text
from tests.standin.edgeruntime.running_hub import DEVICE, Site, output
from tests.standin.malformed.mutations import mutated

pytestmark = pytest.mark.slow

KEY = "a2V5"
AUDIENCE = "h/devices/d/modules/m"


class Wire(asyncio.Transport):
    def __init__(self) -> None:
        super().__init__()
        self.sent = bytearray()
        self.closed = False
        self.unread = 0

    def get_write_buffer_size(self) -> int:
        return self.unread

    def write(self, data: Any) -> None:
        self.sent += data

    def close(self) -> None:
        self.closed = True

    abort = close

    def is_closing(self) -> bool:
        return self.closed


def valid_packets(site: Site) -> list[bytes]:
    identity = site.hub.identity(DEVICE, "scorer")
    assert identity is not None
    names = credentials(site.hub.host, DEVICE, "scorer", identity.primary_key)
    connect = packet(0x10, text("MQTT") + bytes((4, 0xC2, 0, 60)) + b"".join(map(text, names)))
    own = f"devices/{DEVICE}/modules/scorer"
    bodies = {
        output("scorer", "amlOutput", "%24.ct=application%2Fjson&%24.ce=utf-8&a=b"): b'{"celsius": 21.5}',
        "$iothub/twin/GET/?$rid=1": b"",
        "$iothub/twin/PATCH/properties/reported/?$rid=2": b'{"state": {"a": 1}}',
        "$iothub/methods/res/200/?$rid=3": b'{"ok": true}',
    }
    published = [packet(0x32, text(topic) + struct.pack(">H", 7) + body) for topic, body in bodies.items()]
    return [
        connect,
        *published,
        packet(
            0x82, struct.pack(">H", 1) + text(f"{own}/inputs/#") + b"\x01" + text("$iothub/methods/POST/#") + b"\x00"
        ),
        packet(0xA2, struct.pack(">H", 2) + text(f"{own}/inputs/#")),
        packet(0x40, struct.pack(">H", 3)),
        packet(0xC0, b""),
        packet(0xE0, b""),
    ]


def connection(server: MqttServer) -> tuple[Connection, Wire]:
    made, wire = Connection(set(), server._handshake), Wire()
    made.connection_made(wire)
    return made, wire


async def test_a_client_that_asks_on_and_reads_nothing_is_cut_off(running: Site) -> None:
    assert running.edge is not None
    (server,) = running.edge.protocols
    assert isinstance(server, MqttServer)
    made, wire = connection(server)
    made.data_received(valid_packets(running)[0])
    await asyncio.sleep(0)
    for unread, closed in ((MAX_UNREAD_BYTES, False), (MAX_UNREAD_BYTES + 1, True)):
        wire.unread = unread
        made.data_received(packet(0xC0, b""))
        await asyncio.sleep(0)
        assert wire.closed is closed
    made.connection_lost(None)


@pytest.mark.parametrize(
    ("seed", "packets"), [(1, 2_000), pytest.param(2, 20_000, marks=pytest.mark.long)], ids=["some", "many"]
)
async def test_broken_packets_end_their_connection_and_nothing_else(
    running: Site, caplog: pytest.LogCaptureFixture, seed: int, packets: int
) -> None:
    assert running.edge is not None
    (server,) = running.edge.protocols
    assert isinstance(server, MqttServer)
    chance, valid, raised = random.Random(seed), valid_packets(running), list[dict[str, Any]]()
    asyncio.get_running_loop().set_exception_handler(lambda _, context: raised.append(context))
    made, wire = connection(server)
    accepted = 0
    with caplog.at_level(logging.ERROR):
        for count in range(packets):
            if wire.closed:
                made.connection_lost(None)
                made, wire = connection(server)
                if chance.random() < 0.8:
                    made.data_received(valid[0])
                    accepted += wire.closed is False
            made.data_received(mutated(chance, valid))
            if count % 20 == 0:
                await asyncio.sleep(0)
        made.connection_lost(None)
        await asyncio.sleep(0.1)

    assert accepted > packets / 20
    assert raised == []
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []
    client = await running.connected("sensor")
    assert not client.closed.is_set()


@pytest.mark.parametrize(
    "packets",
    [
        [("$iothub/methods/res/²/?$rid=1", b"{}")],
        [("$iothub/methods/res/--1/?$rid=1", b"{}")],
        [("$iothub/methods/res/" + "9" * 5000 + "/?$rid=1", b"{}")],
        [("$iothub/twin/GET/?$rid=" + "%FF" * 21_000, b"")],
        [(output("scorer", "o", "a=" + "b" * 60_000), b"{}")],
        [("devices/other/modules/scorer/messages/events/", b"{}")],
    ],
)
async def test_a_topic_that_means_nothing_closes_the_connection(
    running: Site, packets: list[tuple[str, bytes]]
) -> None:
    assert running.edge is not None
    (server,) = running.edge.protocols
    assert isinstance(server, MqttServer)
    made, wire = connection(server)
    made.data_received(valid_packets(running)[0])
    for topic, body in packets:
        made.data_received(packet(0x30, text(topic) + body))

    assert wire.closed


@pytest.mark.parametrize(
    "se", ["nan", "inf", "-inf", "-1", " 1", "1 ", "1e12", "1_0", "0x10", "²", "9" * 19, "9" * 5000, "", "1.5", "٣"]
)
def test_an_expiry_that_is_no_number_of_seconds_never_lets_in(se: str) -> None:
    signature = sign(KEY, f"{AUDIENCE}\n{se}".encode())
    with pytest.raises(Unauthorized, match=r"malformed|seconds"):
        check_token(f"SharedAccessSignature sr={AUDIENCE}&sig={signature}&se={se}", AUDIENCE, [KEY])


def test_a_signature_in_other_letters_is_refused_in_words() -> None:
    with pytest.raises(Unauthorized, match="signature is wrong"):
        check_token(f"SharedAccessSignature sr={AUDIENCE}&sig=ünïcode&se=9999999999", AUDIENCE, [KEY])
