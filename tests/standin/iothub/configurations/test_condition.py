"""Target conditions."""

from __future__ import annotations

from typing import Any

import pytest

from standin.iothub.configurations.condition import parse_condition
from standin.iothub.query.tokens import QuerySyntaxError

DEVICE: dict[str, Any] = {
    "deviceId": "linuxprod2",
    "tags": {"environment": "prod", "building": 9, "beta": True, "site": {"name": "it's"}},
    "properties": {"reported": {"devicemodel": "4000x"}, "desired": {"x": 1}},
}


@pytest.mark.parametrize(
    ("condition", "targeted"),
    [
        ("", False),
        ("  ", False),
        ("*", True),
        ("deviceId != ''", True),
        ("deviceId='linuxprod2'", True),
        ("tags.environment = 'prod'", True),
        ("tags.building=9 and tags.environment='test'", False),
        ("tags.building=9 or tags.environment='test'", True),
        ("tags.environment = 'prod' AND NOT deviceId = 'linuxprod1'", True),
        ("properties.reported.devicemodel='4000x'", True),
        ("IS_DEFINED(tags.building) and not is_defined(tags.floor)", True),
        ("tags.site.name = 'it''s'", True),
        ("(tags.building > 3) and (tags.building <= 9)", True),
        ("tags.beta = true", True),
        # a missing tag is neither equal nor unequal, and NOT does not make it so
        ("tags.floor = 1", False),
        ("tags.floor != 1", False),
        ("NOT tags.floor = 1", False),
        ("tags.building = '9'", False),
        ("tags.building != '9'", False),
        ("tags.floor = 1 or tags.building = 9", True),
    ],
)
def test_conditions_target_the_right_device(condition: str, targeted: bool) -> None:
    assert parse_condition(condition).targets(DEVICE) is targeted


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ("tags.model =", "Expected a name, found the end at position 12"),
        ("tags.model = 'anomaly", '"\'anomaly" cannot stand in a target condition at position 13'),
        ('tags.model = "anomaly"', "'\"anomaly\"' cannot stand in a target condition at position 13"),
        ("tags.model = 'a' tags.site = 'b'", "Expected an operator or the end, found 'tags' at position 17"),
        ("(tags.model = 'a'", "Expected ')', found the end at position 17"),
        ("properties.desired.x = 1", "or 'properties.reported'. It contains: properties.desired.x"),
        ("deviceID = 'a'", "or 'properties.reported'. It contains: deviceID"),
        ("upper(deviceId)", "Unknown function 'upper', of queries are IS_DEFINED, STARTSWITH, ENDSWITH at pos"),
        ("tags.model == 'a'", "Expected a name, found '=' at position 12"),
        ("tags.model = 'a' & true", "'& true' cannot stand in a target condition at position 17"),
        ("tags.model IN ['a']", "IN is a word of the language; as a name it is written [[in]] at position 11"),
        ("tags.group = 'a'", "as a name it is written [[group]] at position 0"),
        ("tags.n = 0x9", "'0x9' cannot stand in a target condition at position 9"),
        ("tags.a = tags.b", "Only <property> <comparison> <value> and IS_DEFINED(<property>) can stand in it"),
        ("deviceId > 5", "deviceId > such a value is true of no device"),
    ],
)
def test_an_invalid_condition_is_refused_at_its_position(condition: str, message: str) -> None:
    with pytest.raises(QuerySyntaxError) as refusal:
        parse_condition(condition)
    assert message in str(refusal.value)


def test_only_conditions_on_reported_properties_follow_reports() -> None:
    assert parse_condition("tags.a = 1 and properties.reported.b = 2").looks_at_reported
    assert not parse_condition("not (tags.a = 1 or deviceId = 'x')").looks_at_reported
