from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cloud.iot_hub import IotHub
from infra.provider.types.edge_deployment import EdgeDeployment
from pluginbase.resource import Gone, PartialFailure
from pluginbase.values import UNKNOWN
from tests.edge.manifest.manifests import base, layer
from tests.infra.provider.recorder import Recorder, checked, refused

RESOURCE = EdgeDeployment()
AGENT = "$edgeAgent"
SENSOR = "properties.desired.modules.sensor"


def _news(host: str, name: str, /, **more: Any) -> dict[str, Any]:
    news = {
        "hubHost": host,
        "name": name,
        "kind": "layer",
        "content": layer(),
        "targetCondition": "tags.model = 'anomaly' or tags.model = 'mnist'",
        "priority": 20,
    }
    return {**news, **more}


def _inputs(host: str, name: str, **more: Any) -> dict[str, Any]:
    return checked(RESOURCE, _news(host, name, **more))


def _other(content: dict[str, Any]) -> dict[str, Any]:
    content["sensor"]["properties.desired"]["SendInterval"] = 7
    return content


def test_a_deployment_is_made_and_read_back_without_a_difference(hub_host: str) -> None:
    inputs = _inputs(hub_host, "made", labels={"team": "line1"}, metrics={"ok": "SELECT deviceId FROM devices"})
    assert inputs["targetCondition"] == "(tags.model = 'anomaly' or tags.model = 'mnist')"
    id, outputs = RESOURCE.create(Recorder(), inputs)
    assert outputs["configurationId"] == f"made-{outputs['contentDigest'][:12]}"
    assert outputs["effectivePriority"] == 20
    _, live, state = RESOURCE.read(Recorder(), id, inputs, outputs)
    assert RESOURCE.diff(Recorder(), id, live, inputs, state) == []
    assert state == outputs


def test_new_content_stands_beside_the_old_and_above_it(hub_host: str) -> None:
    inputs = _inputs(hub_host, "replaced")
    id, outputs = RESOURCE.create(Recorder(), inputs)
    news = _inputs(hub_host, "replaced", content=_other(layer()))
    changes = RESOURCE.diff(Recorder(), id, inputs, news, outputs)
    assert [change.replace for change in changes] == [True]
    new_id, new_outputs = RESOURCE.create(Recorder(), news)
    assert new_outputs["effectivePriority"] == 21
    # once more: the one at 21 is lowered, the newest takes its place
    third = _inputs(hub_host, "replaced", content={**layer(), "sensor": {"properties.desired": {}}})
    _, third_outputs = RESOURCE.create(Recorder(), third)
    assert third_outputs["effectivePriority"] == 21
    assert RESOURCE.read(Recorder(), new_id, news, new_outputs)[2]["effectivePriority"] == 20
    RESOURCE.delete(Recorder(), id, inputs, outputs)
    with pytest.raises(Gone):
        RESOURCE.read(Recorder(), id, inputs, outputs)


def test_a_raised_deployment_shows_no_drift_and_stays_raised_through_an_update(hub_host: str) -> None:
    RESOURCE.create(Recorder(), _inputs(hub_host, "raised"))
    news = _inputs(hub_host, "raised", content=_other(layer()))
    id, outputs = RESOURCE.create(Recorder(), news)
    assert RESOURCE.read(Recorder(), id, news, outputs)[1] == news
    moved = RESOURCE.update(Recorder(), id, news, {**news, "priority": 30}, outputs)
    assert moved["effectivePriority"] == 31


def test_a_run_that_died_finds_its_own_deployment_again(hub_host: str) -> None:
    inputs = _inputs(hub_host, "died")
    id, outputs = RESOURCE.create(Recorder(), inputs)
    ctx = Recorder()
    assert RESOURCE.create(ctx, inputs) == (id, outputs)
    assert "taken over" in ctx.logs[0]


