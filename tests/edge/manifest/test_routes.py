from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.manifest import output_to_input, output_to_upstream, parse_route
from edge.manifest.routes.lexer import RouteSyntaxError, lex


def test_a_route_between_modules_is_read() -> None:
    parsed, lints = parse_route(output_to_input(("sensor", "out"), ("scorer", "in"), where="level > 'a'"))
    assert (parsed.source_module, parsed.sink_module, parsed.sink_input) == ("sensor", "scorer", "in")
    assert parsed.condition == "level > 'a'"
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
        "as_number(temperature) > 50",
        "$body.machine.temperature >= 1.5 AND $contentType = 'application/json'",
        "NOT IS_DEFINED($connectionModuleId)",
        "{$outputName} = 'x' OR $body.rows[0].a <> 0x1F",
        "as_number(level) * 2 + 1 <= 10 ?? true",
        "alert = 'a b' AND (x = '1' OR y = \"q\")",
        "$body.celsius < -18 AND 3 - 4 = -1",
        "{$body.line-2} > 1 AND line-2 = 'x'",
        "3",
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
        ("x||y = 'a'", "'x||y' as the name of one property"),
        ("a+b = 'x'", "'a+b' as the name of one property"),
        ("'it''s' = a", "a text ends in a quote and blank, a quote in it is \\'"),
        ("!alarm = 'x'", "write NOT alarm"),
        ("$body.x-1 > 2", "or {$body.x-1} if it is called so"),
        ("NOT true = false", "NOT binds tighter than ="),
        ("True = a", "write true beside a value of the body, 'true' beside a property"),
        ("NULL = a", "write = null of a value of the body, NOT is_defined(...) of a property"),
        ("$body.x > 5.", "as the name of a property: write 5"),
        ("a\u00a0= 'x'", "'\\xa0' included"),
        ("temperature", "never true: write temperature = 'true' or is_defined(temperature)"),
        ("length(a)", "of the type 'number' is never true"),
        ("$twin.tags.floor = '1'", "edgeHub has no twins"),
        ("$body = 'x'", "$body is never there"),
        ("$iothub-connection-module-id = 'm'", "write $connectionModuleId"),
        ("is_defined($body[0])", "by $body.<name> only"),
        ("$body.a[0]b = 1", "'b' cannot stand there"),
        ("$body.a[2147483648] = 1", "an index is at most 2147483647"),
        (f"$body.a[{'9' * 5000}] = 1", "an index is at most 2147483647"),
        ("$body.a.* = 1", "* included"),
        ("{$body.a.*} = 1", "finds one only where it is alone"),
        ("is_null($body.a)", "write $body.a = null"),
        ("is_defined($body.a.b)", "write $body.a.b != null"),
    ],
)
def test_conditions_that_mean_something_else_are_pointed_out(condition: str, reason: str) -> None:
    _, lints = parse_route(f"FROM /messages/* WHERE {condition} INTO $upstream")
    assert len(lints) == 1
    assert 24 <= lints[0].column < 24 + len(condition)
    assert reason in lints[0].reason


@pytest.mark.parametrize(
    ("route", "column", "reason"),
    [
        ("FROM /messages/module/x INTO $upstream", 6, "no message has the source '/messages/module/x'"),
        ("FROM /*/modules/x INTO $upstream", 6, "no message has the source"),
        ("FROM /messages/* INTO $upstream now", 33, "nothing may follow the sink: edgeHub does not read 'now'"),
        ('FROM /messages/* INTO BrokeredEndpoint("/a/m/b/i")', 40, '"/modules/<m>/inputs/<in>" is wanted'),
        ("FROM /messages/* WHERE a = 'x' /* hot */ INTO $upstream", 15, "/* begins it there: leave comments out"),
    ],
)
def test_routes_that_lead_elsewhere_are_pointed_out(route: str, column: int, reason: str) -> None:
    _, lints = parse_route(route)
    assert [lint.column for lint in lints] == [column]
    assert reason in lints[0].reason


