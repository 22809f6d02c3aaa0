"""Identities over REST: create, update, delete, etags, edge devices."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from tests.standin.iothub.conftest import Bench
from tests.standin.iothub.rest import Rest

EDGE = {"capabilities": {"iotEdge": True}}
GOOD, SHORT = (base64.b64encode(b"k" * length).decode() for length in (32, 8))


@pytest.fixture
def rest(bench: Bench) -> Rest:
    return Rest(bench)


async def test_an_edge_device_comes_with_its_agent_and_its_hub(rest: Rest) -> None:
    device = (await rest.call("PUT", "/devices/edge-01", EDGE)).body
    modules = (await rest.call("GET", "/devices/edge-01/modules")).body
    assert device["deviceScope"].startswith("ms-azure-iot-edge://edge-01-")
    assert [(module["moduleId"], module["managedBy"]) for module in modules] == [
        ("$edgeAgent", "iotEdge"),
        ("$edgeHub", "iotEdge"),
    ]


async def test_a_plain_device_has_no_modules(rest: Rest) -> None:
    device = (await rest.call("PUT", "/devices/leaf", {"deviceId": "leaf"})).body
    assert device["capabilities"] == {"iotEdge": False}
    assert (await rest.call("GET", "/devices/leaf/modules")).body == []


async def test_a_device_made_edge_later_gets_its_modules_and_loses_them_again(rest: Rest) -> None:
    await rest.call("PUT", "/devices/d", {})
    any_etag = {"if-match": "*"}
    await rest.call("PUT", "/devices/d", EDGE, headers=any_etag)
    assert len((await rest.call("GET", "/devices/d/modules")).body) == 2
    await rest.call("PUT", "/devices/d", {}, headers=any_etag)
    assert (await rest.call("GET", "/devices/d/modules")).body == []


async def test_creating_what_is_there_is_a_conflict(rest: Rest) -> None:
    await rest.call("PUT", "/devices/d", {})
    again = await rest.call("PUT", "/devices/d", {})
    assert (again.status, again.code) == (409, "DeviceAlreadyExists")
    await rest.call("PUT", "/devices/d/modules/m", {})
    again = await rest.call("PUT", "/devices/d/modules/m", {})
    assert (again.status, again.code) == (409, "ModuleAlreadyExistsOnDevice")


@pytest.mark.parametrize("spelling", ["*", '"*"', "{etag}", '"{etag}"', 'W/"{etag}"'])
async def test_an_update_takes_every_spelling_of_the_etag(rest: Rest, spelling: str) -> None:
    etag = (await rest.call("PUT", "/devices/d", {})).body["etag"]
    headers = {"if-match": spelling.format(etag=etag)}
    updated = await rest.call("PUT", "/devices/d", {"status": "disabled"}, headers=headers)
    assert updated.status == 200
    assert updated.body["status"] == "disabled"
    assert updated.body["etag"] != etag
    assert updated.headers["etag"] == f'"{updated.body["etag"]}"'


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
async def test_a_stale_etag_is_refused(rest: Rest, method: str) -> None:
    await rest.call("PUT", "/devices/d", {})
    refused = await rest.call(method, "/devices/d", {}, headers={"if-match": '"stale"'})
    assert (refused.status, refused.code) == (412, "PreconditionFailed")
    assert (await rest.call("GET", "/devices/d")).status == 200


async def test_an_update_keeps_keys_generation_and_scope_that_it_does_not_name(rest: Rest) -> None:
    old = (await rest.call("PUT", "/devices/d", EDGE)).body
    new = (await rest.call("PUT", "/devices/d", EDGE, headers={"if-match": "*"})).body
    for name in ("authentication", "generationId", "deviceScope"):
        assert new[name] == old[name]


async def test_given_keys_are_taken(rest: Rest) -> None:
    keys = {"primaryKey": GOOD, "secondaryKey": base64.b64encode(b"s" * 32).decode()}
    made = await rest.call("PUT", "/devices/d", {"authentication": {"type": "sas", "symmetricKey": keys}})
    assert made.body["authentication"]["symmetricKey"] == keys


async def test_a_device_created_again_under_its_name_is_another_generation(rest: Rest) -> None:
    old = (await rest.call("PUT", "/devices/d", {})).body
    assert (await rest.call("DELETE", "/devices/d")).status == 204
    new = (await rest.call("PUT", "/devices/d", {})).body
    assert new["generationId"] != old["generationId"]
    assert new["authentication"] != old["authentication"]


async def test_deleting_a_device_takes_its_modules_and_twins(rest: Rest) -> None:
    await rest.call("PUT", "/devices/d", EDGE)
    await rest.call("DELETE", "/devices/d")
    for path in ("/devices/d", "/devices/d/modules", "/twins/d", "/twins/d/modules/$edgeAgent"):
        gone = await rest.call("GET", path)
        assert (gone.status, gone.code) == (404, "DeviceNotFound")
    assert (await rest.call("POST", "/devices/query", {"query": "SELECT * FROM devices.modules"})).body == []


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("GET", "/devices/none", "DeviceNotFound"),
        ("DELETE", "/devices/none", "DeviceNotFound"),
        ("PUT", "/devices/none/modules/m", "DeviceNotFound"),
        ("GET", "/devices/d/modules/none", "ModuleNotFound"),
        ("DELETE", "/devices/d/modules/none", "ModuleNotFound"),
        ("GET", "/twins/d/modules/none", "ModuleNotFound"),
    ],
)
async def test_what_is_not_there_is_not_found(rest: Rest, method: str, path: str, code: str) -> None:
    await rest.call("PUT", "/devices/d", {})
    missing = await rest.call(method, path, {})
    assert (missing.status, missing.code) == (404, code)


@pytest.mark.parametrize(
    ("device", "body", "message"),
    [
        ("d d", {}, "The deviceId 'd d' is not valid"),
        ("d", {"deviceId": "e"}, "deviceId is 'e' in the body and 'd' in the address"),
        ("d", {"status": "asleep"}, "status is 'asleep', allowed are enabled and disabled"),
        ("d", {"authentication": {"type": "selfSigned"}}, "authentication.type is 'selfSigned'"),
        ("d", {"authentication": {"symmetricKey": {"primaryKey": GOOD}}}, "either both are given or neither"),
        ("d", {"authentication": {"symmetricKey": {"primaryKey": "%", "secondaryKey": GOOD}}}, "not base64"),
        ("d", {"authentication": {"symmetricKey": {"primaryKey": "é" * 32, "secondaryKey": GOOD}}}, "not base64"),
        ("d", {"authentication": {"symmetricKey": {"primaryKey": SHORT, "secondaryKey": GOOD}}}, "has 8 bytes"),
        ("d", {"capabilities": [1]}, "capabilities is list, allowed is an object"),
        ("d", {"parentScopes": "x"}, "parentScopes must be a list of strings"),
    ],
)
async def test_a_bad_identity_is_refused_by_name(rest: Rest, device: str, body: Any, message: str) -> None:
    refused = await rest.call("PUT", f"/devices/{device}", body)
    assert (refused.status, refused.code) == (400, "ArgumentInvalid")
    assert message in refused.body["Message"]
    assert (await rest.call("GET", "/devices")).body == []


async def test_a_device_has_at_most_50_modules(rest: Rest) -> None:
    await rest.call("PUT", "/devices/d", {})
    for number in range(50):
        assert (await rest.call("PUT", f"/devices/d/modules/m{number}", {})).status == 200
    refused = await rest.call("PUT", "/devices/d/modules/m50", {})
    assert (refused.status, refused.code) == (403, "TooManyModulesOnDevice")


async def test_identities_and_keys_outlive_a_kill(bench: Bench) -> None:
    made = (await Rest(bench).call("PUT", "/devices/edge-01", EDGE)).body
    bench.restart()
    again = Rest(bench)
    assert (await again.call("GET", "/devices/edge-01")).body == made
    assert len((await again.call("GET", "/devices/edge-01/modules")).body) == 2


async def test_statistics_count_devices(rest: Rest) -> None:
    await rest.call("PUT", "/devices/a", {})
    await rest.call("PUT", "/devices/b", {"status": "disabled"})
    assert (await rest.call("GET", "/statistics/devices")).body == {
        "totalDeviceCount": 2,
        "enabledDeviceCount": 1,
        "disabledDeviceCount": 1,
    }
