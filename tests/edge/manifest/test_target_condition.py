from __future__ import annotations

import re
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
        ("tags.model = 'anomaly' and tags.building=9", True),
        ("tags.model = 'anomaly' AND NOT deviceId = 'edge-01'", False),
        ("NOT tags.model = 'mnist'", True),
        ("tags.missing = 'x'", False),
        ("tags.missing != 'x'", False),
        ("NOT tags.missing = 'x'", False),
        ("tags.building = '9'", False),
        ("tags.building != '9'", False),
        ("tags.building > 8 and tags.building <= 9.0 and tags.building > -1", True),
        ("tags.active = true", True),
        ("is_defined(tags.model) and not is_defined(tags.missing)", True),
        ("tags.[[a-b]] = 'x'", True),
        ("properties.reported.devicemodel='4000x'", True),
        ("tags.model = 'x' or tags.building = 9 and deviceId = 'edge-01'", True),
        ("(tags.model = 'x' or tags.building = 9) and deviceId = 'other'", False),
        ("tags.missing = 1 or deviceId = 'edge-01'", True),
    ],
)
def test_conditions_are_true_where_the_hub_says_so(condition: str, matches: bool) -> None:
    assert parse_condition(condition).matches(DEVICE) is matches
    assert parse_condition(parenthesised(condition)).matches(DEVICE) is matches


@pytest.mark.parametrize(
    ("condition", "column", "reason"),
    [
        ("tags.model = anomaly", 14, "'anomaly' stands where a value is wanted: text in single quotes"),
        ('tags.model = "anomaly"', 14, "text stands in single quotes"),
        ("tag.model = 'x'", 1, "no property 'tag.model'"),
        ("tags = 'x'", 1, "no property 'tags'"),
        ("Tags.model = 'x'", 1, "case counts in names; write tags.model"),
        ("deviceid = 'x'", 1, "case counts in names; write deviceId"),
        ("tags.a = 1 and tags.lic-key = 'x'", 24, "write tags.[[lic-key]]"),
        ("tags.group.name = 'x'", 1, "'group' is a word of the language: write tags.[[group]].name"),
        ("tags.model == 'x'", 13, "a value is wanted, found '='"),
        ("tags.model = 'x' tags.b = 1", 18, "AND, OR or the end is wanted"),
        ("tags.a = 'x' NOT deviceId = 'y'", 14, "write AND NOT"),
        ("(tags.model = 'x'", 18, "the ( at column 1 is not closed"),
        ("tags.model =", 13, "found the end of the condition"),
        ("tags.model = 'a b'", 14, "holds ' '"),
        ("tags.model = 'it's'", 19, "a quote inside a text is written ''"),
        ("starts_with(deviceId, 'e')", 1, "there is IS_DEFINED"),
        ("deviceId in ['a', 'b''c']", 10, "use OR: (deviceId = 'a' OR deviceId = 'b''c')"),
        ("tags.n NIN [1, 2, 3, 4]", 8, "use AND: (tags.n != 1 AND tags.n != 2 AND tags.n != 3 AND tags.n != 4)"),
        ("tags.n not in [1]", 8, "use AND: (tags.n != 1)"),
        ("tags.model in 'x'", 12, "use OR: (tags.model = 'a' OR tags.model = 'b')"),
        ("deviceId in ('x', 7)", 10, "use OR: (deviceId = 'x' OR deviceId = '7')"),
        ("tags.a in [b, true, -1.5]", 8, "use OR: (tags.a = 'b' OR tags.a = true OR tags.a = -1.5)"),
        ("tags.a in []", 8, "use OR: (tags.a = 'a' OR tags.a = 'b')"),
        ("tags.lic-key.a.b-c = 'x'", 9, "write tags.[[lic-key]].a.[[b-c]]"),
        ("tags.$a = 'x'", 1, "no key begins with $ but $version, $metadata"),
        ("tags.a.$version = 1", 1, "'$version' is in no twin"),
        ("properties.reported.a.$b = 1", 1, "'$b' is in no twin"),
        ("is_defined('x')", 12, "IS_DEFINED takes a property"),
        ("tags.n + 1 = 2", 8, "a condition does no arithmetic"),
        ("tags.n = 0x1f", 10, "'0x1f' is no number of a condition"),
        ("tags.a = null", 10, "write NOT IS_DEFINED(tags.a)"),
        ("tags.a != undefined", 11, "write IS_DEFINED(tags.a)"),
        ("tags.active", 12, "write tags.active = true, or IS_DEFINED(tags.active)"),
        ("tags.active > false", 15, "a boolean is neither more nor less"),
        ("deviceId = 5", 12, "deviceId is text, never 5"),
        (f"deviceId = '{'x' * 129}'", 12, "a deviceId has 1 to 128 characters, this text 129"),
        ("tags.n = 4503599627370496", 10, "is in no twin"),
        ("(" * 31 + "tags.n = 1" + ")" * 31, 31, "nested deeper than 30"),
        ("tags.größe = 1", 8, "holds letters beyond a-z"),
    ],
)
def test_a_bad_condition_is_refused_with_its_column(condition: str, column: int, reason: str) -> None:
    with pytest.raises(ConditionSyntaxError) as caught:
        parse_condition(condition)
    assert reason in caught.value.reason
    assert caught.value.column == column
    for advised in re.findall(r"use (?:OR|AND): (\(.*\))$", caught.value.reason):
        parse_condition(advised)


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


def test_a_condition_of_many_parts_is_read_where_few_stand_inside_each_other() -> None:
    many = " or ".join(f"(not (deviceId = 'edge-{number}'))" for number in range(200))

    assert parse_condition(many).matches(DEVICE)


def test_a_condition_that_leaves_no_room_in_the_hubs_own_query_is_refused() -> None:
    with pytest.raises(ConditionSyntaxError, match="8125 are allowed"):
        parse_condition(" " * 8000 + "tags.a = '" + "x" * 120 + "'")


@pytest.mark.parametrize(
    ("condition", "reported"),
    [
        ("properties.reported.gpu = true or tags.a = 1", True),
        ("tags.a = 'properties.reported.gpu'", False),
        ("*", False),
    ],
)
def test_a_condition_on_reported_properties_says_so(condition: str, reported: bool) -> None:
    assert parse_condition(condition).looks_at_reported is reported
