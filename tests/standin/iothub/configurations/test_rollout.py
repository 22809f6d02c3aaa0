"""Configurations over REST and what they do to twins and identities."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from standin.core.profile import SLOW
from standin.iothub import Hub
from tests.standin.iothub.conftest import Bench, bench_of, close
from tests.standin.iothub.deployments import Content, body, layer, standard
from tests.standin.iothub.rest import Answer, Rest
from tests.waiting import DEADLINE_S

MODULE = {"type": "docker", "settings": {"image": "scorer:1"}}
EDGE = {"capabilities": {"iotEdge": True}}
ANOMALY = "tags.model = 'anomaly'"


@pytest.fixture
async def rest(bench: Bench) -> Rest:
    rest = Rest(bench)
    await rest.call("PUT", "/devices/edge-01", EDGE)
    await rest.call("PATCH", "/twins/edge-01", {"tags": {"model": "anomaly"}})
    return rest


async def put(rest: Rest, id_: str, content: Content, **more: Any) -> Answer:
    answer = await rest.call("PUT", f"/configurations/{id_}", body(content, **more))
    assert answer.status == 200, answer.body
    return answer


def modules(hub: Hub, device: str = "edge-01") -> list[str | None]:
    return [identity.module for identity in hub.modules(device)]


def agent(hub: Hub) -> dict[str, Any]:
    return hub.twin("edge-01", "$edgeAgent").desired


async def test_a_layer_brings_its_module_its_identity_and_its_twin(rest: Rest, hub: Hub) -> None:
    await put(rest, "base", standard())
    section = {"scorer": {"properties.desired": {"threshold": 3}}}
    await put(rest, "layer", layer({"scorer": MODULE}, **section), condition=ANOMALY, priority=20)
    assert agent(hub)["modules"] == {"scorer": {**MODULE, "imagePullPolicy": "on-create"}}
    assert modules(hub) == ["$edgeAgent", "$edgeHub", "scorer"]
    identity = hub.identity("edge-01", "scorer")
    assert identity is not None
    assert identity.managed_by == "iotEdge"
    twin = hub.twin("edge-01", "scorer")
    assert (twin.desired["threshold"], twin.configurations) == (3, {"layer": "Applied"})
    found = (await rest.call("GET", "/configurations/layer")).body
    assert found["systemMetrics"]["results"] == {
        "targetedCount": 1,
        "appliedCount": 1,
        "reportedSuccessfulCount": 0,
        "reportedFailedCount": 0,
    }


async def test_success_is_counted_once_the_agent_reports_the_version(rest: Rest, hub: Hub) -> None:
    await put(rest, "base", standard(), metrics={"queries": {"all": "SELECT * FROM devices"}})
    version = agent(hub)["$version"]
    hub.report("edge-01", "$edgeAgent", {"lastDesiredVersion": version, "lastDesiredStatus": {"code": 406}})
    results = (await rest.call("GET", "/configurations/base")).body["systemMetrics"]["results"]
    assert (results["reportedSuccessfulCount"], results["reportedFailedCount"]) == (0, 1)
    hub.report("edge-01", "$edgeAgent", {"lastDesiredStatus": {"code": 200}})
    found = (await rest.call("GET", "/configurations/base")).body
    assert found["systemMetrics"]["results"]["reportedSuccessfulCount"] == 1
    assert found["metrics"]["results"] == {"all": 1}


async def test_versions_do_not_move_where_nothing_changed(rest: Rest, hub: Hub) -> None:
    await put(rest, "base", standard({"scorer": MODULE}))
    versions = {module: hub.twin("edge-01", module).version for module in modules(hub)}
    await rest.call("PATCH", "/twins/edge-01", {"tags": {"unrelated": 1}})
    await put(rest, "elsewhere", layer({"x": MODULE}), condition="tags.model = 'other'", priority=30)
    lowered = body(standard({"scorer": MODULE}), priority=11, labels={"a": "b"})
    await rest.call("PUT", "/configurations/base", lowered, headers={"if-match": "*"})
    assert {module: hub.twin("edge-01", module).version for module in modules(hub)} == versions


async def test_true_and_one_are_different_values(rest: Rest, hub: Hub) -> None:
    await put(rest, "base", standard({"scorer": MODULE}, scorer={"properties.desired": {"a": 1}}))
    await put(rest, "layer", {"$edgeAgent": {}, "scorer": {"properties.desired.a": True}}, priority=20)
    assert hub.twin("edge-01", "scorer").desired == {"a": True, "$version": 3}


async def test_a_tag_brings_a_layer_and_takes_it_away(rest: Rest, hub: Hub) -> None:
    await put(rest, "base", standard())
    await put(rest, "layer", layer({"scorer": MODULE}), condition=ANOMALY, priority=20)
    await rest.call("PATCH", "/twins/edge-01", {"tags": {"model": None}})
    assert (agent(hub)["modules"], modules(hub)) == ({}, ["$edgeAgent", "$edgeHub"])
    await rest.call("PATCH", "/twins/edge-01", {"tags": {"model": "anomaly"}})
    assert modules(hub) == ["$edgeAgent", "$edgeHub", "scorer"]


async def test_a_report_brings_a_layer_whose_condition_looks_at_it(rest: Rest, hub: Hub) -> None:
    await put(rest, "base", standard())
    condition = "properties.reported.gpu = true"
    await put(rest, "layer", layer({"scorer": MODULE}), condition=condition, priority=20)
    assert modules(hub) == ["$edgeAgent", "$edgeHub"]
    hub.report("edge-01", None, {"gpu": True})
    assert modules(hub) == ["$edgeAgent", "$edgeHub", "scorer"]


async def test_deleting_a_layer_removes_its_module(rest: Rest, hub: Hub) -> None:
    await put(rest, "base", standard())
    await put(rest, "layer", layer({"scorer": MODULE}), priority=20)
    assert (await rest.call("DELETE", "/configurations/layer")).status == 204
    assert (agent(hub)["modules"], modules(hub)) == ({}, ["$edgeAgent", "$edgeHub"])


async def test_without_any_deployment_left_the_device_runs_on_unmanaged(rest: Rest, hub: Hub) -> None:
    await put(rest, "base", standard({"scorer": MODULE}))
    before = agent(hub)
    await rest.call("DELETE", "/configurations/base")
    assert agent(hub) == before
    assert modules(hub) == ["$edgeAgent", "$edgeHub", "scorer"]
    assert hub.twin("edge-01", "$edgeAgent").configurations == {}


async def test_a_module_that_the_agent_made_goes_too_though_it_spells_itself_otherwise(rest: Rest, hub: Hub) -> None:
    await rest.call("PUT", "/devices/edge-01/modules/old", {"managedBy": "IotEdge"})
    await put(rest, "base", standard({"scorer": MODULE}))
    assert modules(hub) == ["$edgeAgent", "$edgeHub", "scorer"]


async def test_modules_made_by_hand_are_left_alone(rest: Rest, hub: Hub) -> None:
    await rest.call("PUT", "/devices/edge-01/modules/mine", {"managedBy": "me"})
    await put(rest, "base", standard({"scorer": MODULE}))
    await rest.call("DELETE", "/configurations/base")
    await put(rest, "other", standard())
    assert modules(hub) == ["$edgeAgent", "$edgeHub", "mine"]


async def test_a_device_that_comes_later_gets_the_deployment_at_once(rest: Rest, hub: Hub) -> None:
    await put(rest, "base", standard({"scorer": MODULE}), condition="deviceId = 'edge-02'")
    await rest.call("PUT", "/devices/edge-02", EDGE)
    assert modules(hub, "edge-02") == ["$edgeAgent", "$edgeHub", "scorer"]
    assert modules(hub) == ["$edgeAgent", "$edgeHub"]


async def test_deployments_that_together_do_not_fit_leave_the_device_as_it_is(rest: Rest, hub: Hub) -> None:
    big = {"settings": {f"createOptions{number:02}": "x" * 4000 for number in range(7)}}
    await put(rest, "base", standard({"scorer": MODULE}))
    before = agent(hub)
    await put(rest, "one", layer({"a": big}), priority=20)
    after_one = agent(hub)
    await put(rest, "two", layer({"b": big}), priority=30)
    assert after_one["modules"].keys() == {"scorer", "a"}
    assert before["$version"] < agent(hub)["$version"] == after_one["$version"]
    assert set(hub.twin("edge-01", "$edgeAgent").configurations.values()) == {"Targeted"}


async def test_set_modules_deploys_to_one_device(rest: Rest, hub: Hub) -> None:
    content = {"modulesContent": standard({"scorer": MODULE}, scorer={"properties.desired": {"a": 1}})}
    assert (await rest.call("POST", "/devices/edge-01/applyConfigurationContent", content)).status == 204
    assert modules(hub) == ["$edgeAgent", "$edgeHub", "scorer"]
    assert hub.twin("edge-01", "scorer").desired == {"a": 1, "$version": 2}
    await rest.call("PUT", "/devices/leaf", {})
    refused = await rest.call("POST", "/devices/leaf/applyConfigurationContent", content)
    assert (refused.status, refused.code) == (400, "ArgumentInvalid")


async def test_an_automatic_deployment_overwrites_set_modules(rest: Rest, hub: Hub) -> None:
    await put(rest, "base", standard())
    content = {"modulesContent": standard({"scorer": MODULE})}
    await rest.call("POST", "/devices/edge-01/applyConfigurationContent", content)
    assert modules(hub) == ["$edgeAgent", "$edgeHub"]


async def test_content_cannot_be_changed_but_the_rest_can(rest: Rest) -> None:
    made = (await put(rest, "base", standard())).body
    assert made["etag"] == "MQ=="
    etag = {"if-match": f'"{made["etag"]}"'}
    changed = await rest.call("PUT", "/configurations/base", body(standard({"m": MODULE})), headers=etag)
    assert (changed.status, changed.code) == (400, "InvalidConfigurationContent")
    updated = await rest.call("PUT", "/configurations/base", body(standard(), priority=11), headers=etag)
    assert (updated.body["priority"], updated.body["etag"]) == (11, "Mg==")
    assert updated.body["createdTimeUtc"] == made["createdTimeUtc"] < updated.body["lastUpdatedTimeUtc"]
    stale = await rest.call("PUT", "/configurations/base", body(standard()), headers=etag)
    assert (stale.status, stale.code) == (412, "PreconditionFailed")


async def test_a_configuration_put_again_without_an_etag_is_a_conflict(rest: Rest) -> None:
    await put(rest, "base", standard())
    again = await rest.call("PUT", "/configurations/base", body(standard()))
    assert (again.status, again.code) == (409, "ConfigurationAlreadyExists")
    assert "Configuration with id 'base' already exist on IotHub." in again.body["Message"]


@pytest.mark.parametrize("method", ["GET", "DELETE"])
async def test_a_configuration_that_is_not_there_is_not_found(rest: Rest, method: str) -> None:
    missing = await rest.call(method, "/configurations/none")
    assert (missing.status, missing.code) == (404, "ConfigurationNotFound")


async def test_an_invalid_condition_is_refused_at_put_and_nothing_is_kept(rest: Rest) -> None:
    refused = await rest.call("PUT", "/configurations/bad", body(standard(), condition="tags.a = 'x"))
    assert (refused.status, refused.code) == (400, "InvalidConfigurationTargetCondition")
    assert "cannot stand in a target condition at position 9" in refused.body["Message"]
    assert (await rest.call("GET", "/configurations")).body == []


async def test_a_hub_has_at_most_100_configurations(rest: Rest) -> None:
    for number in range(100):
        await put(rest, f"layer{number}", layer(), condition="")
    refused = await rest.call("PUT", "/configurations/one-more", body(layer()))
    assert (refused.status, refused.code) == (403, "ConfigurationCountLimitExceeded")
    assert len((await rest.call("GET", "/configurations")).body) == 100


async def test_queries_are_tested_without_a_configuration(rest: Rest) -> None:
    asked = {"targetCondition": "tags.a =", "customMetricQueries": {"good": "SELECT * FROM devices", "bad": "SELECT"}}
    found = (await rest.call("POST", "/configurations/testQueries", asked)).body
    assert "at position 8" in found["targetConditionError"]
    assert list(found["customMetricQueryErrors"]) == ["bad"]
    fine = (await rest.call("POST", "/configurations/testQueries", {"targetCondition": "tags.a = 1"})).body
    assert fine == {"targetConditionError": None, "customMetricQueryErrors": {}}


async def test_the_targeted_count_shares_azures_missing_parentheses(rest: Rest) -> None:
    await rest.call("PUT", "/devices/leaf", {})
    await rest.call("PATCH", "/twins/leaf", {"tags": {"env": "b"}})
    either = await put(rest, "either", layer(), condition="tags.env = 'a' or tags.env = 'b'", priority=20)
    wrapped = await put(rest, "wrapped", layer(), condition="(tags.env = 'a' or tags.env = 'b')", priority=21)
    assert either.body["systemMetrics"]["results"]["targetedCount"] == 1
    assert wrapped.body["systemMetrics"]["results"]["targetedCount"] == 0


async def test_in_the_slow_profile_a_deployment_arrives_after_its_lag(tmp_path: Path) -> None:
    bench = await bench_of(tmp_path, SLOW)
    rest = Rest(bench)
    await rest.call("PUT", "/devices/edge-01", EDGE)
    await put(rest, "base", standard({"scorer": MODULE}))
    subscription = bench.hub.subscribe("edge-01")
    assert modules(bench.hub) == ["$edgeAgent", "$edgeHub"]
    bench.base.clock.advance(SLOW.configuration_lag_s + 0.1)
    async with asyncio.timeout(DEADLINE_S):
        await bench.base.clock.wait_until(lambda: "scorer" in modules(bench.hub), poll_seconds=0.01)
    hearing = asyncio.create_task(subscription.get())
    await asyncio.sleep(0)
    assert not hearing.done()
    bench.base.clock.advance(SLOW.twin_lag_s + 0.1)
    assert (await hearing)[0] in ("identity", "desired")
    await close(bench)


async def test_a_deployment_that_was_waiting_for_its_lag_survives_a_kill(tmp_path: Path) -> None:
    bench = await bench_of(tmp_path, SLOW)
    rest = Rest(bench)
    await rest.call("PUT", "/devices/edge-01", EDGE)
    await put(rest, "base", standard({"scorer": MODULE}))
    bench.restart()
    assert modules(bench.hub) == ["$edgeAgent", "$edgeHub", "scorer"]
    await close(bench)


async def test_a_failure_in_the_middle_leaves_memory_and_file_as_they_were(
    rest: Rest, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[str] = []
    bench.hubs.on_edge_device(lambda _, device: heard.append(device))
    subscription = bench.hub.subscribe("edge-01")
    before = agent(bench.hub)
    real = bench.base.store.put

    def full_at_the_agents_twin(kind: str, key: str, value: dict[str, Any]) -> None:
        if key.endswith("$edgeHub"):
            raise OSError("disk full")
        real(kind, key, value)

    monkeypatch.setattr(bench.base.store, "put", full_at_the_agents_twin)
    with pytest.raises(OSError, match="disk full"):
        await put(rest, "base", standard({"scorer": MODULE}))
    monkeypatch.undo()
    assert agent(bench.hub) == before
    assert modules(bench.hub) == ["$edgeAgent", "$edgeHub"]
    assert (await rest.call("GET", "/configurations")).body == []
    assert heard == ["edge-01"]
    await put(rest, "base", standard({"scorer": MODULE}))
    assert (await subscription.get())[0] == "identity"
    bench.restart()
    assert modules(bench.hub) == ["$edgeAgent", "$edgeHub", "scorer"]


async def test_deployments_that_name_too_many_modules_together_fail_no_change_of_the_device(
    rest: Rest, hub: Hub
) -> None:
    await put(rest, "base", standard({f"b{number}": MODULE for number in range(30)}))
    more = layer({f"c{number}": MODULE for number in range(30)})
    await put(rest, "layer", more, condition="tags.model = 'other'", priority=20)
    changed = await rest.call("PATCH", "/twins/edge-01", {"tags": {"model": "other"}})
    assert changed.status == 200
    assert (len(agent(hub)["modules"]), len(modules(hub))) == (60, 50)
