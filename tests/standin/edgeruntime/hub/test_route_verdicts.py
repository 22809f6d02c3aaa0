"""The preview (edge.manifest) and the stand-in's edge hub read routes by code written apart: they must agree, and both
must say what edgeHub says."""

from __future__ import annotations

from random import Random

import pytest

from edge.manifest import parse_route
from edge.manifest.routes.lexer import RouteSyntaxError
from standin.edgeruntime.hub.domain.routing.errors import RouteError
from standin.edgeruntime.hub.domain.routing.routes import compile_route
from tests.standin.edgeruntime.hub.generated_routes import route

DOCUMENTED = [
    # https://learn.microsoft.com/azure/iot-edge/module-composition#declare-routes
    "FROM /* INTO $upstream",
    "FROM /messages/* INTO $upstream",
    "FROM /messages/modules/* INTO $upstream",
    "FROM /messages/modules/m/* INTO $upstream",
    "FROM /messages/modules/m/outputs/* INTO $upstream",
    "FROM /messages/modules/m/outputs/o INTO $upstream",
    "FROM /messages/* WHERE NOT IS_DEFINED($connectionModuleId) INTO $upstream",
    "FROM /messages/* WHERE NOT IS_DEFINED({$ConnectionModuleId}) INTO $upstream",
    "FROM /twinChangeNotifications INTO $upstream",
    'FROM /messages/modules/m/outputs/o INTO BrokeredEndpoint("/modules/n/inputs/i")',
    'SELECT * FROM /messages/modules/m/* INTO BrokeredEndpoint("modules/n/inputs/i")',
]
DOCUMENTED_CONDITIONS = [
    # https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-routing-query-syntax
    "$contentEncoding = 'UTF-8'",
    "processingPath = 'hot'",
    "$contentEncoding = 'UTF-8' AND processingPath = 'hot'",
    "$body.Weather.HistoricalData[0].Month = 'Feb'",
    "length($body.Weather.Location.State) = 2",
    "$body.Weather.Temperature = 50 AND processingPath = 'hot'",
    "$body.properties.desired.telemetryConfig.sendFrequency > 10",
    "$dt-subject = 'thermostat' OR $dt-dataschema = 'dtmi:a;1'",
]
DOCUMENTED_FOR_THE_CLOUD_ONLY = {
    # the same page; IoT Hub's own routing takes them, a device's does not or makes nothing of them
    "$body.Weather.Temperature = 50 AND $body.Weather.IsEnabled": "write $body.Weather.IsEnabled = true",
    "is_defined($body.properties.desired.telemetryConfig.sendFrequency)": "sendFrequency != null",
    "$body[0] = 'Feb'": "looks into a body by $body.<name> only",
    "$twin.properties.desired.telemetryConfig.sendFrequency = '5m'": "edgeHub has no twins",
    "$body.Weather.Temperature = 50 AND $twin.properties.desired.telemetryConfig.sendFrequency = '5m'": "has no twins",
    "$twin.tags.deploymentLocation.floor = 1": "edgeHub has no twins",
}
GOOD = [
    "$body.celsius < -18",
    "3 - 4 = -1",
    "-1 < 0",
    "- as_number(celsius) > 5",
    "as_number(celsius) > 25",
    "alarm = 'true'",
    r"path = 'C:\\temp' AND name = 'it\'s' OR unit = '\u00b0C'",
    "{ $contentType } = 'application/json'",
    "not null",
    "(null and true) = null",
    "undefined = undefined",
    "$body.flag AND level = 'high'",
    "$body.flag = true AND $body.a + 1 >= $body.b[0][1]",
    "(level ?? $body.level) = 'high'",
    "concat(a, 'b', $body.c) = upper(d)",
    "substring(a, 1) = 'x' AND substring(a, 1, 2) != 'yz'",
    "is_null(a) OR is_bool(1) OR is_number('1') OR is_string(null) OR is_defined(undefined)",
    "power(as_number(a), $body.n) % 2 = 0",
    "level",
    "3",
    "温度 = '高'",
    "a-b.c_d#e = 'x'",
]
BAD = [
    "celsius > 25",
    "25 < celsius",
    "alarm = true",
    "x = null",
    "x != undefined",
    r"path = 'C:\temp'",
    "NOT alarm = 'true'",
    "NOT undefined",
    "level = 'high' AND $body.flag",
    "$body.flag AND null",
    "null OR undefined",
    "$body.n % 2 = 0",
    "- $body.n < 0",
    "-$body.n < 0",
    "level + 1 = 2",
    "'a' + 'b' = 'ab'",
    "1 || 2 = '12'",
    "a = 'x' || b = 'y'",
    "level ?? 1",
    "level ?? undefined",
    "concat('a') = 'a'",
    "length() = 1",
    "length(1) = 1",
    "power(2) = 4",
    "is_defined(a, b)",
    "round(1) = 1",
    "twin_change_includes(properties.reported.a)",
    "a == 'x'",
    "a = 'x' && b = 'y'",
    "a IN ('x')",
    "3 -4 = -1",
    "a[0] = 'x'",
    "$body. = 1",
    "$body.a. = 1",
    "$body.0 = 1",
    "$body.a[] = 1",
    "$body.a[b] = 1",
    "{contentType} = 'a'",
    "e5 = 'x'",
    "0x10000000000000000 = 1",
    "from = 'x'",
    "(a = 'x'",
    "(a = 'x'))",
    "()",
    "a = 'x",
    "",
]
GOOD_ROUTES = [
    "FROM / messages / * INTO $upstream",
    "FROM /a/b INTO $upstream",
    "FROM /* INTO $UPSTREAM trailing 'open",
    "FROM /messages/* WHERE a = 'x' /* takes all since the star */ INTO $upstream",
    'FROM /* INTO brokeredEndpoint (" /a/b/c/d/ ")',
    "FROM /messages /* all */ WHERE a /* one */ = /* two */ 'b' INTO $upstream /* the end */",
    "FROM /messages/* /* all */ WHERE a = 'b' INTO $upstream",
]
BAD_ROUTES = [
    "",
    "FROM /messages/modules/null/* INTO $upstream",
    "FROM /messages/modules/m/outputs/1 INTO $upstream",
    "FROM /messages/modules/m/outputs/-1 INTO $upstream",
    "FROM /messages/modules/m/outputs/0x1 INTO $upstream",
    "FROM /messages/modules/and/* INTO $upstream",
    "FROM /messages/modules/$m/* INTO $upstream",
    "FROM /messages/ INTO $upstream",
    "FROM /* INTO upstream",
    "FROM /* INTO $downstream",
    'FROM /* INTO Queue("/modules/m/inputs/i")',
    'FROM /* INTO BrokeredEndpoint("/modules/m/inputs/i"',
    'FROM /* INTO BrokeredEndpoint("//modules/m/inputs/i")',
    'FROM /* INTO BrokeredEndpoint("/modules/m/inputs/i//")',
    'FROM /* INTO BrokeredEndpoint("/modules/m/inputs")',
    "SELECT a FROM /* INTO $upstream",
    "FROM /messages/* WHERE a /* begins at the star */ = 'b' INTO $upstream",
]


