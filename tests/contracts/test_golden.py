"""The rule by which an answer agrees with a golden example."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.golden import ABSENT, Difference, difference


@pytest.mark.parametrize(
    ("expected", "got"),
    [
        (1, 1),
        (1, 1.0),
        (0.1, 0.1 + 5e-7),
        (1e9, 1e9 + 500),
        (None, None),
        ("a", "a"),
        ([], []),
        ({"a": [1, {"b": True}]}, {"a": [1.0000001, {"b": True}]}),
    ],
)
def test_equal_within_tolerance_agrees(expected: Any, got: Any) -> None:
    assert difference(expected, got, 1e-6) is None


@pytest.mark.parametrize(
    ("expected", "got", "found"),
    [
        (1, 2, Difference("$", 1, 2)),
        (1, True, Difference("$", 1, True)),
        (False, 0, Difference("$", False, 0)),
        (0.1, 0.1001, Difference("$", 0.1, 0.1001)),
        ("1", 1, Difference("$", "1", 1)),
        (None, [], Difference("$", None, [])),
        (float("nan"), float("nan"), None),
        ([1, 2], [1, 3], Difference("$[1]", 2, 3)),
        ([1, 2], [1], Difference("$[1]", 2, ABSENT)),
        ([1], [1, 2], Difference("$[1]", ABSENT, 2)),
        ({"a": 1}, {}, Difference("$.a", 1, ABSENT)),
        ({}, {"a": 1}, Difference("$.a", ABSENT, 1)),
        ({"a": {"b": [1]}}, {"a": {"b": [2]}}, Difference("$.a.b[0]", 1, 2)),
        ({"a": 1}, [1], Difference("$", {"a": 1}, [1])),
    ],
)
def test_the_first_difference_is_named(expected: Any, got: Any, found: Difference | None) -> None:
    actual = difference(expected, got, 1e-6)
    assert actual is not None
    assert found is None or actual == found


@pytest.mark.parametrize(
    ("any_at", "found"),
    [
        ((), Difference("$.rows[0].id", "a", "x")),
        (("$.rows[0].id",), Difference("$.rows[1].id", "b", "y")),
        (("$.rows[*].id",), Difference("$.took", 3, 5)),
        (("$.rows[*].id", "$.took"), None),
        (("$",), None),
        (("$.rows", "$.took"), None),
    ],
)
def test_what_the_example_leaves_open_may_be_anything(any_at: tuple[str, ...], found: Difference | None) -> None:
    expected = {"rows": [{"id": "a"}, {"id": "b"}], "took": 3}
    got = {"rows": [{"id": "x"}, {"id": "y"}], "took": 5}
    assert difference(expected, got, 1e-6, any_at) == found


def test_what_is_left_open_must_still_be_there() -> None:
    assert difference({"took": 3}, {}, 1e-6, ("$.took",)) == Difference("$.took", 3, ABSENT)