REMEDIES = [
    ("celsius > 25", "have 'string' and 'number', expected 'string' and 'string'", "write as_number(celsius) > 25"),
    ("25 <= celsius", "have 'number' and 'string'", "write 25 <= as_number(celsius)"),
    ("alarm = true", "have 'string' and 'bool'", "the property alarm is a text: write alarm = 'true'"),
    ("x = null", "have 'string' and 'null'", "write NOT is_defined(x)"),
    ("undefined != x", "have 'undefined' and 'string'", "write is_defined(x)"),
    ("$body.x = undefined", "have 'unknown' and 'undefined'", "write $body.x = null"),
    ("celsius * 2 > 1", "binary operator '*': have 'string' and 'number'", "write as_number(celsius) * 2"),
    (
        "$body.n % 2 = 0",
        "The binary operator '%' is not defined for 'unknown' and 'number'",
        "write as_number($body.n) % 2",
    ),
    ("- $body.n < 0", "The unary operator '-' is not defined for 'unknown'", "write 0 - as_number($body.n)"),
    ("-$body.n < 0", "have 'string' and 'number'", "write 0 - $body.n"),
    ("x-1 > 2", "have 'string' and 'number'", "edgeHub reads 'x-1' as the name of one property"),
    ("a+1 = 2", "have 'string' and 'number'", "edgeHub reads 'a+1' as the name of one property"),
    ("a = 'x' AND $body.f", "have 'bool' and 'unknown'", "write $body.f = true"),
    ("alarm AND a = 'x'", "have 'string' and 'bool'", "write alarm = 'true'"),
    ("NOT a = 'x'", "unary operator 'NOT': have 'string'", "write NOT (a = ...)"),
    ("NOT alarm", "unary operator 'NOT'", "write NOT (alarm = 'true')"),
    ("a = 'x' || b = 'y'", "have 'bool' and 'string'", "AND or OR is wanted between two"),
    ("true || false", "binary operator '||'", "|| joins texts: write OR"),
    ("abs(celsius) > 1", "abs(string)", "write as_number(celsius)"),
    ("NOT $body.n = 5", "have 'bool' and 'number'", "NOT binds tighter than ="),
    ("a ?? 'b' = 'b'", "have 'string' and 'bool'", "write (a ?? ...)"),
    ("contains(a, 'b') = 'true'", "have 'bool' and 'string'", "write contains(a, 'b') = true"),
    ("null OR undefined", "The binary operator 'OR' is not defined for 'null' and 'undefined'", ""),
    ("startswith(a, 'b')", "no function 'startswith'", "starts_with is meant?"),
    ("!(a = 'x')", "no function '!'", "write NOT"),
    ("a NOT IN ('x')", "found 'NOT'", "write NOT (a = 'x' OR a = 'y')"),
    ("a => 'b'", "found '>'", "write <= or >="),
    ("a = 'open", "is not closed", ""),
    ("power(1) = 1", "power(number); it takes power(number, number)", ""),
    ("concat('a') = 'a'", "it takes concat(string, string, ...)", ""),
    ("a == 'x'", "found '='", "equal is one ="),
    ("a = 'x' && b = 'y'", "found '&&'", "write AND"),
    ("a IN ('x')", "found 'IN'", "write x = 'a' OR x = 'b'"),
    ("3 -4 = -1", "found '-4'", "write a space behind it"),
    ("true = -abs(1)", "no function '-abs'", "write a space after the -"),
    (r"path = 'C:\temp'", "is not closed", r"write \\ for one"),
    ("from = 'x'", "found the word 'from'", "no property's name"),
    ("e5 = 'x'", "have 'undefined' and 'string'", "edgeHub reads e5 as a number"),
    ("a[0] = 'x'", "'a[0]' is no name", "$body.a[0]"),
    ("$body.a..b = 1", "'.b' is not a name", ""),
    ("{contentType} = 'x'", "braces hold one system property", "{$contentType}"),
    ("twin_change_includes(tags.a)", "refuses twin_change_includes in every route", "$body"),
    ("(" * 11 + "true" + ")" * 11, "nested deeper than 10", ""),
]


