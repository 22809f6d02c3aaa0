"""The cloud's end of a device's WebSocket, and the control surface of the devices, without a Docker engine."""

from __future__ import annotations

import json
import ssl
import urllib.error
import urllib.request
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from standin.core.errors import NotFound
from standin.edgeruntime.hub.domain.identities.tokens import make_token
from standin.edgeruntime.iothub_port import EDGE_HUB_MODULE
from tests.standin.edgeruntime.fake_hub import FakeHub
from tests.standin.edgeruntime.running_hub import DEVICE, Site
from tests.standin.edgeruntime.running_hub import site as running_site
from tests.standin.running import running_standin
from tests.waiting import DEADLINE_S, eventually

pytestmark = pytest.mark.slow


@pytest.fixture
async def cloud() -> AsyncIterator[Site]:
    async with running_site() as made:
        yield made


def joined(cloud: Site, *, key: str | None = None, host: str | None = None, device: str = DEVICE) -> connect:
    identity = cloud.hub.identity(DEVICE, EDGE_HUB_MODULE)
    assert identity
    token = make_token(
        f"{cloud.hub.host}/devices/{DEVICE}/modules/{EDGE_HUB_MODULE}", key or identity.primary_key, lifetime_s=60
    )
    name = host or cloud.hub.host
    return connect(
        f"wss://{name}/_standin/edge/{device}",
        host="127.0.0.1",
        port=cloud.base.ports.tls,
        ssl=ssl.create_default_context(cafile=str(cloud.base.authority.ca_pem)),
        server_hostname=name,
        additional_headers={"Authorization": token},
        proxy=None,
        open_timeout=DEADLINE_S,
    )


async def receive(socket: ClientConnection, kind: str) -> dict[str, Any]:
    while True:
        frame: dict[str, Any] = json.loads(await socket.recv())
        if frame["type"] == kind:
            return frame


def upstream(seq: int, *numbers: int, module: str = "scorer") -> str:
    messages = [{"id": number, "module": module, "system": {}, "properties": {}, "body": "eA=="} for number in numbers]
    return json.dumps({"type": "upstream", "seq": seq, "messages": messages})


@pytest.mark.parametrize(
    "wrong",
    [{"key": "d3Jvbmc="}, {"host": "other.azure-devices.net"}, {"device": "edge-02"}],
    ids=lambda wrong: str(wrong),
)
async def test_only_the_devices_own_hub_may_connect(cloud: Site, wrong: dict[str, str]) -> None:
    with pytest.raises(InvalidStatus) as refused:
        await joined(cloud, **wrong)
    assert refused.value.response.status_code == 403


async def test_a_device_that_is_cut_is_dropped_and_refused(cloud: Site) -> None:
    async with joined(cloud) as socket:
        await receive(socket, "state")
        cloud.base.faults.cut(DEVICE)
        with pytest.raises(ConnectionClosed):
            await socket.recv()
        with pytest.raises(InvalidStatus):
            await joined(cloud)


async def test_what_is_sent_again_is_acknowledged_but_not_appended_again(cloud: Site) -> None:
    async with joined(cloud) as socket:
        await socket.send(json.dumps({"type": "hello", "store": "s"}))
        await socket.send(upstream(1, 5, 6))
        assert (await receive(socket, "ack"))["seq"] == 1
    async with joined(cloud) as socket:
        await socket.send(json.dumps({"type": "hello", "store": "s"}))
        await socket.send(upstream(1, 6, 7))
        assert (await receive(socket, "ack"))["seq"] == 1
        assert len(cloud.hub.messages) == 3
        await socket.send(json.dumps({"type": "hello", "store": "another"}))
        await socket.send(upstream(2, 6))
        await receive(socket, "ack")
    assert len(cloud.hub.messages) == 4


async def test_a_message_that_the_hub_refuses_does_not_hold_up_the_others(
    cloud: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    append = FakeHub.append

    def picky(self: FakeHub, device: str, module: str | None, messages: Any) -> None:
        if any(message.system.get("bad") for message in messages):
            raise NotFound("no")
        append(self, device, module, messages)

    monkeypatch.setattr(FakeHub, "append", picky)
    async with joined(cloud) as socket:
        frame = json.loads(upstream(1, 1, 2, 3))
        frame["messages"][1]["system"] = {"bad": "1"}
        await socket.send(json.dumps(frame))
        await receive(socket, "ack")
    assert len(cloud.hub.messages) == 2


async def test_the_newer_connection_of_a_device_takes_over(cloud: Site) -> None:
    async with joined(cloud) as first:
        await receive(first, "state")
        async with joined(cloud) as second:
            await receive(second, "state")
            with pytest.raises(ConnectionClosed):
                await first.recv()
            assert cloud.hub.online[DEVICE, EDGE_HUB_MODULE] is True
    await eventually(lambda: cloud.hub.online[DEVICE, EDGE_HUB_MODULE] is False)


async def test_a_frame_that_cannot_be_read_ends_the_connection(cloud: Site) -> None:
    async with joined(cloud) as socket:
        await receive(socket, "state")
        await socket.send("[]")
        with pytest.raises(ConnectionClosed):
            await socket.recv()


def ask(method: str, url: str, body: object = None, token: str = "") -> tuple[int, Any]:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, method=method, headers={"Authorization": f"Bearer {token}"})
    try:
        with urllib.request.urlopen(request, timeout=DEADLINE_S) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, json.load(refused)


def test_without_an_engine_there_are_no_devices_and_an_unknown_one_is_named(tmp_path: Path) -> None:
    with running_standin(tmp_path, services=("edgeruntime",)) as standin:
        assert ask("GET", f"{standin.surface}/devices") == (200, [])
        power = f"{standin.surface}/devices/h.azure-devices.net/d/power"
        status, answer = ask("POST", power, {"power": "on"}, standin.control_token)
        assert (status, answer["error"]["code"]) == (404, "DeviceNotFound")
        assert "h.azure-devices.net/d" in answer["error"]["message"]
