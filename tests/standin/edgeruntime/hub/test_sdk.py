"""The judge: unmodified azure-iot-device against the hub, over TLS and the workload socket, as in a container."""

from __future__ import annotations

import asyncio
import gc
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from azure.iot.device import Message, MethodResponse
from azure.iot.device.aio import IoTHubModuleClient

from tests.standin.edgeruntime.running_hub import DEVICE, Site
from tests.waiting import DEADLINE_S, eventually

pytestmark = [
    pytest.mark.slow,  # the SDK's own: a deprecated constant, and sockets left to the collector
    pytest.mark.filterwarnings("ignore:ssl.PROTOCOL_TLSv1_2 is deprecated:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]


@asynccontextmanager
async def sdk_client(site: Site, module: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[IoTHubModuleClient]:
    identity = site.hub.identity(DEVICE, module)
    assert identity
    environment = {
        "IOTEDGE_IOTHUBHOSTNAME": site.hub.host,
        "IOTEDGE_DEVICEID": DEVICE,
        "IOTEDGE_MODULEID": module,
        "IOTEDGE_GATEWAYHOSTNAME": site.address,
        "IOTEDGE_MODULEGENERATIONID": identity.generation_id,
        "IOTEDGE_WORKLOADURI": f"unix://{site.root}/w/{module}/workload.sock",
        "IOTEDGE_APIVERSION": "2021-12-07",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    make: Any = IoTHubModuleClient.create_from_edge_environment
    client = await asyncio.to_thread(lambda: make(connection_retry_interval=1))
    try:
        yield client
    finally:
        await client.shutdown()
        del client
        gc.collect()  # the SDK leaves sockets to the collector: here their warnings are expected, in other tests not


def message(body: str) -> Any:
    make: Any = Message
    return make(body, message_id=body, content_encoding="utf-8", content_type="application/json")


async def test_messages_twins_and_methods_work_with_the_sdk(running: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    received: list[Any] = []
    patches: list[Any] = []
    async with (
        sdk_client(running, "scorer", monkeypatch) as scorer,
        sdk_client(running, "sensor", monkeypatch) as sensor,
    ):

        async def on_message(one: Any) -> None:
            received.append(one)

        async def on_patch(patch: Any) -> None:
            patches.append(patch)

        async def on_method(request: Any) -> None:
            respond: Any = MethodResponse.create_from_method_request
            await sensor.send_method_response(respond(request, 200, {"echo": request.payload}))

        await handle(scorer, "on_message_received", on_message)
        await handle(sensor, "on_twin_desired_properties_patch_received", on_patch)
        await handle(sensor, "on_method_request_received", on_method)
        await scorer.connect()
        await sensor.connect()

        for number in range(20):
            await sensor.send_message_to_output(message(str(number)), "temperatureOutput")
        await eventually(lambda: len(received) == 20)
        assert [one.data for one in received] == [str(number).encode() for number in range(20)]
        assert {one.input_name for one in received} == {"amlInput"}
        assert (received[3].message_id, received[3].content_type) == ("3", "application/json")

        await scorer.send_message_to_output(message("up"), "amlOutput")
        await eventually(lambda: running.hub.bodies() == [b"up"])

        assert (await sensor.get_twin())["desired"]["$version"] == 1
        running.hub.desire(DEVICE, "sensor", {"period": 3})
        await eventually(lambda: patches[-1:] == [{"period": 3, "$version": 2}], what="the patch")
        await sensor.patch_twin_reported_properties({"period": 3})
        await eventually(lambda: running.hub.twin(DEVICE, "sensor").reported.get("period") == 3)

        invocation = running.hub.invoke(DEVICE, "sensor", "ping", {"x": 1})
        assert await asyncio.wait_for(invocation.answer, DEADLINE_S) == (200, {"echo": {"x": 1}})


async def test_the_sdk_comes_back_after_a_restart_of_the_hub_and_nothing_is_lost(
    running: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    received: list[int] = []
    async with (
        sdk_client(running, "scorer", monkeypatch) as scorer,
        sdk_client(running, "sensor", monkeypatch) as sensor,
    ):

        async def on_message(one: Any) -> None:
            received.append(json.loads(one.data))

        await handle(scorer, "on_message_received", on_message)
        await scorer.connect()
        await sensor.connect()
        await sensor.send_message_to_output(message("0"), "temperatureOutput")
        await running.stop_edge()
        await running.start_edge()
        for number in range(1, 20):
            await _send(sensor, message(str(number)))
        await eventually(lambda: len(set(received)) == 20)
    # at least once: what was delivered but not yet acknowledged when the hub went comes again
    assert list(dict.fromkeys(received)) == list(range(20))


async def handle(client: IoTHubModuleClient, event: str, handler: Any) -> None:
    """The SDK connects while its handler is set, and blocks meanwhile; the hub runs in this thread."""
    await asyncio.to_thread(setattr, client, event, handler)


async def _send(client: IoTHubModuleClient, one: Any) -> None:
    """The SDK gives up sends while it has no connection: modules try again."""
    while True:
        try:
            return await client.send_message_to_output(one, "temperatureOutput")
        except Exception as problem:
            assert "onnect" in repr(problem)
            await asyncio.sleep(0.1)