def test_a_deployment_made_anew_by_hand_is_drift_and_is_replaced_under_another_id(hub_host: str) -> None:
    inputs = _inputs(hub_host, "byhand")
    id, outputs = RESOURCE.create(Recorder(), inputs)
    hub = IotHub(Recorder(), hub_host)
    live = hub.configuration(outputs["configurationId"])
    hub.delete_configuration(live.id)
    agent = {name: value for name, value in live.modules_content[AGENT].items() if name != SENSOR}
    hub.create_configuration(replace(live, modules_content={**live.modules_content, AGENT: agent}))
    _, seen, _ = RESOURCE.read(Recorder(), id, inputs, outputs)
    changes = RESOURCE.diff(Recorder(), id, seen, inputs, outputs)
    assert {change.path[:3] for change in changes} == {("content", AGENT, SENSOR)}
    new_id, _ = RESOURCE.create(Recorder(), inputs)
    assert new_id == f"{id}-2"


def test_what_is_mutable_is_updated_in_place(hub_host: str) -> None:
    inputs = _inputs(hub_host, "updated")
    id, outputs = RESOURCE.create(Recorder(), inputs)
    changed = {"targetCondition": "*", "priority": 40, "metrics": {"a": "SELECT deviceId FROM devices"}}
    news = _inputs(hub_host, "updated", labels={"x": "y"}, **changed)
    assert not any(change.replace for change in RESOURCE.diff(Recorder(), id, inputs, news, outputs))
    state = RESOURCE.update(Recorder(), id, inputs, news, outputs)
    assert state["configurationId"] == outputs["configurationId"]
    assert RESOURCE.read(Recorder(), id, news, state)[1] == news


def test_a_rollout_that_does_not_arrive_is_a_partial_failure_naming_the_device(hub_host: str) -> None:
    IotHub(Recorder(), hub_host).create_device("waiting", edge=True)
    RESOURCE.create(
        Recorder(), _inputs(hub_host, "ground", kind="base", priority=10, content=base(), targetCondition="*")
    )
    inputs = _inputs(hub_host, "waits", targetCondition="deviceId = 'waiting'", waitSeconds=1, priority=50)
    with pytest.raises(PartialFailure, match=r"not rolled out within 1 s .*device 'waiting': the agent has seen"):
        RESOURCE.create(Recorder(), inputs)


@pytest.mark.parametrize(
    ("more", "path", "reason"),
    [
        ({"priority": 15}, "priority", "priority 15 is refused for a layer"),
        ({"targetCondition": "tags.model = x"}, "targetCondition", "column 14: no property 'x'"),
        ({"targetCondition": " "}, "targetCondition", "targets no device"),
        ({"kind": "top"}, "kind", "allowed: base, layer"),
        ({"name": "Anomaly"}, "name", "lower-case"),
        ({"metrics": {str(n): "q" for n in range(6)}}, "metrics", "5 are allowed"),
        ({"content": {"modulesContent": layer()}}, "content", "give what stands under modulesContent"),
        ({"waitSeconds": -1}, "waitSeconds", "from 0 to 3600"),
        ({"extra": 1}, "extra", "is not known here"),
    ],
)
def test_bad_inputs_are_refused(more: dict[str, Any], path: str, reason: str) -> None:
    (failure,) = refused(RESOURCE, _news("h", "bad", **more))
    assert failure.path == path
    assert reason in failure.reason


def test_a_bad_route_is_refused_in_preview_with_its_line_although_images_are_unknown() -> None:
    content = layer()
    content[AGENT][SENSOR]["settings"]["image"] = UNKNOWN
    content["$edgeHub"]["properties.desired.routes.scorerToUpstream"]["route"] = "FROM /messages/* INTO up"
    (failure,) = refused(RESOURCE, _news("h", "bad", content=content))
    assert failure.path == "content"
    assert "scorerToUpstream.route, line " in failure.reason
    assert "column 23: the sink is 'up'" in failure.reason


def test_what_a_preview_does_not_know_is_let_pass() -> None:
    news = _news(UNKNOWN, "unknown", content=UNKNOWN, targetCondition=UNKNOWN, priority=UNKNOWN)  # type: ignore[arg-type]
    assert refused(RESOURCE, news) == []
