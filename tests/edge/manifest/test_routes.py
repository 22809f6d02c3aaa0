from __future__ import annotations

import pytest

from edge.manifest import output_to_input, output_to_upstream, parse_route
from edge.manifest.routes.lexer import RouteSyntaxError, tokens


def test_a_route_between_modules_is_read() -> None:
    parsed, lints = parse_route(output_to_input(("sensor", "out"), ("scorer", "in"), where="temperature > 5"))
    assert (parsed.source_module, parsed.sink_module, parsed.sink_input) == ("sensor", "scorer", "in")
    assert parsed.condition == "temperature > 5"
    assert lints == []


def test_upstream_is_a_sink_in_any_case() -> None:
    parsed, _ = parse_route("select * from /messages/* into $UPSTREAM")
    assert (parsed.source_module, parsed.sink_module) == (None, None)
    assert parse_route(output_to_upstream(("a-b_c", "o")))[0].source_module == "a-b_c"


@pytest.mark.parametrize(
    "source",
    [
        "/*",
        "/twinChangeNotifications",
        "/messages",
        "/messages/*",
        "/messages/modules/*",
        "/messages/modules/m/*",
        "/messages/modules/m/outputs/*",
        "/messages/modules/m/outputs/o",
        "/Messages/Modules/m/*",
    ],
)
def test_every_documented_source_is_taken(source: str) -> None:
    assert parse_route(f"FROM {source} INTO $upstream")[0].source == source


@pytest.mark.parametrize(
    "condition",
    [
        "temperature > 50",
        "$body.machine.temperature >= 1.5 AND $contentType = 'application/json'",
        "NOT IS_DEFINED($connectionModuleId)",
        "{$outputName} = 'x' OR $body.rows[0].a <> 0x1F",
        "as_number(level) * 2 + 1 <= 10 ?? true",
        "alert = 'a b' AND (x = 1 OR y = \"q\")",
        "substring(name, 1) || 'x' = 'ax' AND concat(a, b, c) = 'abc'",
        "iothub-interface-id = 'x'",
    ],
)
def test_good_conditions_pass_without_remark(condition: str) -> None:
    parsed, lints = parse_route(f"FROM /messages/* WHERE {condition} INTO $upstream")
    assert parsed.condition == condition
    assert lints == []


@pytest.mark.parametrize(
    ("condition", "reason"),
    [
        ("status!='ok'", "'status!' as the name of one property"),
        ("a+1 = 2", "'a+1' as the name of one property"),
        ("x-1 > 2", "'x-1' as the name of one property"),
        ("x||y = 'a'", "'x||y' as the name of one property"),
        ("NOT a = 1", "NOT binds tighter than ="),
    ],
)
def test_conditions_that_mean_something_else_are_pointed_out(condition: str, reason: str) -> None:
    _, lints = parse_route(f"FROM /messages/* WHERE {condition} INTO $upstream")
    assert [lint.column for lint in lints] == [24]
    assert reason in lints[0].reason


def test_the_exclamation_mark_belongs_to_the_name() -> None:
    assert [(token.kind, token.text) for token in tokens("status!='ok'")][:3] == [
        ("name", "status!"),
        ("operator", "="),
        ("string", "'ok'"),
    ]
    assert [token.text for token in tokens("status != 'ok'")][:3] == ["status", "!=", "'ok'"]


@pytest.mark.parametrize(
    ("route", "column", "reason"),
    [
        ("", 1, "a route begins with FROM"),
        ("FRM /messages/* INTO $upstream", 1, "found 'FRM'"),
        ("FROM messages INTO $upstream", 6, "a source is wanted after FROM"),
        ("FROM /messages/module/x INTO $upstream", 6, "no message has the source '/messages/module/x'"),
        ("FROM /*/modules/x INTO $upstream", 6, "no message has the source"),
        ("FROM /messages/* INTO upstream", 23, "the sink is 'upstream'"),
        ("FROM /messages/*", 17, "WHERE or INTO is wanted"),
        ("FROM /messages/* INTO", 22, "the end of the route"),
        ("FROM /messages/* INTO $upstream now", 33, "nothing may follow the sink"),
        ("FROM /messages/* WHERE a = INTO $upstream", 28, "a value is wanted in the condition"),
        ("FROM /messages/* WHERE (a = 1 INTO $upstream", 31, "the ( at column 24 is not closed"),
        ("FROM /messages/* WHERE foo(a) INTO $upstream", 24, "no function 'foo'"),
        ("FROM /messages/* WHERE power(a) INTO $upstream", 24, "power takes 2 arguments, not 1"),
        ("FROM /messages/* WHERE a = 1 ; INTO $upstream", 30, "the character ';'"),
        ('FROM /messages/* INTO BrokeredEndpoint("/modules/m/input/i")', 40, '"/modules/<m>/inputs/<in>" is wanted'),
        ("FROM /messages/* INTO BrokeredEndpoint(/modules/m/inputs/i)", 39, "takes one quoted path"),
        ("SELECT a FROM /messages/* INTO $upstream", 8, "SELECT takes *"),
    ],
)
def test_a_bad_route_is_refused_with_its_column(route: str, column: int, reason: str) -> None:
    with pytest.raises(RouteSyntaxError) as caught:
        parse_route(route)
    assert reason in caught.value.reason
    assert caught.value.column == column
