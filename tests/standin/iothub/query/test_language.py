"""The query language: grammar and three-valued logic."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from standin.iothub.query.evaluation import evaluate, matches
from standin.iothub.query.parser import parse_expression, parse_query
from standin.iothub.query.syntax import Aggregate, Path
from standin.iothub.query.tokens import QuerySyntaxError
from standin.iothub.query.values import UNDEFINED

DOCUMENT: dict[str, Any] = {
    "deviceId": "d1",
    "tags": {"n": 9, "s": "text", "t": True, "z": None, "o": {"x": 1}, "l": [1]},
    "configurations": {"c-1.2": {"status": "Applied"}},
    "properties": {"desired": {"$version": 3}, "reported": {"lastDesiredVersion": 3}},
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("tags.n * 2 - 1", 17),
        ("-tags.n + 10", 1),
        ("- - tags.n", 9),
        ("tags.n % 4", 1),
        ("-7 % 4", -3),
        ("tags.n / 2", 4.5),
        ("tags.n / 0", UNDEFINED),
        ("1 + 'a'", UNDEFINED),
        ("2 + 3 * 4", 14),
        ("(2 + 3) * 4", 20),
        ("0x1F", 31),
        ("1.5e2", 150.0),
        ("tags.missing", UNDEFINED),
        ("tags.s.deeper", UNDEFINED),
        ("undefined = undefined", UNDEFINED),
        ("null = null", True),
        ("tags.z = null", True),
        ("tags.missing = null", UNDEFINED),
        ("tags.n = true", UNDEFINED),
        ("tags.t = 1", UNDEFINED),
        ("tags.t > false", UNDEFINED),
        ("tags.o = tags.o", UNDEFINED),
        ("tags.l != tags.n", UNDEFINED),
        ("'a' < 'b'", True),
        ("'it''s' = \"it's\"", True),
        ("tags.n <> 8", True),
        ("tags.n IN [1, -9, 9]", True),
        ("STARTSWITH(tags.s, 'te')", True),
        ("endswith(deviceId, 'x')", False),
        ("STARTSWITH(tags.n, '9')", UNDEFINED),
        ("'a' + 'b'", UNDEFINED),
        ("'a\\'b' = \"a'b\"", True),
        ("'\\u0061\\\\' = 'a\\\\'", True),
        ("tags.n NIN ['9']", UNDEFINED),
        ("tags.missing IN [1]", UNDEFINED),
        ("not not tags.t", True),
        ("tags.t AND tags.missing", UNDEFINED),
        ("tags.t OR tags.missing", True),
        ("NOT tags.t AND tags.missing", False),
        ("tags.s AND true", UNDEFINED),
        ("configurations.[[c-1.2]].status = 'Applied'", True),
        ("properties.desired.$version = properties.reported.lastDesiredVersion", True),
        ("IS_DEFINED(tags.z)", True),
        ("is_defined(tags.q)", False),
        ("TRUE = true", True),
    ],
)
def test_expressions_have_the_value_of_the_language(text: str, value: Any) -> None:
    found = evaluate(parse_expression(text, double_quotes=True), DOCUMENT)
    assert found is value if value is UNDEFINED else (found == value and type(found) is type(value))


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("", 0),
        ("SELECT", 6),
        ("SELECT * FROM", 13),
        ("SELECT * FROM jobs", 14),
        ("SELECT * FROM devices WHERE", 27),
        ("SELECT * FROM devices WHERE a = ", 32),
        ("SELECT * FROM devices extra", 22),
        ("SELECT TOP x * FROM devices", 11),
        ("SELECT deviceId, FROM devices", 17),
        ("SELECT count( FROM devices", 14),
        ("SELECT * FROM devices GROUP tags.a", 28),
        ("SELECT * FROM devices WHERE tags.[[open = 1", 33),
        ("SELECT * FROM devices WHERE tags.a = " + "9" * 5000, 37),
        ("SELECT DISTINCT tags.site FROM devices", 16),
        ("SELECT deviceId id FROM devices", 16),
        ("SELECT deviceId, serial FROM devices", 17),
        ("SELECT * FROM devices WHERE site = 'x'", 28),
        ("SELECT * FROM devices WHERE tags.lic-key = 'x'", 37),
        ("SELECT * FROM devices WHERE tags.group = 'x'", 33),
        ("SELECT * FROM devices WHERE properties.x = 1", 28),
        ("SELECT * FROM devices WHERE capabilities.gpu = true", 28),
        ("SELECT * FROM devices WHERE moduleId = 'm'", 28),
        ("SELECT * FROM devices WHERE jobs.jobId = 'j'", 28),
        ("SELECT capabilities.iotEdge FROM devices.modules", 7),
        ("SELECT count(tags.a) FROM devices", 13),
        ("SELECT avg() FROM devices", 11),
        ("SELECT median(tags.a) FROM devices", 13),
        ("SELECT tags.a.x, tags.b.x FROM devices", 0),
        ("SELECT * FROM devices ORDER BY deviceId", 22),
        ("SELECT * FROM devices d WHERE d.deviceId = 'a'", 22),
        ("SELECT tags.a FROM devices GROUP BY tags.b", 7),
        ("SELECT count() AS n FROM devices.modules GROUP BY deviceId", 50),
        ("SELECT jobId FROM devices.jobs", 0),
        ("SELECT count() AS n FROM devices.jobs", 0),
        ("SELECT * FROM devices.jobs WHERE devices.jobs.tags.a = 1", 33),
        ("SELECT * FROM devices WHERE STARTS_WITH(deviceId, 'a')", 28),
        ("SELECT * FROM devices WHERE IS_STRING(tags.a)", 28),
        ("SELECT * FROM devices WHERE IS_NULL(tags.a)", 28),
        ("SELECT * FROM devices WHERE STARTSWITH(deviceId, tags.a)", 49),
        ("SELECT * FROM devices WHERE deviceId NOT IN ['a']", 37),
        ("SELECT * FROM devices WHERE deviceId LIKE 'a%'", 37),
        ("SELECT * FROM devices WHERE deviceId = 'a\\q'", 41),
    ],
)
def test_a_query_outside_the_language_is_refused_at_its_position(text: str, position: int) -> None:
    with pytest.raises(QuerySyntaxError) as refusal:
        parse_query(text)
    assert refusal.value.position == position


def test_columns_take_aliases_by_as() -> None:
    text = "select DEVICEID as id, tags.site, count() as total from devices group by deviceId, tags.site"
    columns = parse_query(text).columns
    assert [column.name for column in columns] == ["id", "site", "total"]
    assert columns[2].value == Aggregate("COUNT", None)
    assert isinstance(columns[1].value, Path)


def test_documented_columns_count_in_any_case_and_tags_in_theirs() -> None:
    columns = parse_query("SELECT DeviceID, LASTactivityTIME, TAGS.Site, Properties.Reported.X FROM devices").columns
    assert [column.name for column in columns] == ["deviceId", "lastActivityTime", "Site", "X"]
    assert [column.value.names for column in columns if isinstance(column.value, Path)] == [
        ("deviceId",),
        ("lastActivityTime",),
        ("tags", "Site"),
        ("properties", "reported", "X"),
    ]


DOCUMENTED = [
    "SELECT * FROM devices",
    "SELECT COUNT() as totalNumberOfDevices FROM devices",
    "SELECT * FROM devices\nWHERE tags.location.region = 'US'",
    "SELECT * FROM devices WHERE tags.location.region = 'US' "
    "AND properties.reported.telemetryConfig.sendFrequencyInSecs >= 60",
    "SELECT * FROM devices WHERE properties.reported.connectivity IN ['wired', 'wifi']",
    "SELECT * FROM devices WHERE properties.reported.connectivity NIN ['wired', 'wifi']",
    "SELECT * FROM devices WHERE is_defined(properties.reported.connectivity)",
    "SELECT properties.reported.telemetryConfig.status AS status, COUNT() AS numberOfDevices FROM devices "
    "GROUP BY properties.reported.telemetryConfig.status",
    "SELECT DeviceId, LastActivityTime FROM devices WHERE status = 'enabled' AND connectionState = 'Disconnected'",
    "SELECT LastActivityTime FROM devices WHERE status = 'enabled'",
    "SELECT * FROM devices WHERE properties.desired.config = properties.reported.config",
    "SELECT * FROM devices WHERE tags.[[group]].name = 'some_value'",
    "SELECT * FROM devices.modules",
    "Select * from devices.modules where properties.reported.status = 'scanning' "
    "and deviceId IN ['device1', 'device2']",
    "SELECT * FROM devices.jobs WHERE devices.jobs.deviceId = 'myDeviceId'",
    "SELECT * FROM devices.jobs WHERE devices.jobs.deviceId = 'myDeviceId' AND devices.jobs.jobType = "
    "'scheduleUpdateTwin' AND devices.jobs.status = 'completed' AND devices.jobs.createdTimeUtc > '2016-09-01'",
    "SELECT * FROM devices.jobs WHERE devices.jobs.jobId = 'myJobId'",
    "SELECT deviceId FROM devices WHERE properties.reported.lastDesiredStatus.code = 200",
    "select deviceId from devices.modules where moduleId = '$edgeAgent' and configurations.[[c-12]].status = 'Applied' "
    "and properties.desired.$version = properties.reported.lastDesiredVersion",
    "SELECT TOP 5 * FROM devices WHERE STARTSWITH(deviceId, 'test')",
    "SELECT AVG(tags.n) AS a, SUM(tags.n) AS s, MIN(tags.n) AS lo, MAX(tags.n) AS hi FROM devices",
]


@pytest.mark.parametrize("query", DOCUMENTED)
def test_every_example_of_the_documentation_is_read(query: str) -> None:
    parse_query(query)


def test_a_query_of_more_than_8192_characters_is_refused() -> None:
    with pytest.raises(QuerySyntaxError, match="at most 8192"):
        parse_query("SELECT * FROM devices WHERE deviceId = '" + "x" * 8192 + "'")


@pytest.mark.parametrize("text", ["(" * 60 + "true" + ")" * 60, "not " * 900 + "true", "- " * 900 + "1"])
def test_deep_nesting_ends_in_an_answer_not_in_a_crash(text: str) -> None:
    try:
        evaluate(parse_expression(text), DOCUMENT)
    except QuerySyntaxError as refusal:
        assert "Nested" in str(refusal)


def test_hundreds_of_alternatives_are_fine() -> None:
    condition = " or ".join(f"deviceId='d{number}'" for number in range(500))
    assert matches(parse_expression(condition), DOCUMENT)


_TRUTH = st.sampled_from(["true", "false", "tags.missing"])
_VALUES = {"true": True, "false": False, "tags.missing": UNDEFINED}


def _value(text: str) -> Any:
    return evaluate(parse_expression(text), DOCUMENT)


@given(_TRUTH, _TRUTH, _TRUTH)
def test_kleenes_laws_hold(a: str, b: str, c: str) -> None:
    assert _value(f"{a} and {b}") is _value(f"{b} and {a}")
    assert _value(f"{a} or ({b} or {c})") is _value(f"({a} or {b}) or {c}")
    assert _value(f"not ({a} and {b})") is _value(f"not {a} or not {b}")
    assert _value(f"{a} and ({b} or {c})") is _value(f"({a} and {b}) or ({a} and {c})")
    assert _value(f"not not {a}") is _VALUES[a]


_VOCABULARY = """
select from where devices devices.modules and or not in nin is_defined ( ) [ ] [[a]] , . * = != < + - % 'x' "y"
1 0x2 3.5 true null tags.a deviceId status moduleId count() avg(tags.n) startswith(tags.a,'x') devices.jobs
group by top as distinct
"""
_WORDS = st.sampled_from(re.findall(r"\S+", _VOCABULARY))


@given(st.lists(_WORDS, max_size=14), st.booleans())
def test_whatever_is_written_is_read_or_refused_within_the_text(words: list[str], spaced: bool) -> None:
    text = (" " if spaced else "").join(words)
    for parse in (parse_query, parse_expression):
        try:
            parse(text)
        except QuerySyntaxError as refusal:
            assert 0 <= refusal.position <= len(text)


_LEAVES = st.sampled_from(["tags.n", "tags.s", "tags.missing", "1", "'text'", "true", "null"])


def _grow(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    operators = st.sampled_from(["and", "or", "=", "!=", "<", ">=", "+", "-", "*", "/", "%"])
    pair = st.tuples(inner, operators, inner).map(lambda parts: f"({' '.join(parts)})")
    return pair | inner.map(lambda text: f"(not {text})") | inner.map(lambda text: f"(-{text})")


@given(st.recursive(_LEAVES, _grow, max_leaves=12))
def test_every_expression_of_the_grammar_has_a_value(text: str) -> None:
    value = _value(text)
    assert value is UNDEFINED or value is None or isinstance(value, (bool, int, float, str))
    assert matches(parse_expression(text), DOCUMENT) is (value is True)
