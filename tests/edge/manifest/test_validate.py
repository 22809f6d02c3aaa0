from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

import pytest

from edge.manifest import AGENT, HUB, Problem, priority_problem, render, validate
from edge.manifest.rules.validate import Kind
from tests.edge.manifest.manifests import base, layer
from tests.edge.manifest.spoiling import (
    CREDENTIALS,
    DESIRED,
    ROUTE,
    RUNTIME,
    SENSOR,
    STORING,
    Spoil,
    many,
    object_route,
    settings,
    storing,
)


def test_good_manifests_have_no_problems() -> None:
    assert validate(base(), "base") == []
    assert validate(layer(), "layer") == []


@pytest.mark.parametrize(
    ("spoil", "path", "reason"),
    [
        (lambda c: c[AGENT][DESIRED].update(schemaVersion="1.1.0"), "schemaVersion", "allowed: '1.0', '1.1'"),
        (lambda c: c[AGENT][DESIRED]["runtime"].update(settings=[]), "runtime.settings", "an object is wanted"),
        (lambda c: c[AGENT][DESIRED]["modules"].update(edgeHub={}), "modules.edgeHub", "the runtime's own"),
        (lambda c: c[AGENT][DESIRED]["modules"].update(m={}, M={}), "modules.M", "differ in case alone"),
        (lambda c: c[AGENT][DESIRED]["modules"].update(many(51)), "modules", "are 50 at the most"),
        (lambda c: c[HUB][DESIRED].update(schemaVersion="1.4"), "schemaVersion", "'1.0', '1.1', '1.2', '1.3'"),
        (lambda c: c[HUB][DESIRED].update(object_route("1.0")), "routes.up", "in schema 1.0 a route is text"),
        (lambda c: c[HUB][DESIRED].update(mqttBroker={}), "mqttBroker", "not known here"),
        (lambda c: storing(c, 2**31), "timeToLiveSecs", "-1 to 2147483647"),
        (lambda c: storing(c, 10**400), "timeToLiveSecs", "-1 to 2147483647"),
        (lambda c: storing(c, 10**5000), "timeToLiveSecs", "a number of 16610 bits is refused"),
        (lambda c: c[AGENT][DESIRED]["runtime"].update(a=[{"b": "\ud800"}]), "a[0].b", "half a character"),
        (lambda c: c[AGENT][DESIRED]["modules"].update({"a\udfff": {}}), "modules", "the key 'a?' holds half a char"),
        (lambda c: c[HUB][DESIRED].update(json.loads('{"a":' * 900 + "1" + "}" * 900)), "a.a.a", "100 levels deep"),
        (lambda c: storing(c, math.inf), "timeToLiveSecs", "-1 to 2147483647"),
        (lambda c: storing(c, "7200"), "timeToLiveSecs", "'7200' is refused"),
        (lambda c: c.update(scorer={}), "scorer", "not deployed"),
        (lambda c: c[AGENT][DESIRED].pop("runtime"), AGENT, "the key 'runtime' is missing"),
        (lambda c: c[AGENT][DESIRED].update(extra=1), "extra", "not known here"),
        (lambda c: c[AGENT][DESIRED]["systemModules"].pop("edgeHub"), "systemModules", "'edgeHub' is missing"),
        (lambda c: c[AGENT][DESIRED]["modules"].update({"a.b": {}}), "a.b", "the name 'a.b' is refused"),
        (lambda c: c[HUB][DESIRED].pop("storeAndForwardConfiguration"), HUB, "storeAndForwardConfiguration"),
        (lambda c: c[HUB][DESIRED].update(routes=[]), "routes", "an object is wanted"),
        (lambda c: c.pop(HUB), "manifest", "$edgeHub is missing"),
        (lambda c: c[AGENT].update({f"{DESIRED}.modules.x": {}}), AGENT, "refused in a base"),
        (lambda c: c.update(scorer={DESIRED: {}}), "scorer", "not deployed"),
    ],
)
def test_a_bad_base_is_refused_where_it_is_wrong(spoil: Spoil, path: str, reason: str) -> None:
    _refused(base(), "base", spoil, path, reason)


