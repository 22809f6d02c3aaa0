"""The layered merge: a table of cases, each tagged with where the rule comes from, and properties that always hold."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from standin.iothub.configurations.content import is_layered
from standin.iothub.configurations.merge import APPLIED, TARGETED, Candidate, merge
from standin.iothub.registry.identity import EDGE_AGENT_MODULE as AGENT
from standin.iothub.registry.identity import EDGE_HUB_MODULE as HUB
from tests.standin.iothub.deployments import candidate, layer, standard

# [doc]    https://learn.microsoft.com/azure/iot-edge/module-deployment-monitoring
# [issue]  https://github.com/Azure/iotedge/issues/<n>
# [sample] https://github.com/Azure-Samples/iot-edge-deployment-engine
# [infer]  our reading, not confirmed against a live hub
ONE, TWO, THREE = {"image": "one"}, {"image": "two"}, {"image": "three", "env": {"A": {"value": "1"}}}


@dataclass(frozen=True)
class Case:
    source: str
    candidates: list[Candidate]
    base: str | None
    modules: dict[str, Any] | None = None
    routes: dict[str, Any] | None = None
    twins: dict[str, tuple[dict[str, Any], dict[str, Any]]] = field(default_factory=dict)
    """Module -> (its desired properties before, after)."""
    statuses: dict[str, dict[str, str]] = field(default_factory=dict)


CASES: dict[str, Case] = {
    "a base alone is applied": Case(
        "doc",
        [candidate("base", 10, standard({"m": ONE}))],
        base="base",
        modules={"m": ONE},
        statuses={AGENT: {"base": APPLIED}, HUB: {"base": APPLIED}},
    ),
    "of two bases the one of higher priority wins, and they do not merge": Case(
        "doc",
        [candidate("low", 5, standard({"a": ONE})), candidate("high", 6, standard({"b": TWO}))],
        base="high",
        modules={"b": TWO},
        statuses={AGENT: {"low": TARGETED, "high": APPLIED}},
    ),
    "of two bases of one priority the later one wins": Case(
        "doc",
        [
            candidate("later", 5, standard({"b": TWO}), created="2026-01-02T00:00:00Z"),
            candidate("sooner", 5, standard({"a": ONE}), created="2026-01-01T00:00:00Z"),
        ],
        base="later",
        modules={"b": TWO},
    ),
    "without a base no layer takes effect": Case(
        "doc",
        [candidate("layer", 20, layer({"m": ONE}))],
        base=None,
        statuses={AGENT: {"layer": TARGETED}},
    ),
    "a layer above the base adds its module and its route": Case(
        "doc",
        [
            candidate("base", 10, standard({"a": ONE}, {"x": "FROM /* INTO $upstream"})),
            candidate("layer", 20, layer({"b": TWO}, {"y": {"route": "FROM /y/* INTO $upstream", "priority": 1}})),
        ],
        base="base",
        modules={"a": ONE, "b": TWO},
        routes={"x": "FROM /* INTO $upstream", "y": {"route": "FROM /y/* INTO $upstream", "priority": 1}},
        statuses={AGENT: {"base": APPLIED, "layer": APPLIED}, HUB: {"base": APPLIED, "layer": APPLIED}},
    ),
    "a layer of the base's own priority is not merged": Case(
        "doc; the sample engine takes it",
        [candidate("base", 10, standard({"a": ONE})), candidate("layer", 10, layer({"b": TWO}))],
        base="base",
        modules={"a": ONE},
        statuses={AGENT: {"base": APPLIED, "layer": TARGETED}},
    ),
    "a layer below the base is not merged": Case(
        "doc",
        [candidate("base", 10, standard({"a": ONE})), candidate("layer", 9, layer({"b": TWO}))],
        base="base",
        modules={"a": ONE},
        statuses={AGENT: {"base": APPLIED, "layer": TARGETED}},
    ),
    "a layer's module replaces the base's as a whole": Case(
        "doc",
        [candidate("base", 10, standard({"m": THREE})), candidate("layer", 20, layer({"m": TWO}))],
        base="base",
        modules={"m": TWO},
    ),
    "the higher of two layers wins, and the other one is only targeted": Case(
        "doc",
        [
            candidate("base", 10, standard()),
            candidate("high", 30, layer({"m": TWO})),
            candidate("low", 20, layer({"m": ONE})),
        ],
        base="base",
        modules={"m": TWO},
        statuses={AGENT: {"base": APPLIED, "low": TARGETED, "high": APPLIED}},
    ),
    "of two layers of one priority the later one wins": Case(
        "infer; the doc leaves it open, issue 6685 reports out-of-sync devices",
        [
            candidate("base", 10, standard()),
            candidate("later", 20, layer({"m": TWO}), created="2026-01-02T00:00:00Z"),
            candidate("sooner", 20, layer({"m": ONE}), created="2026-01-01T00:00:00Z"),
        ],
        base="base",
        modules={"m": TWO},
        statuses={AGENT: {"base": APPLIED, "later": APPLIED, "sooner": TARGETED}},
    ),
    "a layer of which one module is overridden stays applied for the other": Case(
        "infer",
        [
            candidate("base", 10, standard()),
            candidate("low", 20, layer({"m": ONE, "n": ONE})),
            candidate("high", 30, layer({"m": TWO})),
        ],
        base="base",
        modules={"m": TWO, "n": ONE},
        statuses={AGENT: {"base": APPLIED, "low": APPLIED, "high": APPLIED}},
    ),
    "a whole modules object in a layer clobbers the others'": Case(
        "issue 4935",
        [
            candidate("base", 10, standard({"a": ONE})),
            candidate("low", 20, layer({"b": TWO})),
            candidate("high", 30, {AGENT: {"properties.desired.modules": {"c": THREE}}}),
        ],
        base="base",
        modules={"c": THREE},
        statuses={AGENT: {"base": APPLIED, "low": TARGETED, "high": APPLIED}},
    ),
    "a layer that only sets a module's properties counts as targeted on the agent": Case(
        "issue 5299",
        [
            candidate("base", 10, standard({"m": ONE})),
            candidate("layer", 20, {AGENT: {}, "m": {"properties.desired.limits": {"max": 3}}}),
        ],
        base="base",
        modules={"m": ONE},
        twins={"m": ({}, {"limits": {"max": 3}})},
        statuses={AGENT: {"base": APPLIED, "layer": TARGETED}, "m": {"layer": APPLIED}},
    ),
    "a dotted path leaves its siblings alone": Case(
        "doc",
        [
            candidate("base", 10, standard({"m": ONE}, m={"properties.desired": {"SendData": True, "keep": {"a": 1}}})),
            candidate("layer", 20, {AGENT: {}, "m": {"properties.desired.layered.SendData": False}}),
        ],
        base="base",
        twins={"m": ({}, {"SendData": True, "keep": {"a": 1}, "layered": {"SendData": False}})},
        statuses={"m": {"base": APPLIED, "layer": APPLIED}},
    ),
    "properties.desired in a layer replaces everything that was set below it": Case(
        "doc",
        [
            candidate("base", 10, standard({"m": ONE}, m={"properties.desired": {"a": 1, "b": 2}})),
            candidate("layer", 20, {AGENT: {}, "m": {"properties.desired": {"c": 3}}}),
        ],
        base="base",
        twins={"m": ({"by hand": 1}, {"c": 3})},
        statuses={"m": {"base": TARGETED, "layer": APPLIED}},
    ),
    "properties.desired in a base has set semantics": Case(
        "issue 7199",
        [candidate("base", 10, standard({"m": ONE}, m={"properties.desired": {"a": 1}}))],
        base="base",
        twins={"m": ({"a": 0, "by hand": 1}, {"a": 1})},
    ),
    "what a layer does not name of a twin survives": Case(
        "doc",
        [
            candidate("base", 10, standard({"m": ONE})),
            candidate("layer", 20, {AGENT: {}, "m": {"properties.desired.a.b": 1}}),
        ],
        base="base",
        twins={"m": ({"by hand": 1, "a": {"c": 2}}, {"by hand": 1, "a": {"b": 1, "c": 2}})},
    ),
    "a path below something that is no object replaces it": Case(
        "infer",
        [
            candidate("base", 10, standard({"m": ONE}, m={"properties.desired": {"a": 1}})),
            candidate("layer", 20, {AGENT: {}, "m": {"properties.desired.a.b": 2}}),
        ],
        base="base",
        twins={"m": ({}, {"a": {"b": 2}})},
    ),
    "within one section the longer path wins, however the keys are written": Case(
        "infer",
        [
            candidate("base", 10, standard({"m": ONE})),
            candidate(
                "l", 20, {AGENT: {}, "m": {"properties.desired.a.b": 2, "properties.desired.a": {"b": 1, "c": 1}}}
            ),
        ],
        base="base",
        twins={"m": ({}, {"a": {"b": 2, "c": 1}})},
    ),
    "a replacement at nominal + 1 takes over from the lowered old one": Case(
        "infer: how content is replaced without a gap",
        [
            candidate("base", 10, standard()),
            candidate("old", 20, layer({"m": ONE}, {"r": "FROM /* INTO $upstream"})),
            candidate("new", 21, layer({"m": TWO}, {"r": "FROM /* INTO $upstream"})),
        ],
        base="base",
        modules={"m": TWO},
        statuses={
            AGENT: {"base": APPLIED, "old": TARGETED, "new": APPLIED},
            HUB: {"base": APPLIED, "old": TARGETED, "new": APPLIED},
        },
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_the_table_of_merge_cases_holds(case: Case) -> None:
    for candidates in (case.candidates, case.candidates[::-1]):
        plan = merge(candidates)
        assert plan.base == case.base
        if case.modules is not None:
            assert plan.modules[AGENT].desired({})["modules"] == case.modules
        if case.routes is not None:
            assert plan.modules[HUB].desired({})["routes"] == case.routes
        for module, (before, after) in case.twins.items():
            assert plan.modules[module].desired(before) == after
        for module, statuses in case.statuses.items():
            assert plan.modules[module].statuses == statuses


_NAMES = st.sampled_from(["m", "n", "o"])
_MODULES = st.dictionaries(_NAMES, st.sampled_from([ONE, TWO, THREE]), max_size=3)
_SECTION = st.dictionaries(
    st.sampled_from(["properties.desired.a", "properties.desired.a.b", "properties.desired.c"]),
    st.dictionaries(st.sampled_from(["b", "d"]), st.integers(0, 3), max_size=2),
    max_size=3,
)


@st.composite
def _candidates(draw: st.DrawFn) -> list[Candidate]:
    found = []
    for number in range(draw(st.integers(0, 5))):
        content = draw(st.builds(standard, _MODULES) | st.builds(layer, _MODULES))
        section = draw(_SECTION) if is_layered(content) else {}
        content = content | ({"m": section} if section else {})
        created = draw(st.sampled_from(["2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"]))
        found.append(candidate(f"c{number}", draw(st.integers(8, 12)), content, created))
    return found


@given(_candidates(), st.randoms())
def test_the_order_in_which_candidates_are_listed_does_not_matter(candidates: list[Candidate], random: Any) -> None:
    shuffled = list(candidates)
    random.shuffle(shuffled)
    assert merge(shuffled) == merge(candidates)


@given(_candidates())
def test_merging_twice_changes_nothing(candidates: list[Candidate]) -> None:
    for part in merge(candidates).modules.values():
        once = part.desired({"by hand": 1})
        assert part.desired(once) == once


@given(_candidates())
def test_removing_a_candidate_that_is_only_targeted_changes_no_desired_properties(candidates: list[Candidate]) -> None:
    plan = merge(candidates)
    for gone in candidates:
        if any(part.statuses.get(gone.id) == APPLIED for part in plan.modules.values()):
            continue
        rest = merge([one for one in candidates if one is not gone])
        for module, part in rest.modules.items():
            assert part.desired({"by hand": 1}) == plan.modules[module].desired({"by hand": 1})


@given(_candidates())
def test_each_module_comes_whole_from_the_highest_that_names_it(candidates: list[Candidate]) -> None:
    plan = merge(candidates)
    if plan.base is None:
        return
    base = next(one for one in candidates if one.id == plan.base)
    above = [one for one in candidates if is_layered(one.content) and one.priority > base.priority]
    ordered = [base, *sorted(above, key=lambda one: (one.priority, one.created, one.id))]
    expected: dict[str, Any] = {}
    for one in ordered:
        whole = one.content[AGENT].get("properties.desired", {}).get("modules", {})
        named = {key.removeprefix("properties.desired.modules."): value for key, value in one.content[AGENT].items()}
        expected |= whole if one is base else named
    assert plan.modules[AGENT].desired({})["modules"] == expected
