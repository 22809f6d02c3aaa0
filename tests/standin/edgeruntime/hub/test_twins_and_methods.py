"""Twins are answered on the device, online or not; methods go over the module's own connection."""

from __future__ import annotations

import asyncio
import json
from urllib.parse import parse_qsl

import pytest

from standin.edgeruntime.hub.domain.twins import merge
from tests.standin.edgeruntime.fake_hub import MethodFailed
from tests.standin.edgeruntime.mqtt_client import MqttClient
from tests.standin.edgeruntime.running_hub import DEVICE, Site, hub_desired
from tests.waiting import DEADLINE_S, eventually

pytestmark = pytest.mark.slow

DESIRED = "$iothub/twin/PATCH/properties/desired/#"
RESULTS = "$iothub/twin/res/#"
METHODS = "$iothub/methods/POST/#"
REPORT = "$iothub/twin/PATCH/properties/reported/?$rid="


async def get_twin(client: MqttClient) -> dict[str, dict[str, object]]:
    client.publish("$iothub/twin/GET/?$rid=1", b" ")
    delivery = await client.receive()
    assert delivery.topic == "$iothub/twin/res/200/?$rid=1"
    twin: dict[str, dict[str, object]] = json.loads(delivery.body)
    return twin


async def test_a_twin_is_got_even_without_a_subscription(running: Site) -> None:
    running.hub.desire(DEVICE, "sensor", {"period": 5})
    sensor = await running.connected("sensor")
    edge = running.edge
    assert edge
    await eventually(lambda: edge.twins.desired("sensor").get("period") == 5)
    twin = await get_twin(sensor)
    assert twin == {"desired": {"period": 5, "$version": 2}, "reported": {"$version": 1}}


async def test_a_desired_change_reaches_its_module_alone_as_a_patch_with_its_version(running: Site) -> None:
    sensor, scorer = await running.connected("sensor"), await running.connected("scorer")
    await sensor.subscribe(DESIRED)
    await scorer.subscribe(DESIRED)
    running.hub.desire(DEVICE, "sensor", {"period": 5, "deep": {"a": 1, "b": 2}})
    await sensor.receive()
    running.hub.desire(DEVICE, "sensor", {"deep": {"a": 1, "b": 3}})
    delivery = await sensor.receive()
    assert delivery.topic == "$iothub/twin/PATCH/properties/desired/?$version=3"
    assert json.loads(delivery.body) == {"period": None, "deep": {"b": 3}, "$version": 3}
    assert scorer.deliveries.empty()


async def test_a_reported_patch_is_answered_at_once_and_reaches_the_cloud(running: Site) -> None:
    sensor = await running.connected("sensor")
    sensor.publish(REPORT + "7", b'{"period":5,"gone":null}')
    answer = await sensor.receive()
    topic, _, query = answer.topic.partition("?")
    assert (topic, dict(parse_qsl(query))["$rid"]) == ("$iothub/twin/res/204/", "7")
    assert int(dict(parse_qsl(query))["$version"]) == 2
    await eventually(lambda: running.hub.twin(DEVICE, "sensor").reported == {"period": 5, "$version": 2})


async def test_what_is_reported_offline_reaches_the_cloud_later_as_one_patch(running: Site) -> None:
    sensor = await running.connected("sensor")
    running.base.faults.cut(DEVICE)
    edge = running.edge
    assert edge
    await eventually(lambda: not edge.link.connected)
    for body in (b'{"a":1,"b":{"c":1}}', b'{"a":null,"b":{"d":2}}'):
        sensor.publish(REPORT + "1", body)
        await sensor.receive()
    assert (await get_twin(sensor))["reported"] == {"b": {"c": 1, "d": 2}, "$version": 3}
    running.base.faults.restore(DEVICE)
    await eventually(lambda: running.hub.twin(DEVICE, "sensor").reported.get("b") == {"c": 1, "d": 2})
    assert running.hub.twin(DEVICE, "sensor").reported["$version"] == 2


async def test_what_iot_hub_would_refuse_is_refused_here_and_the_connection_stays(running: Site) -> None:
    sensor = await running.connected("sensor")
    for body in (b"[1]", b"{", b'{"a":[1,null]}', json.dumps({"a": _nested(12)}).encode()):
        sensor.publish(REPORT + "1", body)
        assert (await sensor.receive()).topic == "$iothub/twin/res/400/?$rid=1"
    await get_twin(sensor)


def _nested(depth: int) -> object:
    return {"n": _nested(depth - 1)} if depth else 1


