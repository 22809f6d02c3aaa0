"""Twins over REST and as the edge runtime sees them."""

from __future__ import annotations

import pytest

from standin.iothub import Hub
from standin.iothub.kernel.errors import BadRequest, NotFound
from tests.standin.iothub.conftest import Bench
from tests.standin.iothub.rest import Rest


@pytest.fixture
async def rest(bench: Bench) -> Rest:
    rest = Rest(bench)
    await rest.call("PUT", "/devices/d", {"capabilities": {"iotEdge": True}})
    return rest


async def test_a_new_twin_is_empty_at_version_one(rest: Rest) -> None:
    twin = (await rest.call("GET", "/twins/d")).body
    assert twin["tags"] == {}
    assert twin["properties"]["desired"]["$version"] == twin["properties"]["reported"]["$version"] == 1
    assert (twin["version"], twin["etag"], twin["capabilities"]) == (2, "AAAAAAAAAAE=", {"iotEdge": True})


async def test_a_patch_merges_and_null_deletes(rest: Rest) -> None:
    await rest.call("PATCH", "/twins/d", {"tags": {"a": 1, "b": {"c": 1, "d": 2}}})
    twin = await rest.call("PATCH", "/twins/d", {"tags": {"a": None, "b": {"c": None, "e": [1]}}})
    assert twin.body["tags"] == {"b": {"d": 2, "e": [1]}}


async def test_each_section_has_its_own_version(rest: Rest) -> None:
    first = (await rest.call("PATCH", "/twins/d", {"properties": {"desired": {"a": 1}}})).body
    second = (await rest.call("PATCH", "/twins/d", {"tags": {"x": 1}})).body
    assert first["properties"]["desired"]["$version"] == second["properties"]["desired"]["$version"] == 2
    assert second["version"] == first["version"] + 1
    assert second["etag"] != first["etag"]


async def test_replacing_drops_what_is_not_named(rest: Rest) -> None:
    await rest.call("PATCH", "/twins/d", {"tags": {"a": 1}, "properties": {"desired": {"a": 1, "b": 2}}})
    twin = (await rest.call("PUT", "/twins/d", {"tags": {"c": 3}, "properties": {"desired": {"b": 2}}})).body
    assert twin["tags"] == {"c": 3}
    assert {key: value for key, value in twin["properties"]["desired"].items() if key[0] != "$"} == {"b": 2}


async def test_the_service_cannot_write_reported_properties(rest: Rest) -> None:
    twin = (await rest.call("PATCH", "/twins/d", {"properties": {"reported": {"a": 1}}})).body
    assert twin["properties"]["reported"]["$version"] == 1


async def test_a_stale_etag_is_refused(rest: Rest) -> None:
    refused = await rest.call("PATCH", "/twins/d", {"tags": {"a": 1}}, headers={"if-match": '"AAAAAAAAAAk="'})
    assert (refused.status, refused.code) == (412, "PreconditionFailed")
    assert (await rest.call("GET", "/twins/d")).body["tags"] == {}


async def test_a_patch_over_a_limit_changes_nothing(rest: Rest) -> None:
    refused = await rest.call("PATCH", "/twins/d", {"tags": {"ok": 1, "long": "x" * 4097}})
    assert (refused.status, refused.code) == (400, "ArgumentInvalid")
    assert "tags.long has 4097" in refused.body["Message"]
    assert (await rest.call("GET", "/twins/d")).body["tags"] == {}


async def test_a_report_is_seen_by_the_service_and_by_queries(rest: Rest, hub: Hub) -> None:
    assert hub.report("d", "$edgeAgent", {"lastDesiredVersion": 1, "gone": 1}) == 2
    assert hub.report("d", "$edgeAgent", {"gone": None}) == 3
    reported = (await rest.call("GET", "/twins/d/modules/$edgeAgent")).body["properties"]["reported"]
    assert (reported["lastDesiredVersion"], reported["$version"], "gone" in reported) == (1, 3, False)
    query = "SELECT moduleId FROM devices.modules WHERE properties.reported.lastDesiredVersion = 1"
    assert (await rest.call("POST", "/devices/query", {"query": query})).body == [{"moduleId": "$edgeAgent"}]


async def test_a_report_above_the_limits_is_refused(rest: Rest, hub: Hub) -> None:
    with pytest.raises(BadRequest, match=r"reported\.a has 5000"):
        hub.report("d", None, {"a": "x" * 5000})
    assert hub.twin("d").reported == {"$version": 1}
    with pytest.raises(NotFound):
        hub.report("d", "none", {})


async def test_twins_outlive_a_kill(rest: Rest, bench: Bench) -> None:
    await rest.call("PATCH", "/twins/d", {"tags": {"a": 1}, "properties": {"desired": {"b": [1, {"c": None}]}}})
    bench.hub.report("d", None, {"r": 1.5})
    before = (await rest.call("GET", "/twins/d")).body
    bench.restart()
    assert (await Rest(bench).call("GET", "/twins/d")).body == before


async def test_presence_shows_in_the_twin(rest: Rest, hub: Hub) -> None:
    hub.connection("d", None, True)
    assert (await rest.call("GET", "/twins/d")).body["connectionState"] == "Connected"
    assert (await rest.call("GET", "/statistics/service")).body == {"connectedDeviceCount": 1}
    hub.connection("d", None, False)
    assert (await rest.call("GET", "/devices/d")).body["connectionState"] == "Disconnected"
