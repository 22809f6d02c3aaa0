from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from edge.manifest import AGENT, HUB, merge, plan
from tests.edge.manifest.manifests import base, layer

DEVICE = {"deviceId": "edge-01", "tags": {"model": "anomaly"}, "capabilities": {"iotEdge": True}}
DESIRED = "properties.desired"


def _configuration(name: str, priority: int, content: dict[str, Any], **more: Any) -> dict[str, Any]:
    known = {"targetCondition": "*", "createdTimeUtc": "2026-01-01T00:00:00Z"}
    return {"id": name, "priority": priority, "content": {"modulesContent": content}, **known, **more}


def _module_layer(module: str, image: str) -> dict[str, Any]:
    return {AGENT: {f"{DESIRED}.modules.{module}": {"settings": {"image": image}}}}


def test_base_and_layer_make_one_deployment() -> None:
    result = merge([_configuration("anomaly", 20, layer()), _configuration("base", 10, base())], DEVICE)
    assert (result.base, result.layers) == ("base", ["anomaly"])
    assert sorted(result.modules) == ["scorer", "sensor"]
    assert sorted(result.desired[HUB]["routes"]) == ["scorerToUpstream", "sensorToScorer"]
    assert result.desired["sensor"] == {"SendInterval": 1}
    assert result.winners["module scorer"].configuration == "anomaly"
    assert result.winners["route sensorToScorer"].why == "layer, priority 20"
    assert result.standings[AGENT] == {"base": "Applied", "anomaly": "Applied"}


def test_the_base_of_the_highest_priority_wins_and_then_the_youngest() -> None:
    old = _configuration("old", 10, base())
    young = _configuration("young", 10, base(), createdTimeUtc="2026-02-01T00:00:00Z")
    low = _configuration("low", 9, base(), createdTimeUtc="2026-03-01T00:00:00Z")
    result = merge([young, low, old], DEVICE)
    assert result.base == "young"
    assert result.passed_over["old"] == "young is the base: the same priority 10, and it is younger"
    assert result.passed_over["low"] == "young is the base: priority 10 is above 9"
    assert result.standings[AGENT] == {"young": "Applied", "old": "Targeted", "low": "Targeted"}


def test_without_a_base_no_layer_takes_effect() -> None:
    result = merge([_configuration("anomaly", 20, layer())], DEVICE)
    assert (result.base, result.desired) == (None, {})
    assert "no base deployment" in result.passed_over["anomaly"]


def test_a_layer_at_the_priority_of_the_base_is_passed_over_with_a_warning() -> None:
    result = merge([_configuration("base", 10, base()), _configuration("anomaly", 10, layer())], DEVICE)
    assert result.layers == []
    assert result.warnings == ["anomaly: priority 10 is not above the base's 10 (base)"]


def test_a_later_layer_replaces_a_module_as_a_whole() -> None:
    lower = _configuration("lower", 20, {AGENT: {f"{DESIRED}.modules.m": {"env": {"A": {"value": 1}}}}})
    upper = _configuration("upper", 21, _module_layer("m", "new"))
    result = merge([upper, lower, _configuration("base", 10, base())], DEVICE)
    assert result.modules["m"] == {"settings": {"image": "new"}}
    winner = result.winners["module m"]
    assert (winner.configuration, winner.overridden) == ("upper", ("lower",))
    assert winner.why == "layer, priority 21, over lower"


def test_a_deeper_path_sets_only_itself_and_a_whole_section_replaces_all() -> None:
    whole = _configuration("whole", 20, {AGENT: {f"{DESIRED}.modules.m": {}}, "m": {DESIRED: {"a": {"x": 1, "y": 2}}}})
    deep = _configuration("deep", 30, {AGENT: {}, "m": {f"{DESIRED}.a.x": 9, f"{DESIRED}.b": True}})
    again = _configuration("again", 40, {AGENT: {f"{DESIRED}.modules.n": {}}, "m": {DESIRED: {"c": 1}}})
    standing = _configuration("base", 10, base())
    assert merge([standing, whole, deep], DEVICE).desired["m"] == {"a": {"x": 9, "y": 2}, "b": True}
    assert merge([standing, whole, deep, again], DEVICE).desired["m"] == {"c": 1}


def test_a_layer_of_properties_alone_stays_targeted_on_the_agent() -> None:
    deep = _configuration("deep", 30, {AGENT: {}, "m": {f"{DESIRED}.a": 9}})
    result = merge([_configuration("base", 10, base()), deep], DEVICE)
    assert result.standings[AGENT]["deep"] == "Targeted"
    assert result.standings["m"] == {"deep": "Applied"}


def test_equal_priorities_that_touch_the_same_key_are_warned_of() -> None:
    first = _configuration("first", 20, _module_layer("m", "a"))
    second = _configuration("second", 20, _module_layer("m", "b"), createdTimeUtc="2026-02-01T00:00:00Z")
    result = merge([second, first, _configuration("base", 10, base())], DEVICE)
    assert result.modules["m"]["settings"]["image"] == "b"
    assert result.warnings == [f"first and second have priority 20 and both set {AGENT}.{DESIRED}.modules.m"]


def test_only_matching_edge_devices_are_served() -> None:
    targeted = _configuration("base", 10, base(), targetCondition="(tags.model = 'mnist')")
    broken = _configuration("broken", 10, base(), targetCondition="tags.model =")
    result = merge([targeted, broken], DEVICE)
    assert result.base is None
    assert result.passed_over["base"] == "the target condition is not true for the device"
    assert result.warnings == ["broken: target condition: column 13: a value is wanted, found the end of the condition"]
    leaf = {**DEVICE, "capabilities": {"iotEdge": False}}
    assert plan([_configuration("base", 10, base())], [leaf, DEVICE])[0].base is None


@given(st.permutations([("base", 10), ("a", 20), ("b", 30), ("c", 40)]), st.sets(st.sampled_from("abc")))
def test_the_order_in_which_configurations_are_listed_does_not_matter(
    order: list[tuple[str, int]], absent: set[str]
) -> None:
    contents = {"base": base(), **{name: _module_layer("m", name) for name in "abc"}}
    listed = [_configuration(name, priority, contents[name]) for name, priority in order if name not in absent]
    result = merge(listed, DEVICE)
    present = sorted(set("abc") - absent)
    assert result.layers == present
    assert result.modules.get("m", {}).get("settings", {}).get("image") == (present[-1] if present else None)