@pytest.mark.parametrize(
    ("spoil", "path", "reason"),
    [
        (lambda c: c.pop(AGENT), "manifest", "$edgeAgent is missing"),
        (lambda c: c.update(sensor={DESIRED: {"limit": math.nan}}), "limit", "JSON has no such number"),
        (
            lambda c: c[AGENT].update({f"{DESIRED}.modules": {}}),
            f"{DESIRED}.modules",
            "takes away what other layers set",
        ),
        (lambda c: c[HUB].update({f"{DESIRED}.routes": {}}), f"{DESIRED}.routes", "takes away what other layers set"),
        (lambda c: c[AGENT].update({f"{DESIRED}.systemModules.edgeHub": {}}), "systemModules", "no system modules"),
        (lambda c: c[AGENT].update({DESIRED: {}}), f"{AGENT}.{DESIRED}", "refused in a layer"),
        (lambda c: c[AGENT].update({f"{DESIRED}.schemaVersion": "1.1"}), "schemaVersion", "refused in a layer"),
        (lambda c: c[AGENT].update({f"{DESIRED}.runtime": {}}), f"{DESIRED}.runtime", "refused in a layer; one of"),
        (lambda c: c[AGENT].update({CREDENTIALS: {}}), CREDENTIALS, "takes away what other layers set; name each"),
        (
            lambda c: c[AGENT].update({f"{CREDENTIALS}.a": {"address": "x"}}),
            f"{CREDENTIALS}.a",
            "'username' is missing",
        ),
        (
            lambda c: c[AGENT].update({f"{CREDENTIALS}.a.address": "x"}),
            f"{CREDENTIALS}.a.address",
            "'a.address' is ref",
        ),
        (lambda c: c[AGENT].update({f"{RUNTIME}.loggingOptions": {}}), "loggingOptions", "text is wanted"),
        (lambda c: c[AGENT].update({f"{DESIRED}.modules.edgeAgent": {}}), AGENT, "'edgeAgent' is the runtime's own"),
        (lambda c: c[AGENT].update({f"{DESIRED}.modules.Sensor": {}}), AGENT, "'Sensor' and 'sensor' differ in case"),
        (lambda c: c[HUB].update({f"{STORING}.timeToLiveSecs": "1"}), "timeToLiveSecs", "a whole number from -1"),
        (lambda c: c[HUB].update({f"{STORING}.storeLimits": {}}), "storeLimits", "refused in a layer; one of"),
        (
            lambda c: c[HUB].update({STORING: {"timeToLiveSecs": 1}, f"{STORING}.timeToLiveSecs": 2}),
            f"{STORING}.timeToLiveSecs",
            "is set too, and it lies inside that",
        ),
        (lambda c: c["sensor"].update({f"{DESIRED}.SendInterval": 2}), "SendInterval", f"'{DESIRED}' is set too"),
        (lambda c: c["sensor"].update({DESIRED: 5}), f"sensor.{DESIRED}", "5 is refused; an object is wanted"),
        (lambda c: c.update(sensor={f"{DESIRED}.a.b.c": _nested(8)}), "sensor", "11 levels deep; 10 are allowed"),
        (lambda c: c[AGENT].update({f"{SENSOR}.env": {}}), f"{SENSOR}.env", "the name 'sensor.env' is refused"),
        (lambda c: c[AGENT][SENSOR].update(status="up"), f"{SENSOR}.status", "allowed: 'running', 'stopped'"),
        (lambda c: c[AGENT][SENSOR].update(startupOrder=-1), "startupOrder", "a whole number from 0"),
        (lambda c: c[AGENT][SENSOR].update(imagePullPolicy=None), "imagePullPolicy", "None is refused"),
        (lambda c: c[AGENT][SENSOR].update(env={"A.B": {"value": 1}}), "env.A.B", "is refused"),
        (lambda c: settings(c).update(createOptions='{"User":"\\ud800"}'), "settings", "hold half a character"),
        (lambda c: settings(c).update(image="edgeway/sensor"), "settings.image", "it means :latest"),
        (lambda c: settings(c).update(image="127.0.0.1:5000/sensor"), "settings.image", "it means :latest"),
        (lambda c: settings(c).update(image="edgeway/sensor:latest"), "settings.image", "which moves"),
        (lambda c: settings(c).update(image="<registry>/sensor:1.0"), "settings.image", "'<' cannot stand in its name"),
        (lambda c: settings(c).update(image="$upstream:443/sensor:1.0"), "settings.image", "'$' cannot stand"),
        (lambda c: settings(c).update(image="x/azureiotedge-hub:1.6"), "settings.image", "rolling tag"),
        (lambda c: settings(c).update(image="x@sha256:12"), "settings.image", "repository@sha256:<64 hex>"),
        (lambda c: settings(c).update(createOptions="{"), "settings", "createOptions is not JSON"),
        (lambda c: settings(c).update(createOptions="x" * 4097), "createOptions", "4097 bytes; 4096 are allowed"),
        (
            lambda c: settings(c).update(
                createOptions=json.dumps({"HostConfig": {"DeviceRequests": [{"Capabilities": ["gpu"]}]}})
            ),
            "settings",
            "HostConfig.DeviceRequests[0].Capabilities[0] is text; a list is wanted",
        ),
        (lambda c: c[HUB][ROUTE].update(priority=10), "priority", "a whole number from 0 to 9"),
        (lambda c: c[HUB][ROUTE].update(route=7), "route", "7 is refused"),
        (lambda c: c[HUB][ROUTE].update(route="FROM /messages/* INTO up"), "route", "the sink is 'up'"),
        (
            lambda c: c[HUB][ROUTE].update(route="FROM /messages/modules/other/* INTO $upstream"),
            "route",
            "names the module 'other', which is not deployed; there are: scorer, sensor",
        ),
        (
            lambda c: c[HUB][ROUTE].update(route="FROM /messages/* WHERE status!='ok' INTO $upstream"),
            "route",
            "'status!' as the name of one property",
        ),
        (lambda c: c["sensor"].update({DESIRED: {"a": 2**52}}), "sensor", "4503599627370495 are allowed"),
        (lambda c: c["sensor"].update({DESIRED: {"a b": 1}}), "sensor", "it holds ' '"),
        (lambda c: c["sensor"].update({DESIRED: {"k" * 1025: 1}}), "sensor", "1024 are allowed"),
        (lambda c: c["sensor"].update({DESIRED: {"a": [None]}}), "a[0]", "null is refused"),
        (lambda c: c["sensor"].update({DESIRED: _nested(11)}), "sensor", "11 levels deep; 10 are allowed"),
        (
            lambda c: c["sensor"].update({DESIRED: {str(n): "x" * 4000 for n in range(9)}}),
            "sensor",
            "32768 are allowed",
        ),
        (lambda c: c["sensor"].update({"desired": {}}), "sensor.desired", "'properties.desired' or"),
        (lambda c: c.update(modulesContent={}), "modulesContent", "what stands under modulesContent"),
    ],
)
def test_a_bad_layer_is_refused_where_it_is_wrong(spoil: Spoil, path: str, reason: str) -> None:
    _refused(layer(), "layer", spoil, path, reason)


