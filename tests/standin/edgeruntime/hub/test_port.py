"""The hub's port is enough for a protocol: a module that speaks none at all reaches modules that speak MQTT."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import pytest

from standin.edgeruntime.hub.domain.identities.tokens import Unauthorized, make_token
from standin.edgeruntime.hub.domain.messages.property_bag import encode_bag
from standin.edgeruntime.hub.domain.port import HubPort
from standin.edgeruntime.hub.domain.queues.inbox import InputMessage
from standin.edgeruntime.hub.domain.router import MessageTooLarge
from standin.edgeruntime.hub.domain.twins.twins import Refused
from tests.standin.edgeruntime.running_hub import DEVICE, Site, output
from tests.waiting import DEADLINE_S, eventually

pytestmark = pytest.mark.slow


class DirectModule:
    """A `ModuleConnection` in this process; it answers each method, and acknowledges each message."""

    takes_methods = True
    writable = True

    def __init__(self, port: HubPort, module: str) -> None:
        self._port = port
        self._module = module
        self.messages: list[InputMessage] = []
        self.patches: list[tuple[dict[str, Any], int]] = []
        self.closed = False

    def connect(self) -> None:
        self._port.connected(self._module, self, token_expires=time.time() + 60)
        self._port.inbox(self._module).attach(self)
        self._port.inbox(self._module).set_live(self, True)

    def deliver(self, message: InputMessage, delivery_id: int, *, again: bool) -> None:
        self.messages.append(message)
        asyncio.get_running_loop().call_soon(self._port.inbox(self._module).acknowledge, delivery_id)

    def call_method(self, request_id: str, name: str, body: bytes) -> None:
        self._port.answer_method(self._module, request_id, 200, body)

    def desired_changed(self, patch: dict[str, Any], version: int) -> None:
        self.patches.append((patch, version))

    def close(self) -> None:
        self.closed = True
        self._port.disconnected(self._module, self)


def port_of(site: Site) -> HubPort:
    assert site.edge
    return site.edge.module_side


def direct(site: Site, module: str) -> DirectModule:
    made = DirectModule(port_of(site), module)
    made.connect()
    return made


async def test_it_sends_to_and_receives_from_a_module_that_speaks_mqtt(running: Site) -> None:
    scorer, sensor = direct(running, "scorer"), await running.connected("sensor")
    sensor.publish(output("sensor", "temperatureOutput", "a=b%20c"), b"{}")
    await eventually(lambda: scorer.messages)
    assert scorer.messages == [InputMessage("amlInput", f"%24.cdid={DEVICE}&%24.cmid=sensor&a=b%20c", b"{}")]
    scorer.close()
    listening = await running.scorer()
    stored = asyncio.Event()
    bag = encode_bag([("$.on", "temperatureOutput"), ("unit", "°C")])
    assert port_of(running).publish("sensor", bag, b"7") == [port_of(running).inbox("scorer")]
    port_of(running).when_stored(stored.set)
    await asyncio.wait_for(stored.wait(), DEADLINE_S)
    delivery = await listening.receive()
    assert delivery.topic.endswith("/inputs/amlInput/%24.cdid=edge-01&%24.cmid=sensor&unit=%C2%B0C")


async def test_its_messages_presence_and_reports_reach_the_cloud(running: Site) -> None:
    scorer = direct(running, "scorer")
    await eventually(lambda: running.hub.online.get((DEVICE, "scorer")))
    port_of(running).publish("scorer", encode_bag([("$.on", "amlOutput"), ("a", "1")]), b"up")
    await eventually(lambda: running.hub.bodies() == [b"up"])
    assert running.hub.messages[0][2].properties == {"a": "1"}
    assert port_of(running).report("scorer", {"period": 5, "$version": 9}) == 2
    await eventually(lambda: running.hub.twin(DEVICE, "scorer").reported == {"period": 5, "$version": 2})
    scorer.close()
    await eventually(lambda: running.hub.online[DEVICE, "scorer"] is False)


async def test_it_is_told_of_desired_changes_and_methods(running: Site) -> None:
    sensor = direct(running, "sensor")
    running.hub.desire(DEVICE, "sensor", {"period": 5})
    await eventually(lambda: sensor.patches == [({"period": 5}, 2)])
    twin = port_of(running).twin("sensor")
    assert twin and twin["desired"] == {"period": 5, "$version": 2}
    invocation = running.hub.invoke(DEVICE, "sensor", "echo", {"x": 1})
    assert await asyncio.wait_for(invocation.answer, DEADLINE_S) == (200, {"x": 1})


async def test_a_connection_by_another_protocol_takes_over_and_gets_what_was_in_flight(running: Site) -> None:
    scorer, sensor = await running.scorer(), await running.connected("sensor")
    scorer.acknowledges = False
    sensor.publish(output("sensor", "temperatureOutput"), b"x")
    assert (await scorer.receive()).body == b"x"
    taking_over = direct(running, "scorer")
    await asyncio.wait_for(scorer.closed.wait(), DEADLINE_S)
    assert [message.body for message in taking_over.messages] == [b"x"]
    running.hub.remove_module(DEVICE, "scorer")
    await eventually(lambda: taking_over.closed, what="an identity that goes is disconnected")


async def test_it_is_refused_what_mqtt_is_refused(running: Site) -> None:
    port, identity = port_of(running), running.hub.identity(DEVICE, "sensor")
    assert identity
    audience = f"{running.hub.host}/devices/{DEVICE}/modules"
    token = make_token(f"{audience}/sensor", identity.primary_key, lifetime_s=60)
    assert port.authenticate("sensor", token) > time.time()
    for module, wrong in (("scorer", token), ("absent", token), ("sensor", "Basic x"), ("$edgeHub", token)):
        with pytest.raises(Unauthorized):
            port.authenticate(module, wrong)
    with pytest.raises(MessageTooLarge):
        port.publish("sensor", "", b"x" * 262_145)
    with pytest.raises(Refused):
        port.report("sensor", json.loads('{"a":[1,null]}'))
    assert not port.full