async def test_a_method_reaches_its_module_alone_and_its_answer_the_caller(running: Site) -> None:
    sensor, scorer = await running.connected("sensor"), await running.connected("scorer")
    await sensor.subscribe(METHODS)
    await scorer.subscribe(METHODS)
    invocation = running.hub.invoke(DEVICE, "sensor", "re set", {"x": 1})
    request = await sensor.receive()
    assert request.topic.startswith("$iothub/methods/POST/re%20set/?$rid=")
    assert json.loads(request.body) == {"x": 1}
    rid = request.topic.rpartition("=")[2]
    sensor.publish(f"$iothub/methods/res/201/?$rid={rid}", b'{"done":true}')
    assert await asyncio.wait_for(invocation.answer, DEADLINE_S) == (201, {"done": True})
    assert scorer.deliveries.empty()


async def test_a_method_waits_as_long_as_the_caller_says_for_a_module_that_takes_methods(running: Site) -> None:
    away = running.hub.invoke(DEVICE, "sensor", "reset", None)
    with pytest.raises(MethodFailed, match="offline"):
        await asyncio.wait_for(away.answer, DEADLINE_S)
    sensor = await running.connected("sensor")
    without = running.hub.invoke(DEVICE, "sensor", "reset", None)
    with pytest.raises(MethodFailed, match="offline"):
        await asyncio.wait_for(without.answer, DEADLINE_S)
    patient = running.hub.invoke(DEVICE, "sensor", "second", None, connect_timeout_s=60)
    await sensor.subscribe(METHODS)
    assert "/second/" in (await sensor.receive()).topic
    assert not patient.answer.done()


async def test_a_module_that_takes_methods_and_does_not_answer_is_late(running: Site) -> None:
    sensor = await running.connected("sensor")
    await sensor.subscribe(METHODS)
    invocation = running.hub.invoke(DEVICE, "sensor", "reset", None, response_timeout_s=1)
    with pytest.raises(MethodFailed, match="timeout"):
        await asyncio.wait_for(invocation.answer, DEADLINE_S)


async def test_routes_change_while_running_and_wrong_ones_leave_the_old_in_force(running: Site) -> None:
    edge = running.edge
    assert edge

    def status() -> dict[str, object]:
        reported: dict[str, object] = running.hub.twin(DEVICE, "$edgeHub").reported.get("lastDesiredStatus", {})
        return reported

    await eventually(lambda: status().get("code") == 200)
    running.hub.desire(DEVICE, "$edgeHub", hub_desired({"bad": "FROM nowhere"}))
    await eventually(lambda: status().get("code") == 400)
    assert "route 'bad'" in str(status()["description"])
    assert [route.name for route in edge.router.table.routes] == ["sensorToScorer", "scorerToUpstream"]
    running.hub.desire(DEVICE, "$edgeHub", hub_desired({"all": "FROM /* INTO $upstream"}))
    await eventually(lambda: status() == {"code": 200, "description": ""})
    assert running.hub.twin(DEVICE, "$edgeHub").reported["lastDesiredVersion"] == 4
    sensor = await running.connected("sensor")
    sensor.publish(f"devices/{DEVICE}/modules/sensor/messages/events/", b"plain")
    await eventually(lambda: running.hub.bodies() == [b"plain"])


async def test_a_twin_change_can_be_routed(running: Site) -> None:
    routes = {"twins": "FROM /twinChangeNotifications WHERE $body.properties.reported.a = 1 INTO $upstream"}
    running.hub.desire(DEVICE, "$edgeHub", hub_desired(routes))
    edge = running.edge
    assert edge
    await eventually(lambda: [route.name for route in edge.router.table.routes] == ["twins"])
    sensor = await running.connected("sensor")
    sensor.publish(REPORT + "1", b'{"other":1}')
    sensor.publish(REPORT + "2", b'{"a":1}')
    await eventually(lambda: running.hub.messages)
    assert [json.loads(body) for body in running.hub.bodies()] == [{"properties": {"reported": {"a": 1}}}]


def test_a_composed_patch_does_what_both_do() -> None:
    first, second = {"a": 1, "b": {"c": 1, "d": None}}, {"a": None, "b": {"d": 2}, "e": 3}
    for document in ({}, {"a": 0, "b": {"d": 9, "x": 1}}):
        both = merge.apply(document, merge.compose(first, second))
        assert both == merge.apply(merge.apply(document, first), second)


def test_a_difference_makes_the_new_of_the_old() -> None:
    old, new = {"a": 1, "b": {"c": 1, "d": 2}, "e": [1], "f": {"g": 1}}, {"b": {"d": 3}, "e": [2], "f": 5, "h": True}
    assert merge.apply(old, merge.difference(old, new)) == new
    assert merge.difference(new, new) == {}
    assert merge.difference({"x": 1}, {"x": True}) == {"x": True}