def _nested(depth: int) -> dict[str, Any]:
    value: dict[str, Any] = {"leaf": 1}
    for _ in range(depth - 1):
        value = {"n": value}
    return value


def _refused(content: dict[str, Any], kind: Kind, spoil: Spoil, path: str, reason: str) -> None:
    spoil(content)
    problems = validate(content, kind)
    matching = [problem for problem in problems if reason in problem.reason and path in str(problem)]
    assert matching, problems


def test_a_layer_without_a_dotted_key_would_be_taken_for_a_base() -> None:
    problems = validate({AGENT: {}, "sensor": {DESIRED: {}}}, "layer", known_modules=["sensor"])
    assert [problem.reason.partition(",")[0] for problem in problems] == ["no key is dotted"]


def test_a_problem_says_line_and_column_and_quotes_the_line() -> None:
    content = layer()
    content[HUB][ROUTE]["route"] = "FROM /messages/modules/scorer/outputs/amlOutput INTO upstream"
    (problem,) = validate(content, "layer")
    assert problem.column == 54
    assert problem.line is not None
    text = render(content).splitlines()[problem.line - 1]
    assert "INTO upstream" in text
    assert str(problem).startswith(f"{HUB}.{ROUTE}.route, line {problem.line}, column 54: the sink is 'upstream'")
    assert text.strip() in str(problem)


def test_the_lines_are_those_of_indented_json() -> None:
    content = layer()
    assert render(content) == json.dumps(content, indent=2, ensure_ascii=False)


