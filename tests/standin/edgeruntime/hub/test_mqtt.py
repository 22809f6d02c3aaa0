"""Who may connect, what may be subscribed and published, and that messages arrive in order, once they are stored."""

from __future__ import annotations

import asyncio
import base64
import json

import pytest

from tests.standin.edgeruntime.mqtt_client import credentials, packet, text
from tests.standin.edgeruntime.running_hub import DEVICE, Site, output
from tests.waiting import DEADLINE_S, eventually

pytestmark = pytest.mark.slow

NOT_AUTHORIZED = b"\x00\x05"
INPUTS = f"devices/{DEVICE}/modules/scorer/inputs/#"


async def test_a_message_goes_from_one_module_to_the_input_of_another(running: Site) -> None:
    scorer, sensor = await running.scorer(), await running.connected("sensor")
    packet_id = sensor.publish(
        output("sensor", "temperatureOutput", "%24.mid=7&%24.ct=application%2Fjson&a=b%20c"), b"{}"
    )
    delivery = await scorer.receive()
    assert delivery.body == b"{}"
    assert delivery.topic == (
        f"devices/{DEVICE}/modules/scorer/inputs/amlInput/"
        f"%24.cdid={DEVICE}&%24.cmid=sensor&%24.ct=application%2Fjson&a=b%20c&%24.mid=7"
    )
    await eventually(lambda: sensor.pubacks == [packet_id])


async def test_a_module_cannot_speak_in_the_name_of_another(running: Site) -> None:
    scorer, sensor = await running.scorer(), await running.connected("sensor")
    sensor.publish(output("sensor", "temperatureOutput", "%24.cmid=scorer&%24.cdid=elsewhere"), b"1")
    assert "%24.cmid=sensor" in (await scorer.receive()).topic


async def test_a_message_reaches_the_cloud_with_its_properties(running: Site) -> None:
    scorer = await running.scorer()
    scorer.publish(output("scorer", "amlOutput", "%24.mid=1&%24.ce=utf-8&AzureMLResponse=OK"), b'{"anomaly":true}')
    await eventually(lambda: running.hub.messages)
    device, module, message = running.hub.messages[0]
    assert (device, module, message.body) == (DEVICE, "scorer", b'{"anomaly":true}')
    assert message.properties == {"AzureMLResponse": "OK"}
    assert message.system == {"messageId": "1", "contentEncoding": "utf-8", "outputName": "amlOutput"}


async def test_a_wrong_signature_is_refused(running: Site) -> None:
    key = base64.b64encode(b"another key").decode()
    answer = await running.client().connect(*credentials(running.hub.host, DEVICE, "sensor", key))
    assert answer == NOT_AUTHORIZED


@pytest.mark.parametrize(
    ("module", "client_id", "lifetime_s"),
    [("sensor", f"{DEVICE}/scorer", 60), ("sensor", "other/sensor", 60), ("sensor", DEVICE, 60), ("sensor", None, -60)],
    ids=["another module's id", "another device", "the device itself", "expired"],
)
async def test_a_token_is_good_for_its_own_identity_and_time(
    running: Site, module: str, client_id: str | None, lifetime_s: int
) -> None:
    identity = running.hub.identity(DEVICE, module)
    assert identity
    own, username, token = credentials(running.hub.host, DEVICE, module, identity.primary_key, lifetime_s=lifetime_s)
    claimed = client_id or own
    assert await running.client().connect(claimed, username.replace(own, claimed), token) == NOT_AUTHORIZED


async def test_the_secondary_key_is_as_good_as_the_primary(running: Site) -> None:
    identity = running.hub.identity(DEVICE, "sensor")
    assert identity
    answer = await running.client().connect(*credentials(running.hub.host, DEVICE, "sensor", identity.secondary_key))
    assert answer == b"\x00\x00"


async def test_another_protocol_version_is_refused_as_the_specification_says(running: Site) -> None:
    client = running.client()
    await client.open()
    client.write(packet(0x10, text("MQTT") + b"\x05\x02\x00\x3c" + text("x")))
    assert (await asyncio.wait_for(client.connack, DEADLINE_S)) == b"\x00\x01"


async def test_only_the_clients_own_exact_filters_can_be_subscribed(running: Site) -> None:
    sensor = await running.connected("sensor")
    codes = await sensor.subscribe(f"devices/{DEVICE}/modules/sensor/inputs/#", INPUTS, "#", "devices/+/x", "$iothub/#")
    assert codes == b"\x01\x80\x80\x80\x80"


@pytest.mark.parametrize(
    "topic", ["anything", f"devices/{DEVICE}/modules/scorer/messages/events/", "$iothub/twin/res/200/?$rid=1"]
)
async def test_publishing_on_a_topic_of_another_closes_the_connection(running: Site, topic: str) -> None:
    sensor = await running.connected("sensor")
    sensor.publish(topic, b"")
    await asyncio.wait_for(sensor.closed.wait(), DEADLINE_S)
    assert sensor.pubacks == []


