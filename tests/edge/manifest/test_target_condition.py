from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.manifest import ConditionSyntaxError, parenthesised, parse_condition

DEVICE: dict[str, Any] = {
    "deviceId": "edge-01",
    "tags": {"model": "anomaly", "building": 9, "active": True, "a-b": "x", "none": None},
    "properties": {"reported": {"devicemodel": "4000x"}},
}


@pytest.mark.parametrize(
    ("condition", "matches"),
    [
        ("*", True),
        ("", False),
        ("deviceId = 'edge-01'", True),
        ("deviceId != ''", True),
        ("DEVICEID='edge-02'", False),
        ("tags.model = 'anomaly' and tags.building=9", True),
        ("tags.model = 'anomaly' AND NOT deviceId = 'edge-01'", False),
        ("NOT tags.model = 'mnist'", True),
        ("tags.missing = 'x'", False),
        ("tags.missing != 'x'", False),
        ("NOT tags.missing = 'x'", False),
        ("tags.building = '9'", False),
        ("tags.building != '9'", False),
        ("tags.building > 8 and tags.building <= 0x9", True),
        ("tags.building + 1 = 10 and tags.building % 2 = 1", True),
        ("tags.building / 0 = 1", False),
        ("tags.active = true", True),
        ("tags.active > false", False),
        ("tags.active", True),
        ("tags.none = null", True),
        ("is_defined(tags.model) and not is_defined(tags.missing)", True),
        ("tags.model in ['mnist', 'anomaly']", True),
        ("tags.model NIN ['mnist']", True),
        ("tags.missing nin ['mnist']", False),
        ("tags.[[a-b]] = 'x'", True),
        ("properties.reported.devicemodel='4000x'", True),
        ("tags.model = 'x' or tags.building = 9 and deviceId = 'edge-01'", True),
        ("(tags.model = 'x' or tags.building = 9) and deviceId = 'other'", False),
        ("tags.missing = 1 or deviceId = 'edge-01'", True),
        ("-tags.building = -9", True),
    ],
)
def test_conditions_are_true_where_the_hub_says_so(condition: str, matches: bool) -> None:
    assert parse_condition(condition).matches(DEVICE) is matches
    assert parse_condition(parenthesised(condition)).matches(DEVICE) is matches


@pytest.mark.parametrize(
    ("condition", "column", "reason"),
    [
        ("tags.model = anomaly", 14, "no property 'anomaly'"),
        ('tags.model = "anomaly"', 14, "text stands in single quotes"),
        ("tag.model = 'x'", 1, "no property 'tag.model'"),
        ("tags = 'x'", 1, "no property 'tags'"),
        ("tags.model == 'x'", 13, "a value is wanted, found '='"),
        ("tags.model = 'x' tags.b = 1", 18, "AND, OR or the end is wanted"),
        ("(tags.model = 'x'", 18, "the ( at column 1 is not closed"),
        ("tags.model =", 13, "found the end of the condition"),
        ("tags.model = 'a b'", 14, "holds ' '"),
        ("starts_with(deviceId, 'e')", 1, "there is is_defined"),
        ("tags.model in 'x'", 15, "an array of constants"),
        ("tags.model in ['x' 'y']", 20, "a , or ] is wanted"),
        ("is_defined('x')", 12, "is_defined takes a path"),
    ],
)
def test_a_bad_condition_is_refused_with_its_column(condition: str, column: int, reason: str) -> None:
    with pytest.raises(ConditionSyntaxError) as caught:
        parse_condition(condition)
    assert reason in caught.value.reason
    assert caught.value.column == column


@pytest.mark.parametrize(
    ("condition", "wrapped"),
    [
        ("tags.a = 1 or tags.b = 2", "(tags.a = 1 or tags.b = 2)"),
        ("(tags.a = 1 or tags.b = 2)", "(tags.a = 1 or tags.b = 2)"),
        ("(tags.a = 1) or (tags.b = 2)", "((tags.a = 1) or (tags.b = 2))"),
        ("tags.a = ')('", "(tags.a = ')(')"),
        ("*", "*"),
        ("", ""),
    ],
)
def test_conditions_are_put_in_parentheses_once(condition: str, wrapped: str) -> None:
    assert parenthesised(condition) == wrapped


@given(st.text(alphabet="tags.deviceId =<>!'()[],0123456789andorNOTin*+-/% \"", max_size=40))
def test_any_text_is_either_read_or_refused_with_a_column(text: str) -> None:
    try:
        parse_condition(text).matches(DEVICE)
    except ConditionSyntaxError as error:
        assert 1 <= error.column <= len(text) + 1


def test_a_hexadecimal_number_beyond_every_float_is_refused_or_counts_as_one() -> None:
    assert parse_condition("tags.building + 0xffffffffffffffff * 1e300 * 1e300 > 1").matches(DEVICE)
    with pytest.raises(ConditionSyntaxError):
        parse_condition(f"tags.building = 0x{'f' * 300}")


def test_a_condition_of_many_parts_is_read_where_few_stand_inside_each_other() -> None:
    many = " or ".join(f"(not (deviceId = 'edge-{number}'))" for number in range(500))

    assert parse_condition(many).matches(DEVICE)
