from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from edge.manifest import as_sent, is_same_content
from tests.edge.manifest.manifests import base, layer

SENSOR = "properties.desired.modules.sensor"
Change = Callable[[dict[str, Any]], Any]


def _agent(content: dict[str, Any]) -> Any:
    return content["$edgeAgent"]["properties.desired"]


@pytest.mark.parametrize(
    "change",
    [
        lambda c: c["$edgeAgent"][SENSOR].update(imagePullPolicy="on-create", startupOrder=4_294_967_295),
        lambda c: c["$edgeAgent"][SENSOR].update(metadata={}, nothing=None),
        lambda c: c["sensor"]["properties.desired"].update(SendInterval=float(5), Nothing=None),
    ],
)
def test_what_a_hub_fills_in_drops_or_writes_otherwise_is_the_same(change: Change) -> None:
    sent = layer()
    sent["sensor"]["properties.desired"]["SendInterval"] = 5
    shown = copy.deepcopy(sent)
    change(shown)
    assert is_same_content(sent, shown)
    assert is_same_content(sent, sent)
    assert as_sent(sent, shown) == sent


def test_in_a_base_too_and_in_its_system_modules() -> None:
    sent, shown = base(), base()
    _agent(shown)["systemModules"]["edgeHub"]["imagePullPolicy"] = "on-create"
    _agent(shown)["runtime"]["settings"]["nothing"] = None
    assert is_same_content(sent, shown)


@pytest.mark.parametrize(
    "change",
    [
        lambda c: c["$edgeAgent"].pop(SENSOR),
        lambda c: c["$edgeAgent"].update({"properties.desired.modules.more": {"type": "docker"}}),
        lambda c: c["$edgeAgent"][SENSOR].update(env={"MessageCount": {"value": "plenty"}}),
        lambda c: c["$edgeAgent"][SENSOR].update(status="stopped"),
        lambda c: c["$edgeAgent"][SENSOR]["settings"].update(image="another:1"),
        lambda c: c["$edgeHub"].update({"properties.desired.routes.more": "FROM /* INTO $upstream"}),
        lambda c: c["sensor"]["properties.desired"].update(SendInterval=7),
        lambda c: c["sensor"]["properties.desired"].update(SendInterval=True),
        lambda c: c["sensor"]["properties.desired"].update(Other=1),
        lambda c: c.update(stranger={"properties.desired": {"a": 1}}),
    ],
)
def test_what_somebody_changed_is_not(change: Change) -> None:
    sent = layer()
    sent["sensor"]["properties.desired"]["SendInterval"] = 1
    shown = copy.deepcopy(sent)
    change(shown)
    assert not is_same_content(sent, shown)
    difference = copy.deepcopy(shown)
    shown["$edgeAgent"].get(SENSOR, {}).update(imagePullPolicy="on-create")
    assert as_sent(sent, shown) == difference
