"""The route grammar and what conditions mean, case by case from edgeHub's grammar files, and for any text at all."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from standin.edgeruntime.hub.domain.messages.message import Message
from standin.edgeruntime.hub.domain.messages.property_bag import encode_bag
from standin.edgeruntime.hub.domain.messages.reader import MessageReader
from standin.edgeruntime.hub.domain.routing.configuration import read_configuration
from standin.edgeruntime.hub.domain.routing.errors import ConfigurationError, RouteError
from standin.edgeruntime.hub.domain.routing.routes import LOWEST_PRIORITY, Route, RouteTable, compile_route

READER = MessageReader("edge-01")
JSON = [("$.ct", "application/json"), ("$.ce", "utf-8")]


def message(body: Any = None, *, output: str = "out", json_body: bool = True, **properties: str) -> Message:
    system = [("$.on", output), ("$.mid", "m1"), *(JSON if json_body else [])]
    return READER.read("sensor", encode_bag([*system, *properties.items()]), json.dumps(body).encode())


def holds(condition: str, of: Message) -> bool:
    return compile_route("r", f"FROM /messages/* WHERE {condition} INTO $upstream").takes(of)


@pytest.mark.parametrize(
    ("source", "matches"),
    [
        ("/*", True),
        ("/messages/*", True),
        ("/messages/modules/*", True),
        ("/messages/modules/sensor/*", True),
        ("/messages/modules/sensor/outputs/*", True),
        ("/messages/modules/sensor/outputs/out", True),
        ("/MESSAGES/Modules/SENSOR/outputs/OUT", True),
        ("/messages/modules/sens/*", False),
        ("/messages/modules/sensor/outputs/ou", False),
        ("/messages/modules/scorer/*", False),
        ("/twinChangeNotifications", False),
    ],
)
def test_a_source_matches_by_whole_parts_in_any_case(source: str, matches: bool) -> None:
    table = RouteTable([compile_route("r", f"FROM {source} INTO $upstream")])
    assert bool(table.hits(message())) is matches


def test_a_route_may_begin_with_select_and_its_words_are_in_any_case() -> None:
    route = compile_route("r", 'select * from /* where true into brokeredendpoint("/modules/m/inputs/i")')
    assert (route.sink.endpoint, route.sink.input) == ("m", "i")
    assert compile_route("r", "FROM /* INTO $UPSTREAM").sink.endpoint == "$upstream"


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("level = 'high'", True),
        ("level != 'high'", False),
        ("level <> 'low'", True),
        ("level > 'ha'", True),
        ("as_number(temperature) > 30", True),
        ("as_number(level) > 30", False),
        ("as_number(temperature) + 1 * 2 = 33.5", True),
        ("(as_number(temperature) - 1.5) % 7 = 2", True),
        ("- as_number(temperature) < 0x0", True),
        ("absent = 'x'", False),
        ("absent != 'x'", False),
        ("NOT (absent = 'x')", False),
        ("absent = 'x' OR level = 'high'", True),
        ("absent = 'x' AND level = 'high'", False),
        ("NOT (level = 'low' AND absent = 'x')", True),
        ("is_defined(level) AND NOT is_defined(absent)", True),
        ("$connectionModuleId = 'sensor'", True),
        ("{$connectionModuleId} = 'sensor'", True),
        ("$messageId = 'm1'", True),
        ("$outputName = 'out'", True),
        ("NOT is_defined($connectionModuleId)", False),
        ("$body.machine.temperature = 31.5", True),
        ("$body.machine.temperature >= 32", False),
        ("$BODY.list[1].x = 'b'", True),
        ("$body.list[9].x = null", True),
        ("is_null($body.nowhere)", False),
        ("is_null($body.machine.temperature)", True),
        ("is_null($body.machine)", False),
        ("$body.nowhere = null AND null = $body.nothing", True),
        ("LEVEL = 'high' AND Level != 'low'", True),
        ("$MESSAGEID = 'm1' AND {$connectionMODULEid} = 'sensor'", True),
        ("$body.rows[1][0] = 4", True),
        ("$body.at = '2026-01-01T00:00:00Z' OR $body.at != '2026-01-01T00:00:00Z'", False),
        ("not null", True),
        ("(null and true) = null AND (null or true) AND (null or null) = null", True),
        ("null", False),
        ("level", False),
        ("is_defined(is_bool(absent = 'x'))", False),
        ("is_bool(absent)", False),
        ("$body.machine.temperature + 1 = 32.5 AND ($body.anomaly ?? 'x') = true", True),
        ("$body.anomaly AND level = 'high'", True),
        ("$body.nowhere AND true", False),
        ("length('a\U0001f600') = 3 AND index_of('\U0001f600b', 'b') = 2", True),
        ("'\U0001f600' < '\uffee'", True),
        ("as_number('(1,000.5)') = -1000.5 AND as_number(' 3- ') = -3 AND as_number('1e2') = 100", True),
        ("is_defined(as_number('1_0')) OR is_defined(as_number('inf')) OR is_defined(as_number('٣'))", False),
        ("as_number('infinity') = 1 / 0 AND floor(- 1 / 0) = - 1 / 0", True),
        ("0xFFFFFFFFFFFFFFFF = -1", True),
        ("is_defined($body.nowhere)", True),
        ("is_defined($body.machine)", False),
        ("$body.anomaly", True),
        ("$body.anomaly = true", True),
        ("$body.anomaly AND $body.machine.temperature > 31", True),
        ("$body.machine.temperature != 'warm'", True),
        ("starts_with(level, 'hi') AND ends_with(level, 'gh') AND contains(level, 'ig')", True),
        ("substring(level, 1, 2) = 'ig' AND index_of(level, 'g') = 2 AND length(level) = 4", True),
        ("upper(level) || lower('X') = 'HIGHx'", True),
        ("concat(level, '-', temperature) = 'high-31.5'", True),
        ("sqrt(power(3, 2)) = 3 AND floor(1.5) = 1 AND ceiling(1.5) = 2 AND sign(-2) = -1", True),
        ("abs(-1) = 1 AND square(3) = 9 AND exp(0) = 1", True),
        ("is_number(1) AND is_string(level) AND is_bool(true) AND NOT is_number(level)", True),
        ("(absent ?? level) = 'high'", True),
        ("undefined", False),
        ("level = 'hi\\u0067h'", True),
        ('level = "high"', True),
        ("level = 'high' /* of course */", True),
        ("1 / 0 > 5", True),
        ("0 / 0 = 0", False),
    ],
)
def test_a_condition_is_what_edge_hub_makes_of_it(condition: str, expected: bool) -> None:
    body = {"machine": {"temperature": 31.5}, "list": [{"x": "a"}, {"x": "b"}], "anomaly": True}
    body |= {"rows": [[1], [4]], "at": "2026-01-01T00:00:00Z"}
    assert holds(condition, message(body, level="high", temperature="31.5")) is expected


def test_an_application_property_of_that_very_name_goes_before_body_and_system() -> None:
    named = READER.read("sensor", encode_bag([("$body.x", "own"), ("$messageId", "own"), *JSON]), b'{"x":"body"}')
    assert holds("$body.x = 'own'", named)
    assert holds("{$body.x} = 'body'", named)
    assert holds("$messageId = 'own'", named)


def test_a_body_without_content_type_and_encoding_is_not_looked_into() -> None:
    assert holds("$body.x = 1", message({"x": 1}))
    assert not holds("$body.x = 1", message({"x": 1}, json_body=False))
    assert not holds("is_defined($body.x)", message({"x": 1}, json_body=False))


def test_an_exclamation_mark_without_spaces_belongs_to_the_name() -> None:
    assert not holds("status!='bad'", message(status="ok"))
    assert holds("status!='bad'", READER.read("sensor", encode_bag([("status!", "bad")]), b""))
    assert holds("status != 'bad'", message(status="ok"))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "expected FROM"),
        ("FROM INTO $upstream", "expected a path"),
        ("FROM /messages/* INTO", "expected \\$upstream or BrokeredEndpoint"),
        ("FROM /messages/* INTO $elsewhere", "unknown endpoint '\\$elsewhere'"),
        ('FROM /* INTO Queue("/modules/m/inputs/i")', "unknown endpoint 'Queue'"),
        ('FROM /* INTO BrokeredEndpoint("/modules/m//inputs/i")', "is not /modules/<module>/inputs/<input>"),
        ('FROM /* INTO BrokeredEndpoint("/modules/m/inputs")', "is not /modules/<module>/inputs/<input>"),
        ("FROM /* WHERE a = INTO $upstream", "expected a value, found 'INTO'"),
        ("FROM /* WHERE (a = 'b' INTO $upstream", "expected '\\)'"),
        ("FROM /* WHERE a = 'b INTO $upstream", "unterminated string"),
        ("FROM /* WHERE a = 1 INTO $upstream", "have 'string' and 'number', expected 'string' and 'string'"),
        ("FROM /* WHERE NOT a = 'b' INTO $upstream", "unary operator 'NOT': have 'string', expected 'bool'"),
        ("FROM /* WHERE a AND true INTO $upstream", "binary operator 'AND'"),
        ("FROM /* WHERE a ?? 1 INTO $upstream", "have 'string' and 'number'"),
        (f"FROM /* WHERE {'(' * 51}true{')' * 51} INTO $upstream", "nested deeper than 50"),
        (f"FROM /* WHERE {'NOT ' * 51}true INTO $upstream", "nested deeper than 50"),
        ("FROM /* WHERE true AND $body.a INTO $upstream", "have 'bool' and 'unknown', expected 'bool' and 'bool'"),
        ("FROM /* WHERE $body.a % 2 = 0 INTO $upstream", "operator % is not defined for the types"),
        ("FROM /* WHERE - $body.a = 0 INTO $upstream", "unary operator - is not defined for the types 'unknown'"),
        ("FROM /* WHERE twin_change_includes(tags.a) INTO $upstream", "Invalid built-in function"),
        ("FROM /* WHERE nothing(a) INTO $upstream", "Invalid built-in function 'nothing'"),
        ("FROM /* WHERE length() = 1 INTO $upstream", "Invalid arguments to built-in function 'length': length\\(\\)"),
        ("FROM /* WHERE $body.a..b = 1 INTO $upstream", "is not a path"),
        ("FROM /* WHERE a = ; INTO $upstream", "invalid symbol ';'"),
    ],
)
def test_a_wrong_route_is_refused_by_name_with_what_is_wrong(text: str, says: str) -> None:
    with pytest.raises(RouteError, match=says) as refused:
        compile_route("my-route", text)
    assert "'my-route'" in str(refused.value)


@given(st.text(max_size=60))
def test_any_text_is_either_a_route_or_refused(text: str) -> None:
    for candidate in (text, f"FROM /* WHERE {text} INTO $upstream"):
        try:
            route = compile_route("r", candidate)
        except RouteError:
            continue
        assert isinstance(route, Route)
        assert route.takes(message({"a": 1}, a="1")) in (True, False)


NAMES = st.sampled_from(["a", "b", "absent", "$body.n", "$messageId"])
LEAVES = st.one_of(
    st.tuples(NAMES, st.sampled_from(["=", "!=", "<", ">="]), st.sampled_from(["'1'", "'2'"])).map(" ".join),
    st.sampled_from(["true", "false", "is_defined(a)", "is_defined(absent)"]),
)
CONDITIONS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["AND", "OR"]), inner).map(lambda parts: f"({' '.join(parts)})"),
        inner.map(lambda condition: f"NOT ({condition})"),
    ),
    max_leaves=8,
)


@given(CONDITIONS)
def test_a_condition_and_its_negation_never_both_hold(condition: str) -> None:
    of = message({"n": "1"}, a="1", b="2")
    assert not (holds(condition, of) and holds(f"NOT ({condition})", of))
    assert holds(f"({condition}) OR true", of)


def test_each_input_of_a_module_gets_a_message_of_its_own() -> None:
    routes = (f'FROM /* INTO BrokeredEndpoint("/modules/m/inputs/{name}")' for name in ("a", "b", "b"))
    table = RouteTable(compile_route(str(number), text) for number, text in enumerate(routes))
    assert [(hit.sink.endpoint, hit.sink.input) for hit in table.hits(message())] == [("m", "a"), ("m", "b")]


def test_an_index_of_any_length_is_read() -> None:
    assert not holds(f"$body.a[{'9' * 5000}] = 1 OR $body.a[{'9' * 10}] = 1", message({"a": [1]}))
    assert holds(f"$body.a[{'0' * 5000}] = 1", message({"a": [1]}))


def test_a_chain_as_long_as_a_route_may_be_is_read_and_asked() -> None:
    assert holds("0" + " + 1" * 1000 + " = 1000", message())


def test_an_endpoint_gets_a_message_once_at_its_best_priority_with_that_routes_time_to_live() -> None:
    configuration = read_configuration(
        {
            "schemaVersion": "1.1",
            "routes": {
                "plain": "FROM /messages/* INTO $upstream",
                "urgent": {
                    "route": "FROM /messages/* WHERE level = 'high' INTO $upstream",
                    "priority": 0,
                    "timeToLiveSecs": 60,
                },
                "other": {"route": 'FROM /* INTO BrokeredEndpoint("/modules/m/inputs/i")', "timeToLiveSecs": 0},
            },
            "storeAndForwardConfiguration": {"timeToLiveSecs": 7200},
        }
    )

    def hits(level: str) -> dict[str, tuple[int, float]]:
        hits = configuration.routes.hits(message(level=level))
        return {hit.sink.endpoint: (hit.priority, hit.ttl_s) for hit in hits}

    assert hits("high") == {"$upstream": (0, 60), "m": (LOWEST_PRIORITY, 7200)}
    assert hits("low") == {"$upstream": (LOWEST_PRIORITY, 7200), "m": (LOWEST_PRIORITY, 7200)}


@pytest.mark.parametrize(
    ("change", "code", "says"),
    [
        ({"schemaVersion": "2.0"}, 412, "schemaVersion '2.0' is not supported"),
        ({"storeAndForwardConfiguration": None}, 400, "storeAndForwardConfiguration is missing"),
        ({"schemaVersion": "1.0", "routes": {"r": {"route": "FROM /* INTO $upstream"}}}, 400, "routes of text alone"),
        ({"routes": None}, 400, "routes is missing"),
        ({"routes": {"r": 5}}, 400, "route 'r'"),
        ({"routes": {"r": {"route": "FROM /* INTO $upstream", "priority": 10}}}, 400, "routes.r.priority is 10"),
        ({"routes": {"r": {"route": "FROM /* INTO $upstream", "timeToLiveSecs": -1}}}, 400, "routes.r.timeToLiveSecs"),
        ({"routes": {"r": "FROM nowhere"}}, 400, "route 'r'"),
        ({"routes": {"r": "  "}}, 400, "route 'r'"),
        ({"storeAndForwardConfiguration": {"timeToLiveSecs": 2**31}}, 400, "up to 2147483647"),
    ],
)
def test_desired_properties_are_refused_with_the_code_that_edge_hub_reports(
    change: dict[str, Any], code: int, says: str
) -> None:
    good = {"schemaVersion": "1.1", "routes": {}, "storeAndForwardConfiguration": {"timeToLiveSecs": 7200}}
    with pytest.raises(ConfigurationError, match=says) as refused:
        read_configuration(good | change)
    assert refused.value.code == code
