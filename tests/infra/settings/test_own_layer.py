"""The page of layers: the file that it shows is a layer, its entry is taken, what it makes can be deployed."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import fields
from types import ModuleType
from typing import Any

import pytest
import yaml

from clone.root import ROOT
from dryrun import engine_config
from edge.layers import catalogue
from edge.manifest import Layer, Module, joined
from infra.settings.checks import check
from infra.settings.contents import content
from infra.settings.layers import PlannedLayer
from infra.settings.load import load
from tests.infra.settings.good import GOOD

PAGE = (ROOT / "docs" / "a-layer.md").read_text("utf-8")


def block(language: str) -> str:
    (found,) = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    return str(found)


@pytest.fixture(scope="module")
def alarm() -> Iterator[Layer[Any]]:
    """As its file would be imported."""
    module = ModuleType("edge.layers.alarm")
    sys.modules[module.__name__] = module
    exec(compile(block("python"), "alarm.py", "exec"), module.__dict__)  # noqa: S102 - our own page
    yield module.LAYER
    del sys.modules[module.__name__]


def planned(alarm: Layer[Any]) -> PlannedLayer:
    entries = yaml.safe_load(block("yaml"))["edgeway:layers"]
    config = engine_config({**GOOD, "edgeway:layers": [*GOOD["edgeway:layers"], *entries]})
    (one,) = [layer for layer in check(load(config), {**catalogue(), "alarm": alarm}) if layer.name == "alarm"]
    return one


def test_the_layer_of_the_page_stands_on_the_device_of_another(alarm: Layer[Any]) -> None:
    one = planned(alarm)

    assert one.targets({"deviceId": "edge-01", "tags": {"site": "lab", "model": "anomaly", "environment": "dev"}})
    assert one.needs.published["bellImage"].startswith("registry.example.com/plant/bell@sha256:")


def test_its_published_module_has_port_mounts_and_limits(alarm: Layer[Any]) -> None:
    made = content(planned(alarm))
    bell = made["$edgeAgent"]["properties.desired.modules.alarm-bell"]

    host = joined(bell["settings"])["HostConfig"]
    assert bell["env"] == {"SITE": {"value": "lab"}}
    assert host["PortBindings"] == {"80/tcp": [{"HostIp": "127.0.0.1", "HostPort": "8081"}]}
    assert [(one["Type"], one["Target"]) for one in host["Mounts"]] == [("volume", "/history"), ("bind", "/etc/bell")]
    assert (host["Memory"], host["NanoCpus"]) == (128 * 1024 * 1024, 500_000_000)


def test_its_second_route_has_a_condition(alarm: Layer[Any]) -> None:
    routes = content(planned(alarm))["$edgeHub"]

    assert routes["properties.desired.routes.alarm-to-bell"] == {
        "route": "FROM /messages/modules/alarm-scorer/outputs/amlOutput WHERE $body.anomaly = true INTO "
        'BrokeredEndpoint("/modules/alarm-bell/inputs/alarm")',
        "priority": 0,
        "timeToLiveSecs": 60,
    }


@pytest.mark.parametrize("field", [one.name for one in fields(Module)])
def test_the_page_names_each_field(field: str) -> None:
    assert re.search(rf"`{field}[`=]", PAGE)
