"""Thresholds of any metric: least, most, both; how what misses one is told."""

from __future__ import annotations

import math
from typing import Any

import pytest

from contracts.thresholds import Threshold, parse_threshold, unmet

METRICS = {"accuracy": 0.99, "mae": 0.73, "bias": -2.5}


@pytest.mark.parametrize(
    ("metric", "threshold", "said"),
    [
        ("accuracy", Threshold(min=0.995), "accuracy is 0.99, allowed at least 0.995"),
        ("mae", Threshold(max=0.5), "mae is 0.73, allowed at most 0.5"),
        ("bias", Threshold(min=-1, max=1), "bias is -2.5, allowed from -1 to 1"),
        ("mse", Threshold(max=1), "mse is not measured; the model has accuracy, bias, mae"),
    ],
)
def test_what_misses_a_threshold_is_told_with_value_and_what_is_allowed(
    metric: str, threshold: Threshold, said: str
) -> None:
    assert [str(one) for one in unmet(METRICS, {metric: threshold})] == [said]


@pytest.mark.parametrize("threshold", [Threshold(min=0.73), Threshold(max=0.73), Threshold(min=0, max=1), Threshold()])
def test_both_ends_are_allowed(threshold: Threshold) -> None:
    assert unmet(METRICS, {"mae": threshold}) == []


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("threshold", [Threshold(min=-1e308), Threshold(max=1e308), Threshold()])
def test_what_is_no_finite_number_meets_no_threshold(value: float, threshold: Threshold) -> None:
    assert [one.metric for one in unmet({"mae": value}, {"mae": threshold})] == ["mae"]


def test_a_value_that_misses_by_a_little_is_shown_in_digits_enough_to_see_it() -> None:
    assert str(unmet({"mae": 0.50000004}, {"mae": Threshold(max=0.5)})[0]) == "mae is 0.50000004, allowed at most 0.5"
    assert str(unmet({"r2": 0.94009216}, {"r2": Threshold(min=0.98)})[0]) == "r2 is 0.9401, allowed at least 0.98"


@pytest.mark.parametrize(
    ("document", "threshold"),
    [
        (0.95, Threshold(min=0.95)),
        ({"min": 1}, Threshold(min=1)),
        ({"max": -40.5}, Threshold(max=-40.5)),
        ({"min": 0, "max": 3e9}, Threshold(min=0, max=3e9)),
    ],
)
def test_a_number_alone_is_the_least(document: Any, threshold: Threshold) -> None:
    assert parse_threshold(document) == threshold
    assert parse_threshold(threshold.as_dict()) == threshold


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({}, "is no threshold; allowed: min, max or both"),
        ({"least": 1}, "is no threshold"),
        ({"min": math.nan}, "finite numbers"),
        (math.inf, "finite numbers"),
        ({"max": 10**400}, "finite numbers"),
        (True, "is no threshold"),
        ("0.9", "is no threshold"),
        ({"min": 2, "max": 1}, "min 2 is above max 1: that allows nothing"),
    ],
)
def test_what_is_no_threshold_is_refused(document: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        parse_threshold(document)