def test_a_password_is_never_in_a_message() -> None:
    content = base()
    credentials = content[AGENT][DESIRED]["runtime"]["settings"]["registryCredentials"]
    credentials["line1"]["password"] = "hunter 2"
    credentials["line2"] = {"username": "u", "password": "hunter 3", "address": "a", "extra": "hunter 4"}
    problems = validate(content, "base")
    assert {problem.path.rpartition(".")[2] for problem in problems} == {"password", "extra"}
    assert "hunter" not in " ".join(map(str, problems))


def test_values_not_known_yet_are_passed_over() -> None:
    unknown = object()
    content = layer()
    content[AGENT][SENSOR]["settings"]["image"] = unknown
    content[AGENT]["properties.desired.modules.scorer"] = unknown
    content[HUB] = unknown
    assert validate(content, "layer", is_unknown=lambda value: value is unknown) == []
    assert validate(unknown, "base", is_unknown=lambda value: value is unknown) == []
    assert validate(content, "layer") != []


def test_a_route_may_name_modules_of_other_deployments_when_told_so() -> None:
    content = layer()
    del content[AGENT][SENSOR], content["sensor"]
    assert any("'sensor'" in problem.reason for problem in validate(content, "layer"))
    assert validate(content, "layer", known_modules=["sensor"]) == []


@pytest.mark.parametrize(
    ("kind", "priority", "good"),
    [
        ("base", 10, True),
        ("base", 18, True),
        ("base", 19, False),
        ("base", -1, False),
        ("layer", 20, True),
        ("layer", 19, False),
    ],
)
def test_layers_stand_above_their_base(kind: Kind, priority: int, good: bool) -> None:
    assert (priority_problem(kind, priority) is None) is good


def test_a_problem_without_a_line_still_says_where() -> None:
    assert str(Problem("a.b", "is wrong")) == "a.b: is wrong"


def test_a_route_names_its_source_in_any_case_and_its_sink_in_the_modules_own() -> None:
    content = base()
    routes = content[HUB][DESIRED]["routes"]
    routes["r"] = 'FROM /messages/modules/SENSOR/* INTO BrokeredEndpoint("modules/scorer/inputs/i")'
    assert validate(content, "base", known_modules=["sensor", "scorer"]) == []
    routes["r"] = 'FROM /messages/modules/sensor/* INTO BrokeredEndpoint("/modules/Scorer/inputs/i")'
    (found,) = validate(content, "base", known_modules=["sensor", "scorer"])
    assert "names the module 'Scorer', which is not deployed" in found.reason


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (lambda hub: hub["routes"].update(r={"route": "FROM /* INTO $upstream", "priority": 10}), "routes.r.priority"),
        (lambda hub: hub["routes"].update(r={"route": "FROM /* INTO $upstream", "priority": "1"}), "routes.r.priority"),
        (
            lambda hub: hub["routes"].update(r={"route": "FROM /* INTO $upstream", "priority": True}),
            "routes.r.priority",
        ),
        (
            lambda hub: hub["routes"].update(r={"route": "FROM /* INTO $upstream", "timeToLiveSecs": -1}),
            "routes.r.time",
        ),
        (
            lambda hub: hub["routes"].update(r={"route": "FROM /* INTO $upstream", "timeToLiveSecs": 2**32}),
            "routes.r.t",
        ),
        (lambda hub: hub["routes"].update(r={"route": "FROM /* INTO $upstream", "ttl": 1}), "routes.r.ttl"),
        (lambda hub: hub["routes"].update(r={"priority": 1}), "routes.r"),
        (lambda hub: hub["routes"].update(r="  "), "routes.r"),
        (lambda hub: hub["routes"].update({"a b": "FROM /* INTO $upstream"}), "routes.a b"),
        (lambda hub: hub["routes"].update(r=f"FROM /* WHERE a = '{'x' * 4096}' INTO $upstream"), "routes.r"),
        (lambda hub: hub["storeAndForwardConfiguration"].update(timeToLiveSecs=2**31), "storeAndForward"),
    ],
)
def test_what_a_route_holds_is_refused_beyond_its_range(change: Callable[[dict[str, Any]], None], path: str) -> None:
    content = base()
    change(content[HUB][DESIRED])
    found = validate(content, "base")
    assert found, "accepted"
    assert all(f"{HUB}.{DESIRED}.{path}" in problem.path for problem in found)
