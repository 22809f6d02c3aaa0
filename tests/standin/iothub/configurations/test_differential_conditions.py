"""The preview (edge.manifest.conditions) and the hub (standin.iothub) read target conditions apart, to one verdict.

Hypothesis draws conditions of the grammar, of near misses of it, and of single changed characters; `make test-long`
draws thousands. The pages' own examples and what is known of IoT Hub's verdicts stand in `conditions.py` beside.
"""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.manifest.conditions.parse import ConditionSyntaxError
from edge.manifest.conditions.parse import parse_condition as planned_condition
from standin.iothub.configurations.condition import EDGE_DEVICES, parse_condition
from standin.iothub.query.parser import parse_query
from standin.iothub.query.selection import rows
from standin.iothub.query.tokens import QuerySyntaxError
from tests.standin.iothub.configurations.conditions import DEVICES, REFUSED, TAKEN

_NAMES = """
deviceId tags.model tags.n tags.t tags.deep.a tags.missing tags.[[lic-key]] tags.[[group]] tags.deep tags._x1
properties.reported.gpu properties.reported.$version properties.reported.name
"""
_NEAR_MISSES = """
tags.model tags.n deviceId DeviceId tags tags. .model properties.desired.x [[a]] tags.[[a]] tags.group = != <> > == and
or not NOT in nin ( ) [ ] , . - + * / % 'x' 'it''s' 'a "x" 9 -9 - 0x9 1e3 .5 5. true null undefined is_defined
is_defined( starts_with( like group by select from where devices * [[ ]] $ ; ü lic-key tags.lic-key tags.1st 1st
tags.größe tags.a[0] <= => ! | & 4503599627370496 99999999999999999999
"""
_PROPERTIES = st.sampled_from(_NAMES.split())
_SIGNS = st.sampled_from(["=", "!=", "<>", "<", "<=", ">", ">="])
_VALUES = st.sampled_from(["'anomaly'", "'edge-01'", "'it''s'", "''", "9", "-18", "0.5", "true", "False", "'a(b'"])
_SPACE = st.sampled_from(["", " ", "  ", "\n", "\t"])
_COMPARED = st.tuples(_PROPERTIES, _SPACE, _SIGNS, _SPACE, _VALUES).map("".join)
_DEFINED = st.tuples(st.sampled_from(["is_defined", "IS_DEFINED"]), _PROPERTIES).map(lambda two: f"{two[0]}({two[1]})")


def _grow(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pair = st.tuples(inner, st.sampled_from(["and", "OR", "AND", "or"]), inner).map(" ".join)
    return pair | inner.map(lambda text: f"not {text}") | inner.map(lambda text: f"( {text} )")


_CONDITIONS = st.recursive(_COMPARED | _DEFINED, _grow, max_leaves=6)
_NEAR = st.lists(st.sampled_from([*_NEAR_MISSES.split(), "\u00a0", "'a b'"]), min_size=1, max_size=8)


def verdict(text: str) -> list[bool] | None:
    """Of both sides: which of the devices the condition targets, or None where it is refused; they must agree."""
    ours, theirs = _planned(text), _hubs(text)
    assert ours == theirs, f"{text!r}: the preview says {ours}, the hub {theirs}"
    return ours


def _planned(text: str) -> list[bool] | None:
    try:
        condition = planned_condition(text)
    except ConditionSyntaxError as error:
        assert 1 <= error.column <= len(text) + 1
        return None
    return [condition.matches(device) for device in DEVICES]


def _hubs(text: str) -> list[bool] | None:
    try:
        condition = parse_condition(text)
    except QuerySyntaxError as error:
        assert 0 <= error.position <= len(text)
        return None
    return [condition.targets(device) for device in DEVICES]


@pytest.mark.parametrize("condition", TAKEN)
def test_what_azure_documents_is_taken_by_both(condition: str) -> None:
    assert verdict(condition) is not None


@pytest.mark.parametrize("condition", [one for one in TAKEN if one.strip(" *")])
def test_the_hub_can_count_whom_a_condition_targets(condition: str) -> None:
    query = parse_query(f"{EDGE_DEVICES} and ({condition})")
    edge = [{**device, "capabilities": {"iotEdge": True}} for device in DEVICES]
    targeted = [device["deviceId"] for device, is_its in zip(DEVICES, verdict(condition) or [], strict=True) if is_its]
    assert [row["deviceId"] for row in rows(query, edge)] == targeted


@pytest.mark.parametrize("condition", REFUSED)
def test_what_azure_refuses_or_nobody_documents_is_refused_by_both(condition: str) -> None:
    assert verdict(condition) is None


@given(_CONDITIONS)
def test_both_target_the_same_devices(condition: str) -> None:
    verdict(condition)


@given(_NEAR, st.sampled_from(["", " "]))
def test_both_refuse_the_same_near_misses(words: list[str], joint: str) -> None:
    verdict(joint.join(words))


def _changed(draw: random.Random, condition: str) -> str:
    """With one character put in, taken out, doubled or made another."""
    at = draw.randrange(len(condition) + 1)
    new = draw.choice("'\"()[].,=<>!-+*/%$_ \t\n0a9xX;&|?#@:\u00e4\u00a0\\")
    way = draw.randrange(4)
    if way == 0:
        return condition[:at] + new + condition[at:]
    if way == 1:
        return condition[:at] + condition[at + 1 :]
    if way == 2:
        return condition[:at] + condition[at : at + 1] * 2 + condition[at + 1 :]
    return condition[:at] + new + condition[at + 1 :]


def _change_many(seed: int, count: int) -> None:
    draw = random.Random(seed)
    for _ in range(count):
        condition = draw.choice((*TAKEN, *REFUSED))
        for _ in range(draw.randrange(1, 4)):
            condition = _changed(draw, condition)
        verdict(condition)


def test_both_agree_on_conditions_with_changed_characters() -> None:
    _change_many(seed=1, count=300)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(2, 10))
def test_both_agree_on_thousands_of_changed_conditions(seed: int) -> None:
    _change_many(seed, count=10_000)


@pytest.mark.long
@settings(max_examples=5_000, deadline=None)
@given(_CONDITIONS | st.tuples(_NEAR, st.sampled_from(["", " "])).map(lambda two: two[1].join(two[0])))
def test_both_agree_on_thousands_of_drawn_conditions(condition: str) -> None:
    verdict(condition)
