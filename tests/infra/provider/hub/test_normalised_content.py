"""A hub that writes content otherwise than it was sent (fills in, leaves out) is no reason to change a device over."""

from __future__ import annotations

from dataclasses import replace

from cloud.iot_hub import IotHub
from tests.edge.manifest.manifests import layer
from tests.infra.provider.edge_deployments import AGENT, RESOURCE, SENSOR, deployment, labelled
from tests.infra.provider.recorder import Recorder


def _row(host: str, name: str) -> dict[str, object]:
    content = layer()
    content["sensor"]["properties.desired"]["Ratio"] = 2.0
    return deployment(host, name, content=content)


def test_a_refresh_and_a_second_up_see_no_change(hub_host: str) -> None:
    row = _row(hub_host, "refreshed")
    id, outputs = RESOURCE.create(Recorder(), row)
    shown = IotHub(Recorder(), hub_host).configuration(outputs["configurationId"]).modules_content
    assert shown[AGENT][SENSOR]["imagePullPolicy"] == "on-create"
    assert RESOURCE.read(Recorder(), id, row, outputs) == (id, row, outputs)
    assert RESOURCE.diff(Recorder(), id, row, row, outputs) == []


def test_what_a_killed_up_left_is_taken_over_and_not_made_again(hub_host: str) -> None:
    row = _row(hub_host, "left")
    _, outputs = RESOURCE.create(Recorder(), row)
    _, again = RESOURCE.create(Recorder(), row)
    assert again["configurationId"] == outputs["configurationId"]
    assert list(labelled(hub_host, "left")) == [outputs["configurationId"]]


def test_a_change_by_hand_is_shown_without_what_the_hub_filled_in(hub_host: str) -> None:
    row = _row(hub_host, "by-hand")
    id, outputs = RESOURCE.create(Recorder(), row)
    hub = IotHub(Recorder(), hub_host)
    made = hub.configuration(outputs["configurationId"])
    content = {**made.modules_content, "sensor": {"properties.desired": {"SendInterval": 7, "Ratio": 2.0}}}
    hub.delete_configuration(made.id)
    hub.create_configuration(replace(made, modules_content=content))
    _, seen, state = RESOURCE.read(Recorder(), id, row, outputs)
    changes = RESOURCE.diff(Recorder(), id, seen, row, state)
    assert {change.path[:2] for change in changes} == {("content", "sensor")}
