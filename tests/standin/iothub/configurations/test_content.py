"""What a configuration may contain."""

from __future__ import annotations

from typing import Any

import pytest

from standin.iothub.configurations.configuration import configuration_request
from standin.iothub.configurations.content import check_content, is_layered
from standin.iothub.kernel.errors import BadRequest
from tests.standin.iothub.deployments import body, layer, standard


def test_dotted_keys_make_a_layer() -> None:
    assert is_layered(layer({"m": {}}))
    assert is_layered({"$edgeAgent": {}, "m": {"properties.desired": {}}})
    assert not is_layered(standard())


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "content is missing"),
        ({}, "modulesContent is missing or empty"),
        ({"deviceContent": {"properties.desired": {}}}, "deviceContent"),
        ({"modulesContent": {"m": {}}}, "has no $edgeAgent"),
        ({"modulesContent": {"$edgeAgent": {"modules": {}}}}, "has the key 'modules'"),
        ({"modulesContent": {"$edgeAgent": {"properties.desired..m": {}}}}, "an empty name"),
        ({"modulesContent": {"$edgeAgent": standard()["$edgeAgent"]}}, "needs $edgeHub"),
        ({"modulesContent": {"$edgeAgent": {"properties.desired.systemModules.edgeHub": {}}}}, "system modules"),
        (
            {"modulesContent": {"$edgeAgent": {}, "$edgeHub": {"properties.desired": {}}}},
            "cannot set $edgeHub's properties.desired as a whole",
        ),
        ({"modulesContent": standard({f"m{n}": {} for n in range(51)})}, "51 modules, allowed are 50"),
    ],
)
def test_content_that_no_device_could_take_is_refused(content: Any, message: str) -> None:
    with pytest.raises(BadRequest) as refusal:
        check_content(content)
    assert message in refusal.value.message
    assert refusal.value.code == "InvalidConfigurationContent"


def test_a_value_above_4096_bytes_is_refused_with_its_place() -> None:
    content = layer({"m": {"settings": {"createOptions": "x" * 4097}}})
    with pytest.raises(BadRequest, match=r"desired\.modules\.m\.settings\.createOptions has 4097"):
        check_content({"modulesContent": content})


@pytest.mark.parametrize(
    ("id_", "change", "message"),
    [
        ("Upper", {}, "The configuration id 'Upper' is not valid"),
        ("a b", {}, "not valid"),
        ("a/b", {}, "not valid"),
        ("x" * 129, {}, "not valid"),
        ("good", {"id": "other"}, "id is 'other' in the body"),
        ("good", {"priority": -1}, "priority is -1"),
        ("good", {"priority": "9"}, "priority is '9'"),
        ("good", {"targetCondition": "tags.a ="}, "at position 8"),
        ("good", {"labels": {"a": 1}}, "labels must be an object of strings"),
        ("good", {"metrics": {"queries": {"bad": "SELECT FROM devices"}}}, "metrics.queries.bad"),
        ("good", {"metrics": {"queries": {str(n): "SELECT * FROM devices" for n in range(6)}}}, "6 queries"),
    ],
)
def test_bad_fields_are_refused_by_name(id_: str, change: dict[str, Any], message: str) -> None:
    with pytest.raises(BadRequest) as refusal:
        configuration_request(id_, body(standard()) | change)
    assert message in refusal.value.message


def test_the_targeted_query_carries_the_condition_without_parentheses() -> None:
    either = "tags.env='a' or tags.env='b'"
    queries = configuration_request("layer4", body(layer(), condition=either)).system_metrics()
    assert queries["targetedCount"] == f"select deviceId from devices where capabilities.iotEdge = true and {either}"
    applied = "select deviceId from devices.modules where moduleId = '$edgeAgent'"
    assert queries["appliedCount"] == f"{applied} and configurations.[[layer4]].status = 'Applied'"


def test_nobody_is_counted_as_targeted_without_a_condition() -> None:
    assert "targetedCount" not in configuration_request("none", body(layer(), condition="")).system_metrics()
