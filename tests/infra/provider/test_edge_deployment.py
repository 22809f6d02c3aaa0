from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cloud.errors import ServiceError
from cloud.iot_hub import IotHub
from pluginbase.resource import Gone, PartialFailure, ProviderError
from pluginbase.values import UNKNOWN
from tests.edge.manifest.manifests import base, layer
from tests.infra.provider.edge_deployments import (
    AGENT,
    RESOURCE,
    SENSOR,
    deployment,
    deployment_news,
    labelled,
    other,
    priorities,
)
from tests.infra.provider.recorder import Recorder, refused, service_down


def test_a_deployment_is_made_and_read_back_without_a_difference(hub_host: str) -> None:
    inputs = deployment(hub_host, "made", labels={"team": "line1"}, metrics={"ok": "SELECT deviceId FROM devices"})
    assert inputs["targetCondition"] == "(tags.model = 'anomaly' or tags.model = 'mnist')"
    id, outputs = RESOURCE.create(Recorder(), inputs)
    assert id == f"{hub_host}/made"
    assert outputs["configurationId"] == f"made-{outputs['contentDigest'][:12]}"
    assert outputs["effectivePriority"] == 20
    _, live, state = RESOURCE.read(Recorder(), id, inputs, outputs)
    assert RESOURCE.diff(Recorder(), id, live, inputs, state) == []
    assert state == outputs


def test_new_content_is_an_update_that_stands_above_the_old_and_then_alone(hub_host: str) -> None:
    inputs = deployment(hub_host, "replaced")
    id, outputs = RESOURCE.create(Recorder(), inputs)
    news = deployment(hub_host, "replaced", content=other(layer()))
    changes = RESOURCE.diff(Recorder(), id, inputs, news, outputs)
    assert [change.replace for change in changes] == [False]
    state = RESOURCE.update(Recorder(), id, inputs, news, outputs)
    assert priorities(hub_host, "replaced") == {state["configurationId"]: 21}
    assert state["mark"] == outputs["mark"]
    # once more: the one at 21 is lowered, the newest takes its place
    third = deployment(hub_host, "replaced", content={**layer(), "sensor": {"properties.desired": {}}})
    third_state = RESOURCE.update(Recorder(), id, news, third, state)
    assert priorities(hub_host, "replaced") == {third_state["configurationId"]: 21}
    RESOURCE.delete(Recorder(), id, third, third_state)
    with pytest.raises(Gone):
        RESOURCE.read(Recorder(), id, third, third_state)


def test_a_raised_deployment_shows_no_drift_and_stays_raised_through_an_update(hub_host: str) -> None:
    inputs = deployment(hub_host, "raised")
    id, outputs = RESOURCE.create(Recorder(), inputs)
    news = deployment(hub_host, "raised", content=other(layer()))
    state = RESOURCE.update(Recorder(), id, inputs, news, outputs)
    assert RESOURCE.read(Recorder(), id, news, state)[1:] == (news, state)
    moved = RESOURCE.update(Recorder(), id, news, {**news, "priority": 30}, state)
    assert moved["effectivePriority"] == 31


