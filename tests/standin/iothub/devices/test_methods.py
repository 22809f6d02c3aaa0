"""Direct methods."""

from __future__ import annotations

import asyncio
import json
from typing import Literal

import pytest

from standin.iothub import Hub
from tests.standin.iothub.conftest import Bench
from tests.standin.iothub.rest import Rest


@pytest.fixture
async def rest(bench: Bench) -> Rest:
    rest = Rest(bench)
    await rest.call("PUT", "/devices/d", {"capabilities": {"iotEdge": True}})
    return rest


async def test_a_method_is_answered_by_the_device(rest: Rest, hub: Hub) -> None:
    subscription = hub.subscribe("d")
    hub.connection("d", "$edgeAgent", True)

    async def device() -> None:
        event = await subscription.get()
        assert event[0] == "method"
        assert (event[1], event[2].name, event[2].payload) == ("$edgeAgent", "ping", {"n": 1})
        event[2].respond(200, {"pong": True})
        event[2].respond(500, "twice")

    task = asyncio.create_task(device())
    body = {"methodName": "ping", "payload": {"n": 1}, "responseTimeoutInSeconds": 10}
    answer = await rest.call("POST", "/twins/d/modules/$edgeAgent/methods", body)
    assert (answer.status, answer.body) == (200, {"status": 200, "payload": {"pong": True}})
    await task


async def test_a_method_on_a_device_that_is_not_connected_is_refused(rest: Rest, hub: Hub) -> None:
    hub.subscribe("d")
    refused = await rest.call("POST", "/twins/d/methods", {"methodName": "ping", "connectTimeoutInSeconds": 0})
    message = json.loads(refused.body["Message"])
    assert (refused.status, message["errorCode"]) == (404, 404103)
    assert message["message"] == "Timed out waiting for device to connect."
    assert message["info"] == {"timeout": "00:00:00"}


async def test_a_method_waits_for_a_device_that_connects_in_time(rest: Rest, hub: Hub) -> None:
    subscription = hub.subscribe("d")
    body = {"methodName": "ping", "connectTimeoutInSeconds": 5}
    call = asyncio.create_task(rest.call("POST", "/twins/d/methods", body))
    await asyncio.sleep(0)
    hub.connection("d", None, True)
    event = await subscription.get()
    assert event[0] == "method"
    event[2].respond(404, None)
    assert (await call).body == {"status": 404, "payload": None}


@pytest.mark.parametrize(
    ("reason", "status", "code", "words"),
    [
        ("offline", 404, 404103, "Timed out waiting for device to connect."),
        ("timeout", 504, 504101, "Timed out waiting for the response from device."),
    ],
)
async def test_who_takes_no_methods_is_not_online_and_who_does_not_answer_is_late(
    rest: Rest, hub: Hub, reason: Literal["offline", "timeout"], status: int, code: int, words: str
) -> None:
    subscription = hub.subscribe("d")
    hub.connection("d", "$edgeHub", True)
    call = asyncio.create_task(rest.call("POST", "/twins/d/modules/$edgeHub/methods", {"methodName": "ping"}))
    event = await subscription.get()
    assert event[0] == "method"
    event[2].fail(reason)
    refused = await call
    message = json.loads(refused.body["Message"])
    assert (refused.status, message["errorCode"], message["message"]) == (status, code, words)


@pytest.mark.parametrize(
    "times",
    [
        {"responseTimeoutInSeconds": 4},
        {"responseTimeoutInSeconds": 301},
        {"connectTimeoutInSeconds": 301},
        {"connectTimeoutInSeconds": -1},
        {"responseTimeoutInSeconds": 10, "connectTimeoutInSeconds": 11},
        {"connectTimeoutInSeconds": True},
    ],
)
async def test_times_out_of_bounds_are_refused(rest: Rest, hub: Hub, times: dict[str, object]) -> None:
    hub.connection("d", None, True)
    refused = await rest.call("POST", "/twins/d/methods", {"methodName": "ping", **times})
    assert (refused.status, refused.body["Message"].startswith("ErrorCode:ArgumentInvalid")) == (400, True)


async def test_a_payload_above_128_kb_is_refused(rest: Rest) -> None:
    refused = await rest.call("POST", "/twins/d/methods", {"methodName": "m", "payload": "x" * 128 * 1024})
    assert (refused.status, refused.code) == (413, "MessageTooLarge")