@pytest.mark.parametrize(("condition", "reason", "remedy"), REMEDIES)
def test_a_condition_is_refused_with_edge_hubs_reason_and_what_to_write(
    condition: str, reason: str, remedy: str
) -> None:
    with pytest.raises(RouteSyntaxError) as caught:
        parse_route(f"FROM /messages/* WHERE {condition} INTO $upstream")
    assert reason in caught.value.reason
    assert remedy in caught.value.reason
    assert 24 <= caught.value.column <= 24 + len(condition)


@given(st.text(max_size=40), st.text("()'\"/*{}$-.[]= \\x1", max_size=30))
def test_any_text_is_either_a_route_or_refused_at_a_column_of_it(text: str, signs: str) -> None:
    for candidate in (text, f"FROM /* WHERE {text}{signs} INTO $upstream", f"FROM /{signs} INTO {text}"):
        try:
            _, lints = parse_route(candidate)
            columns = [lint.column for lint in lints]
        except RouteSyntaxError as refused:
            columns = [refused.column]
        assert all(1 <= column <= len(candidate) + 1 for column in columns)


def test_the_exclamation_mark_belongs_to_the_name() -> None:
    assert [(token.kind, token.text) for token in lex("status!='ok'").tokens][:3] == [
        ("name", "status!"),
        ("operator", "="),
        ("string", "'ok'"),
    ]
    assert [token.text for token in lex("status != 'ok'").tokens][:3] == ["status", "!=", "'ok'"]


@pytest.mark.parametrize(
    ("route", "column", "reason"),
    [
        ("", 1, "a route begins with FROM"),
        ("FRM /messages/* INTO $upstream", 1, "found 'FRM'"),
        ("FROM messages INTO $upstream", 6, "a source is wanted after FROM"),
        ("FROM /messages/modules/m/outputs/1 INTO $upstream", 34, "'1' cannot stand in a source"),
        ("FROM /messages/modules/null/* INTO $upstream", 24, "'null' cannot stand in a source"),
        ("FROM /messages/* WHERE a /* hot */ = 'x' INTO $upstream", 15, "leave comments out"),
        ("FROM /messages/* INTO upstream", 23, "the sink is 'upstream'"),
        ("FROM /messages/*", 17, "WHERE or INTO is wanted"),
        ("FROM /messages/* INTO", 22, "the end of the route"),
        ("FROM /messages/* WHERE a = INTO $upstream", 28, "a value is wanted in the condition"),
        ("FROM /messages/* WHERE (a = '' INTO $upstream", 32, "the ( at column 24 is not closed"),
        ("FROM /messages/* WHERE foo(a) INTO $upstream", 24, "no function 'foo'"),
        ("FROM /messages/* WHERE power(a) INTO $upstream", 24, "it takes power(number, number)"),
        ("FROM /messages/* WHERE a = '' ; INTO $upstream", 31, "found ';'"),
        ('FROM /messages/* INTO BrokeredEndpoint("/modules/m/inputs")', 40, '"/modules/<m>/inputs/<in>" is wanted'),
        ("FROM /messages/* INTO BrokeredEndpoint(/modules/m/inputs/i)", 39, "takes one quoted path"),
        ("SELECT a FROM /messages/* INTO $upstream", 8, "SELECT takes *"),
    ],
)
def test_a_bad_route_is_refused_with_its_column(route: str, column: int, reason: str) -> None:
    with pytest.raises(RouteSyntaxError) as caught:
        parse_route(route)
    assert reason in caught.value.reason
    assert caught.value.column == column
