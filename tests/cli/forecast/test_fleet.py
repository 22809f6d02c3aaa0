"""Which devices a change reaches, by the hub's own rules."""

from __future__ import annotations

from typing import Any

import pytest

from cli.forecast.devices import of_layers
from cli.forecast.fleet import DeviceChange, arrival, fleet
from cli.forecast.operations import Operation, Operations

BASE = {"$edgeAgent": {"properties.desired": {"systemModules": {"edgeAgent": {"image": "a"}}, "modules": {}}}}


def device(name: str, op: str = "same", old: str = "x", new: str = "x") -> Operation:
    def inputs(model: str) -> dict[str, Any]:
        return {"deviceId": name, "tags": {"model": model}}

    before, after = {} if op == "create" else inputs(old), {} if op == "delete" else inputs(new)
    return Operation(op, f"urn:pulumi:dev::p::mledge:iothub:DeviceIdentity::{name}", before, after)


def layer(name: str, old: Any, new: Any, *, priority: int = 20, op: str = "update") -> Operation:
    def inputs(content: Any) -> dict[str, Any]:
        if content is None:
            return {}
        condition = "*" if "properties.desired" in content.get("$edgeAgent", {}) else "tags.model = 'x'"
        return {"name": name, "content": content, "targetCondition": condition, "priority": priority}

    return Operation(op, f"urn:pulumi:dev::p::mledge:iothub:EdgeDeployment::{name}", inputs(old), inputs(new))


def module(name: str, image: str) -> dict[str, Any]:
    return {"$edgeAgent": {f"properties.desired.modules.{name}": {"settings": {"image": image}}}}


def base(old: Any = BASE, new: Any = BASE) -> Operation:
    return layer("base", old, new, priority=10, op="same")


def by_id(*operations: Operation) -> dict[str, DeviceChange]:
    return {one.id: one for one in fleet(Operations(operations))}


def test_a_device_that_no_condition_names_does_not_change() -> None:
    found = by_id(base(), device("d1"), device("d2", old="y", new="y"), layer("l", module("m", "1"), module("m", "2")))
    assert found["d1"] == DeviceChange("d1", "changed", restarts=("m",), deployments=frozenset({"l"}))
    assert found["d2"].fate == "same"


def test_a_layer_that_another_one_overrides_reaches_nobody() -> None:
    above = layer("above", module("m", "9"), module("m", "9"), priority=30, op="same")
    found = by_id(base(), above, device("d1"), layer("l", module("m", "1"), module("m", "2")))
    assert found["d1"].fate == "same"


def test_a_device_that_moves_between_layers_stops_one_module_and_starts_none() -> None:
    found = by_id(base(), device("d1", "update", "x", "y"), layer("l", module("m", "1"), module("m", "1"), op="same"))
    assert (found["d1"].stops, found["d1"].starts) == (("m",), ())


def test_without_a_base_deployment_a_layer_reaches_nobody() -> None:
    assert by_id(device("d1"), layer("l", module("m", "1"), module("m", "2")))["d1"].fate == "same"


def test_another_system_module_is_the_bases_doing() -> None:
    newer = {"$edgeAgent": {"properties.desired": {"systemModules": {"edgeAgent": {"image": "b"}}, "modules": {}}}}
    found = by_id(base(BASE, newer), device("d1"))
    assert found["d1"] == DeviceChange("d1", "changed", restarts=("edgeAgent",), deployments=frozenset({"base"}))


def test_what_the_engine_leaves_out_as_unchanged_comes_from_the_configuration() -> None:
    config = {
        "edgeway:environment": "dev",
        "edgeway:devices": '[{"id": "d1", "tags": {"model": "x"}}, {"id": "d2", "tags": {}}]',
        "edgeway:layers": '[{"name": "l", "priority": 20, "targetCondition": "tags.model = \'x\'"}]',
    }
    changed = layer("dev-l", module("m", "1"), module("m", "2"))
    found = {one.id: one.fate for one in fleet(Operations([changed], config))}
    assert found == {"d1": "changed", "d2": "same"}


@pytest.mark.parametrize(("done", "noticed"), [(False, "layer l starts"), (True, "no module restarts")])
def test_of_an_up_that_failed_a_layer_that_it_did_not_come_to_starts_nowhere(done: bool, noticed: str) -> None:
    config = {
        "edgeway:environment": "dev",
        "edgeway:layers": '[{"name": "l", "priority": 20, "targetCondition": "*"}]',
    }
    new = Operation("create", "urn:pulumi:dev::p::mledge:iothub:DeviceIdentity::d1", {}, {**device("d1").new})
    new.new["tags"]["environment"] = "dev"
    (found,) = fleet(Operations([base(), new], config, done))
    assert str(found) == noticed


def test_a_new_device_is_none_that_changes_and_one_that_changes_is_told_as_one() -> None:
    new = DeviceChange("d1", "new", deployments=frozenset({"l"}))
    other = DeviceChange("d2", "new", deployments=frozenset({"m"}))
    old = DeviceChange("d3", "changed", deployments=frozenset({"m"}))
    assert arrival([new, other], ["l"], "get") == ["1 device gets it"]
    assert arrival([new, other, old], ["l"], "get") == ["1 device gets it", "1 other changes"]
    assert arrival([old], ["l", "m"], "lose") == ["1 device loses it", "0 others change"]


SECRETS = ["[secret]", {"$edgeAgent": "[secret]", "$edgeHub": "[secret]", "meter": "[secret]"}]
"""What the engine has of a layer whose content is a secret."""


def withheld(content: Any, op: str, **other: Any) -> Operation:
    inputs = {"name": "dev-plant", "content": content, "targetCondition": "tags.model = 'x'", "priority": 20}
    before, after = {} if op == "create" else inputs, {} if op == "delete" else {**inputs, **other}
    return Operation(op, "urn:pulumi:dev::p::mledge:iothub:EdgeDeployment::plant", before, after)


@pytest.mark.parametrize("content", SECRETS)
@pytest.mark.parametrize(
    ("op", "noticed"), [("create", "starts"), ("update", "restarts"), ("delete", "stops"), ("same", "")]
)
def test_a_layer_with_a_secret_is_told_as_a_whole(content: Any, op: str, noticed: str) -> None:
    found = by_id(base(), device("d1"), device("d2", old="y", new="y"), withheld(content, op))
    assert str(found["d1"]) == (f"layer plant {noticed}" if noticed else "no module restarts")
    assert found["d2"].fate == "same"


@pytest.mark.parametrize("content", SECRETS)
def test_a_layer_with_a_secret_restarts_nothing_where_something_else_of_it_changes(content: Any) -> None:
    found = by_id(base(), device("d1"), withheld(content, "update", priority=30))
    assert found["d1"].fate == "same"


def test_what_changes_of_a_secret_content_is_said_to_be_a_secret() -> None:
    operations = Operations([base(), device("d1"), withheld(SECRETS[1], "update")])
    (told,) = of_layers(operations, fleet(operations))
    assert str(told) == "layer plant changes (its content, which holds a secret): 1 device notices it, 0 others change"
