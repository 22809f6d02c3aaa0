"""What the service refuses before any handler, and what devices may send."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from standin.iothub import D2CMessage, Hub
from standin.iothub.amqp.messages import decode_message
from standin.iothub.kernel.errors import NotFound, TooLarge
from standin.iothub.service import IotHubService
from tests.standin.iothub.conftest import HOST, Bench
from tests.standin.iothub.rest import Rest
from tests.standin.iothub.signing import sign


@pytest.fixture
async def rest(bench: Bench) -> Rest:
    rest = Rest(bench)
    await rest.call("PUT", "/devices/d", {})
    await rest.call("PUT", "/devices/d/modules/m", {})
    return rest


def messages(hub: Hub) -> list[bytes | None]:
    return [decode_message(body).data for number in range(2) for body in hub.log.read(number, 0, 100)[1]]


async def test_another_hubs_host_is_not_found(rest: Rest) -> None:
    missing = await rest.call("GET", "/devices", host="none.azure-devices.net")
    assert (missing.status, missing.code) == (404, "IotHubNotFound")


@pytest.mark.parametrize("version", ["", "latest", "2021"])
async def test_a_request_without_a_version_is_refused(rest: Rest, version: str) -> None:
    refused = await rest.call("GET", "/devices", version=version)
    assert (refused.status, refused.code) == (400, "InvalidProtocolVersion")
    assert refused.headers["iothub-errorcode"] == "InvalidProtocolVersion"
    assert "Tracking ID:" in refused.body["ExceptionMessage"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/devices"),
        ("PUT", "/jobs/v2/x"),
        ("DELETE", "/devices/d/commands"),
        ("GET", "/digitaltwins/d"),
        ("GET", "/messages/serviceBound/feedback"),
    ],
)
async def test_what_is_not_built_is_not_found(rest: Rest, method: str, path: str) -> None:
    assert (await rest.call(method, path)).status == 404


@pytest.mark.parametrize("token", ["", "SharedAccessSignature sr=x", "Bearer nonsense"])
async def test_nobody_gets_in_without_a_believable_token(rest: Rest, token: str) -> None:
    refused = await rest.call("GET", "/devices", token=token)
    assert (refused.status, refused.code) == (401, "IotHubUnauthorizedAccess")


async def test_a_token_for_another_hub_is_refused(rest: Rest, hub: Hub) -> None:
    key = hub.record.policies["iothubowner"].primary
    refused = await rest.call("GET", "/devices", token=sign("other.azure-devices.net", key, "iothubowner"))
    assert refused.status == 401
    assert "another resource" in refused.body["Message"]


async def test_the_secondary_key_works_too(rest: Rest, hub: Hub) -> None:
    key = hub.record.policies["registryRead"].secondary
    assert (await rest.call("GET", "/devices", token=sign(HOST, key, "registryRead"))).status == 200


async def test_a_device_sends_with_its_own_key(rest: Rest, hub: Hub) -> None:
    identity = hub.registry.get("d")
    token = sign(f"{HOST}/devices/d", identity.secondary_key)
    sent = await rest.call("POST", "/devices/d/messages/events", b"hello", token=token)
    assert sent.status == 204
    assert messages(hub) == [b"hello"]


async def test_a_devices_key_speaks_for_its_modules_but_not_the_other_way_round(rest: Rest, hub: Hub) -> None:
    device = sign(f"{HOST}/devices/d", hub.registry.get("d").primary_key)
    module = sign(f"{HOST}/devices/d/modules/m", hub.registry.get("d", "m").primary_key)
    assert hub.check_token(f"{HOST}/devices/d/modules/m", device)
    assert hub.check_token(f"{HOST}/devices/d/modules/m", module)
    assert not hub.check_token(f"{HOST}/devices/d", module)
    assert not hub.check_token(f"{HOST}/devices/other", device)


async def test_a_device_lists_its_own_modules_with_its_own_key(rest: Rest, hub: Hub) -> None:
    token = sign(f"{HOST}/devices/d", hub.registry.get("d").primary_key)
    own = await rest.call("GET", "/devices/d/modules", token=token)
    assert own.status == 200 and [module["moduleId"] for module in own.body] == ["m"]
    await rest.call("PUT", "/devices/other", {})
    assert (await rest.call("GET", "/devices/other/modules", token=token)).status == 401
    assert (await rest.call("GET", "/devices/d", token=token)).status == 401


async def test_tokens_of_gone_disabled_or_unknown_identities_are_refused(rest: Rest, hub: Hub) -> None:
    resource = f"{HOST}/devices/d/modules/m"
    token = sign(resource, hub.registry.get("d", "m").primary_key)
    await rest.call("PUT", "/devices/d", {"status": "disabled"}, headers={"if-match": "*"})
    assert not hub.check_token(resource, token)
    await rest.call("PUT", "/devices/d", {}, headers={"if-match": "*"})
    assert hub.check_token(resource, token)
    await rest.call("DELETE", "/devices/d/modules/m")
    assert not hub.check_token(resource, token)
    assert not hub.check_token(f"{HOST}/nothing", token)


async def test_a_policy_with_device_connect_speaks_for_every_device(rest: Rest, hub: Hub) -> None:
    policies = hub.record.policies
    assert hub.check_token(f"{HOST}/devices/d", sign(HOST, policies["device"].primary, "device"))
    assert not hub.check_token(f"{HOST}/devices/d", sign(HOST, policies["service"].primary, "service"))


async def test_a_message_above_256_kb_is_refused_and_the_batch_with_it(rest: Rest, hub: Hub) -> None:
    with pytest.raises(TooLarge, match="262145 bytes"):
        hub.append("d", None, [D2CMessage(body=b"fine"), D2CMessage(body=b"x" * (256 * 1024 + 1))])
    assert messages(hub) == []
    with pytest.raises(NotFound):
        hub.append("none", None, [D2CMessage(body=b"x")])


async def test_a_batch_over_https_is_refused(rest: Rest, hub: Hub) -> None:
    token = sign(f"{HOST}/devices/d", hub.registry.get("d").primary_key)
    headers = {"content-type": "application/vnd.microsoft.iothub.json"}
    sent = await rest.call("POST", "/devices/d/messages/events", b"[]", token=token, headers=headers)
    assert (sent.status, sent.code) == (400, "ArgumentInvalid")


async def test_a_hub_without_local_authentication_refuses_its_own_keys(rest: Rest, bench: Bench) -> None:
    bench.hubs.put(replace(bench.hub.record, local_auth=False))
    assert (await rest.call("GET", "/devices")).status == 401


async def test_edge_devices_are_told_to_whoever_listens(rest: Rest, bench: Bench) -> None:
    await rest.call("PUT", "/devices/e1", {"capabilities": {"iotEdge": True}})
    heard: list[tuple[str, bool]] = []
    bench.hubs.on_edge_device(lambda hub, device: heard.append((device, hub.identity(device) is not None)))
    await rest.call("PUT", "/devices/e2", {"capabilities": {"iotEdge": True}})
    await rest.call("PUT", "/devices/leaf", {})
    await rest.call("DELETE", "/devices/e1")
    assert heard == [("e1", True), ("e2", True), ("e1", False)]


async def test_devices_are_listed_with_a_slash_at_the_end_too(rest: Rest) -> None:
    """As azure-iothub of Node asks."""
    assert [one["deviceId"] for one in (await rest.call("GET", "/devices/")).body] == ["d"]


async def test_without_its_fallback_route_nothing_reaches_the_endpoint(rest: Rest, hub: Hub) -> None:
    hub.adopt(replace(hub.record, fallback=False))
    hub.append("d", None, [D2CMessage(body=b"lost")])
    with pytest.raises(TooLarge):
        hub.append("d", None, [D2CMessage(body=b"x" * 300_000)])
    hub.adopt(replace(hub.record, fallback=True))
    hub.append("d", None, [D2CMessage(body=b"kept")])
    assert messages(hub) == [b"kept"]


@pytest.mark.parametrize(
    ("offered", "accepted"),
    [(["AMQPWSB10"], "AMQPWSB10"), (["amqp"], "amqp"), (["x", "amqp"], "amqp"), (["mqtt"], None), ([], None)],
)
async def test_the_endpoint_takes_both_names_of_amqp_in_a_websocket(
    bench: Bench, offered: list[str], accepted: str | None
) -> None:
    socket = FakeSocket(bench.hub.record.namespace, offered)
    service = IotHubService(bench.hubs, bench.base.roles)
    await service.websockets["/$servicebus/websocket"](socket)
    assert socket.accepted == accepted
    assert socket.closed is (accepted is None)


class FakeSocket:
    """A client that says what it speaks, and goes."""

    path = "/$servicebus/websocket"
    headers: Mapping[str, str] = {}
    query: Mapping[str, str] = {}
    parameters: Mapping[str, str] = {}

    def __init__(self, host: str, subprotocols: list[str]) -> None:
        self.host = host
        self.subprotocols: Sequence[str] = subprotocols
        self.accepted: str | None = None
        self.closed = False

    async def accept(self, subprotocol: str | None = None) -> None:
        self.accepted = subprotocol

    async def receive(self) -> bytes | str | None:
        return None

    async def send(self, message: bytes | str) -> None: ...

    async def close(self, code: int = 1000) -> None:
        self.closed = True