@pytest.mark.parametrize(
    "wrong",
    [
        packet(0x30, b"\x00"),
        b"\x30\xff\xff\xff\xff\x01",
        packet(0x82, b"\x00\x01"),
        packet(0x34, text("t") + b"\x00\x01"),
    ],
    ids=["truncated", "endless length", "empty subscribe", "quality of service 2"],
)
async def test_a_broken_packet_closes_the_connection_and_no_other(running: Site, wrong: bytes) -> None:
    sensor, scorer = await running.connected("sensor"), await running.scorer()
    sensor.write(wrong)
    await asyncio.wait_for(sensor.closed.wait(), DEADLINE_S)
    scorer.write(packet(0xC0, b""))
    await eventually(lambda: scorer.pongs == 1)


async def test_a_message_above_256_kb_is_not_taken(running: Site) -> None:
    sensor = await running.connected("sensor")
    sensor.publish(output("sensor", "temperatureOutput"), b"x" * 262_145)
    await asyncio.wait_for(sensor.closed.wait(), DEADLINE_S)


async def test_what_was_not_acknowledged_comes_again_marked_and_in_order(running: Site) -> None:
    scorer, sensor = await running.scorer(), await running.connected("sensor")
    scorer.acknowledges = False
    for number in range(100):
        sensor.publish(output("sensor", "temperatureOutput"), b"%d" % number)
    first = [(await scorer.receive()) for _ in range(64)]
    await eventually(lambda: len(sensor.pubacks) == 100)
    assert scorer.deliveries.empty(), "more than the window of 64 is in flight"
    await scorer.abort()
    again = await running.connected("scorer")
    got = [await again.receive() for _ in range(100)]
    assert [int(one.body) for one in got] == list(range(100))
    assert [int(one.body) for one in first] == list(range(64))
    assert [one.again for one in got] == [True] * 64 + [False] * 36


async def test_the_session_is_kept_unless_it_is_to_be_clean(running: Site) -> None:
    scorer = await running.scorer()
    await scorer.close()
    kept = running.client()
    identity = running.hub.identity(DEVICE, "scorer")
    assert identity
    login = credentials(running.hub.host, DEVICE, "scorer", identity.primary_key)
    assert await kept.connect(*login) == b"\x01\x00"
    await kept.close()
    assert await running.client().connect(*login, clean=True) == b"\x00\x00"


async def test_a_second_connection_of_a_client_ends_the_first(running: Site) -> None:
    first = await running.scorer()
    second = await running.scorer()
    await asyncio.wait_for(first.closed.wait(), DEADLINE_S)
    sensor = await running.connected("sensor")
    sensor.publish(output("sensor", "temperatureOutput"), b"x")
    assert (await second.receive()).body == b"x"


async def test_a_silent_client_is_disconnected_after_its_keep_alive(running: Site) -> None:
    sensor = await running.connected("sensor", keep_alive_s=1)
    await asyncio.wait_for(sensor.closed.wait(), DEADLINE_S)
    await eventually(lambda: running.hub.online[DEVICE, "sensor"] is False)


async def test_a_module_that_lags_slows_its_sender_down_but_loses_nothing(running: Site) -> None:
    scorer, sensor = await running.scorer(), await running.connected("sensor")
    scorer.acknowledges = False
    edge = running.edge
    assert edge
    for number in range(2600):
        sensor.publish(output("sensor", "temperatureOutput"), b"%d" % number)
    await eventually(lambda: len(edge.queues.inbox("scorer")) == 2600, what="all are read and stored")
    await eventually(lambda: len(sensor.pubacks) >= 2064, what="those that a lagging consumer may have are durable")
    sensor.write(packet(0xC0, b""))
    await eventually(lambda: sensor.pongs == 1, what="it must still be read")
    assert sensor.pubacks == list(range(1, 2065)), "2000 wait, 64 are in flight"
    await scorer.close()
    await eventually(lambda: len(sensor.pubacks) == 2600, what="an absent consumer is stored for without bound")
    assert sensor.pubacks == list(range(1, 2601))


async def test_presence_is_told_to_the_cloud_and_in_the_hubs_twin(running: Site) -> None:
    sensor = await running.connected("sensor")
    await eventually(lambda: running.hub.online.get((DEVICE, "sensor")))
    await sensor.close()
    await eventually(lambda: running.hub.online[DEVICE, "sensor"] is False)

    def status() -> str | None:
        clients = running.hub.twin(DEVICE, "$edgeHub").reported.get("clients", {})
        status: str | None = clients.get(f"{DEVICE}/sensor", {}).get("status")
        return status

    await eventually(lambda: status() == "Disconnected")


async def test_an_identity_that_goes_is_disconnected(running: Site) -> None:
    sensor = await running.connected("sensor")
    running.hub.remove_module(DEVICE, "sensor")
    await asyncio.wait_for(sensor.closed.wait(), DEADLINE_S)


async def test_health_and_metrics_tell_how_it_stands(running: Site) -> None:
    reader, writer = await asyncio.open_connection(running.address, 9600)
    writer.write(b"GET /health HTTP/1.1\r\n\r\nGET /metrics HTTP/1.1\r\n\r\n")
    await reader.readuntil(b"\r\n\r\n")
    health = json.loads((await reader.readuntil(b"}}")).decode())
    assert (health["device"], health["modules"], health["upstream"]) == (DEVICE, ["scorer", "sensor"], True)
    await reader.readuntil(b"\r\n\r\n")
    assert b"edgehub_messages_received_total 0" in await reader.readline()
    writer.close()
