"""A hub that writes content otherwise than it was sent (fills in, leaves out) is no reason to change a device over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from cloud.iot_hub import IotHub
from tests.edge.manifest.manifests import layer
from tests.infra.provider.edge_deployments import AGENT, RESOURCE, SENSOR, deployment, labelled
from tests.infra.provider.recorder import Recorder


def _row(host: str, name: str) -> dict[str, Any]:
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


@pytest.mark.parametrize(
    "take_back",
    [
        lambda content: content[AGENT][SENSOR].pop("imagePullPolicy"),
        lambda content: content[AGENT][SENSOR].pop("startupOrder"),
        lambda content: content["sensor"]["properties.desired"].pop("Alarms"),
    ],
)
def test_what_the_config_takes_back_is_a_change_though_a_hub_might_have_filled_it_in(
    hub_host: str, request: pytest.FixtureRequest, take_back: Callable[[Any], Any]
) -> None:
    name = f"taken-back-{request.node.callspec.indices['take_back']}"
    row, news = _row(hub_host, name), _row(hub_host, name)
    for one in (row, news):
        one["content"][AGENT][SENSOR].update(imagePullPolicy="never", startupOrder=1)
        one["content"]["sensor"]["properties.desired"]["Alarms"] = []
    take_back(news["content"])
    id, outputs = RESOURCE.create(Recorder(), row)
    _, seen, state = RESOURCE.read(Recorder(), id, row, outputs)
    for inputs, outs in ((row, outputs), (seen, state)):
        assert RESOURCE.diff(Recorder(), id, inputs, news, outs) != []
    after = RESOURCE.update(Recorder(), id, row, news, outputs)
    assert after["configurationId"] != outputs["configurationId"]
    assert list(labelled(hub_host, name)) == [after["configurationId"]]


def test_an_import_of_what_a_hub_filled_in_is_no_change_and_nor_is_a_refresh_after_it(hub_host: str) -> None:
    row = _row(hub_host, "brought-in")
    id, outputs = RESOURCE.create(Recorder(), row)
    _, seen, state = RESOURCE.read(Recorder(), id, {}, {})
    assert seen["content"] != row["content"]
    assert RESOURCE.diff(Recorder(), id, seen, row, state) == []
    _, seen, state = RESOURCE.read(Recorder(), id, seen, state)
    assert RESOURCE.diff(Recorder(), id, seen, row, state) == []
    after = RESOURCE.update(Recorder(), id, seen, {**row, "priority": 30}, state)
    assert (after["configurationId"], after["contentDigest"]) == (outputs["configurationId"], outputs["contentDigest"])