@pytest.mark.parametrize("failing", ["change_configuration", "create_configuration", "delete_configuration"])
def test_an_update_that_fails_leaves_the_old_in_force_and_nothing_of_the_new(
    hub_host: str, failing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"fails-{failing[:6]}"
    inputs = deployment(hub_host, name)
    id, outputs = RESOURCE.create(Recorder(), inputs)
    second = deployment(hub_host, name, content=other(layer()))
    state = RESOURCE.update(Recorder(), id, inputs, second, outputs)
    before = labelled(hub_host, name)
    refusal = ServiceError("deployment", 400, "BadRequest", "not today")
    with (
        service_down(monkeypatch, IotHub, failing, 1, refusal),
        pytest.raises(ProviderError, match=r"not today; fails-.* stands in .* as before"),
    ):
        RESOURCE.update(Recorder(), id, second, inputs, state)
    assert labelled(hub_host, name) == before
    assert RESOURCE.diff(Recorder(), id, second, second, state) == []


def test_ctrl_c_while_an_update_waits_puts_the_old_back(hub_host: str) -> None:
    IotHub(Recorder(), hub_host).create_device("never", edge=True)
    inputs = deployment(hub_host, "cancelled", targetCondition="deviceId = 'never'", priority=60)
    id, outputs = RESOURCE.create(Recorder(), inputs)
    before = labelled(hub_host, "cancelled")
    ctx = Recorder()
    ctx.cancelled.set()
    with pytest.raises(ProviderError, match=r"^cancelled; cancelled-.* as before"):
        RESOURCE.update(ctx, id, inputs, {**inputs, "content": other(layer()), "waitSeconds": 60}, outputs)
    assert labelled(hub_host, "cancelled") == before


def test_what_could_not_be_put_back_is_said(hub_host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    inputs = deployment(hub_host, "unreached")
    id, outputs = RESOURCE.create(Recorder(), inputs)
    refusal = ServiceError("deployment", 400, "BadRequest", "not today")
    with (
        service_down(monkeypatch, IotHub, "delete_configuration", 2, refusal),
        pytest.raises(ProviderError, match=r"could not be put back: .* it looks at what stands there"),
    ):
        RESOURCE.update(Recorder(), id, inputs, {**inputs, "content": other(layer())}, outputs)
    assert outputs["configurationId"] in labelled(hub_host, "unreached")
    RESOURCE.update(Recorder(), id, inputs, inputs, outputs)
    assert list(labelled(hub_host, "unreached")) == [outputs["configurationId"]]


def test_a_preview_keeps_what_an_update_keeps_and_does_not_know_the_rest() -> None:
    inputs = deployment("h", "previewed")
    state = {**inputs, "configurationId": "previewed-1", "contentDigest": "1", "effectivePriority": 20, "mark": "m"}
    moved = RESOURCE.preview_update(Recorder(), "h/previewed", inputs, {**inputs, "priority": 30}, state)
    assert moved == {**state, "priority": 30}
    news = {**inputs, "content": other(layer())}
    changed = RESOURCE.preview_update(Recorder(), "h/previewed", inputs, news, state)
    assert [name for name, value in changed.items() if value is UNKNOWN] == [
        "configurationId",
        "contentDigest",
        "effectivePriority",
    ]


def test_a_deployment_made_anew_by_hand_is_drift_and_an_update_gives_it_another_id(hub_host: str) -> None:
    inputs = deployment(hub_host, "byhand")
    id, outputs = RESOURCE.create(Recorder(), inputs)
    hub = IotHub(Recorder(), hub_host)
    live = hub.configuration(outputs["configurationId"])
    hub.delete_configuration(live.id)
    agent = {name: value for name, value in live.modules_content[AGENT].items() if name != SENSOR}
    hub.create_configuration(replace(live, modules_content={**live.modules_content, AGENT: agent}))
    _, seen, state = RESOURCE.read(Recorder(), id, inputs, outputs)
    changes = RESOURCE.diff(Recorder(), id, seen, inputs, state)
    assert {change.path[:3] for change in changes} == {("content", AGENT, SENSOR)}
    updated = RESOURCE.update(Recorder(), id, seen, inputs, state)
    assert updated["configurationId"] == f"{live.id}-2"
    assert priorities(hub_host, "byhand") == {f"{live.id}-2": 21}


def test_what_is_mutable_is_updated_in_place(hub_host: str) -> None:
    inputs = deployment(hub_host, "updated")
    id, outputs = RESOURCE.create(Recorder(), inputs)
    changed = {"targetCondition": "*", "priority": 40, "metrics": {"a": "SELECT deviceId FROM devices"}}
    news = deployment(hub_host, "updated", labels={"x": "y"}, **changed)
    assert not any(change.replace for change in RESOURCE.diff(Recorder(), id, inputs, news, outputs))
    state = RESOURCE.update(Recorder(), id, inputs, news, outputs)
    assert state["configurationId"] == outputs["configurationId"]
    assert RESOURCE.read(Recorder(), id, news, state)[1] == news


def test_a_rollout_that_does_not_arrive_is_a_partial_failure_naming_the_device(hub_host: str) -> None:
    IotHub(Recorder(), hub_host).create_device("waiting", edge=True)
    RESOURCE.create(
        Recorder(), deployment(hub_host, "ground", kind="base", priority=10, content=base(), targetCondition="*")
    )
    inputs = deployment(hub_host, "waits", targetCondition="deviceId = 'waiting'", waitSeconds=1, priority=50)
    with pytest.raises(PartialFailure, match=r"not rolled out within 1 s .*device 'waiting': the agent has seen"):
        RESOURCE.create(Recorder(), inputs)


@pytest.mark.parametrize(
    ("more", "path", "reason"),
    [
        ({"priority": 15}, "priority", "priority 15 is refused for a layer"),
        ({"targetCondition": "tags.model = x"}, "targetCondition", "column 14: 'x' stands where a value is wanted"),
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
    (failure,) = refused(RESOURCE, deployment_news("h", "bad", **more))
    assert failure.path == path
    assert reason in failure.reason


def test_a_bad_route_is_refused_in_preview_with_its_line_although_images_are_unknown() -> None:
    content = layer()
    content[AGENT][SENSOR]["settings"]["image"] = UNKNOWN
    content["$edgeHub"]["properties.desired.routes.scorerToUpstream"]["route"] = "FROM /messages/* INTO up"
    (failure,) = refused(RESOURCE, deployment_news("h", "bad", content=content))
    assert failure.path == "content"
    assert "scorerToUpstream.route, line " in failure.reason
    assert "column 23: the sink is 'up'" in failure.reason


def test_what_a_preview_does_not_know_is_let_pass() -> None:
    news = deployment_news(UNKNOWN, "unknown", content=UNKNOWN, targetCondition=UNKNOWN, priority=UNKNOWN)  # type: ignore[arg-type]
    assert refused(RESOURCE, news) == []