def where(condition: str) -> str:
    return f"FROM /messages/* WHERE {condition} INTO $upstream"


def previewed(text: str) -> str | None:
    """Why the preview says that edgeHub refuses it."""
    try:
        parse_route(text)
    except RouteSyntaxError as refused:
        return refused.reason
    return None


def run(text: str) -> str | None:
    try:
        compile_route("r", text)
    except RouteError as refused:
        return str(refused)
    return None


@pytest.mark.parametrize("text", [*DOCUMENTED, *map(where, DOCUMENTED_CONDITIONS)])
def test_every_documented_example_is_taken_without_remark(text: str) -> None:
    assert parse_route(text)[1] == []
    assert run(text) is None


@pytest.mark.parametrize("condition", DOCUMENTED_FOR_THE_CLOUD_ONLY)
def test_what_is_documented_for_iot_hubs_own_routing_only_is_refused_with_what_to_write(condition: str) -> None:
    try:
        said = [lint.reason for lint in parse_route(where(condition))[1]]
    except RouteSyntaxError as refused:
        said = [refused.reason]
    assert any(DOCUMENTED_FOR_THE_CLOUD_ONLY[condition] in reason for reason in said)


@pytest.mark.parametrize("text", [*map(where, GOOD), *GOOD_ROUTES])
def test_what_edge_hub_accepts_both_sides_accept(text: str) -> None:
    assert (previewed(text), run(text)) == (None, None)


@pytest.mark.parametrize("text", [*map(where, BAD), *BAD_ROUTES])
def test_what_edge_hub_refuses_both_sides_refuse(text: str) -> None:
    assert previewed(text), "the preview accepts it"
    assert run(text), "the stand-in's hub accepts it"


@pytest.mark.parametrize("start", [0, *(pytest.param(1000 * n, marks=pytest.mark.long) for n in range(1, 31))])
def test_what_one_side_refuses_of_generated_routes_the_other_refuses(start: int) -> None:
    """The first is for every push, 30,000 for the night."""
    drawn = [route(Random(seed)) for seed in range(start, start + 1000)]
    verdicts = [(text, previewed(text), run(text)) for text in drawn]
    assert [one for one in verdicts if (one[1] is None) is not (one[2] is None)] == []
    accepted = sum(verdict is None for _, verdict, _ in verdicts)
    assert 50 < accepted < 950, "the grammar draws too few good or bad ones to tell anything"
