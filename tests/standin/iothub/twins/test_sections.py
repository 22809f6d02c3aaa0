"""Merge, replace, metadata and limits of twin sections."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from standin.iothub.kernel.errors import BadRequest
from standin.iothub.twins.limits import check_section
from standin.iothub.twins.section import Section, difference, merged, same

NOW, LATER = "2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z"

_KEYS = st.sampled_from(["a", "b", "c"])
_SCALARS = st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from(["", "x"]) | st.lists(st.integers(0, 1))
_VALUES = st.recursive(_SCALARS, lambda inner: st.dictionaries(_KEYS, inner, max_size=3), max_leaves=8)
_OBJECTS = st.dictionaries(_KEYS, _VALUES, max_size=3)


def without_nulls(value: dict[str, Any]) -> dict[str, Any]:
    return merged({}, value)


def reference_merge(target: Any, patch: Any) -> Any:
    """RFC 7396, section 2, as it is written there."""
    if not isinstance(patch, dict):
        return patch
    if not isinstance(target, dict):
        target = {}
    target = dict(target)
    for name, value in patch.items():
        if value is None:
            target.pop(name, None)
        else:
            target[name] = reference_merge(target.get(name), value)
    return target


@given(_OBJECTS, _OBJECTS)
def test_a_patch_is_a_json_merge(old: dict[str, Any], patch: dict[str, Any]) -> None:
    assert same(merged(without_nulls(old), patch), reference_merge(without_nulls(old), patch))


@given(_OBJECTS, _OBJECTS)
def test_the_difference_is_a_patch_that_makes_the_new_from_the_old(old: dict[str, Any], new: dict[str, Any]) -> None:
    old, new = without_nulls(old), without_nulls(new)
    patch = difference(old, new)
    assert same(merged(old, patch), new)
    assert (patch == {}) is same(old, new)


@given(_OBJECTS, _OBJECTS)
def test_metadata_has_the_shape_of_the_values(old: dict[str, Any], new: dict[str, Any]) -> None:
    section = Section().patched(old, NOW).patched(new, LATER)
    assert section.version == 3

    def check(values: Any, metadata: Any) -> None:
        assert metadata["$lastUpdated"] in (NOW, LATER)
        for key, value in values.items():
            check(value if isinstance(value, dict) else {}, metadata[key])

    check(section.values, section.metadata)


def test_a_write_leaves_what_was_handed_out_alone() -> None:
    section = Section().patched({"a": {"b": 1}}, NOW)
    given_out = section.plain()
    section.patched({"a": {"b": 2}}, LATER)
    assert given_out == {"a": {"b": 1}, "$version": 2}


def test_replacing_keeps_the_time_of_what_stays() -> None:
    section = Section().patched({"stays": 1, "moves": 1, "goes": 1}, NOW).replaced({"stays": 1, "moves": 2}, LATER)
    assert section.values == {"stays": 1, "moves": 2}
    assert section.metadata["stays"] == {"$lastUpdated": NOW, "$lastUpdatedVersion": 2}
    assert section.metadata["moves"] == {"$lastUpdated": LATER, "$lastUpdatedVersion": 3}
    assert "goes" not in section.metadata


def test_a_twin_that_was_read_can_be_written_back() -> None:
    section = Section().patched({"a": 1}, NOW)
    assert section.patched(section.full(), LATER).values == {"a": 1}


@pytest.mark.parametrize(
    ("name", "values", "message"),
    [
        ("tags", {"a": ["x" * 4000] * 3}, "tags would have 12001 bytes, allowed are 8192"),
        ("desired", {"a": ["x" * 4000] * 9}, "desired would have 36001 bytes, allowed are 32768"),
        ("desired", {"a": "x" * 4097}, "maximum 4096 bytes: desired.a has 4097"),
        ("desired", {"a": "é" * 2049}, "desired.a has 4098"),
        ("desired", {"a.b": 1}, "'a.b' in desired contains '.'"),
        ("desired", {"a": {"$b": 1}}, "'$b' in desired.a contains '$'"),
        ("desired", {"a b": 1}, "contains ' '"),
        ("desired", {"a\x07": 1}, "contains '\\x07'"),
        ("desired", {"": 1}, "has 0 bytes, allowed are 1 to 1024"),
        ("desired", {"k" * 1025: 1}, "has 1025 bytes"),
        ("desired", {"a": 2**52}, "desired.a is 4503599627370496"),
        ("desired", {"a": [-(2**52) - 1]}, "desired.a[0] is -4503599627370497"),
        ("reported", {"a": [1, None]}, "reported.a[1] is null"),
        ("reported", {"a": float("nan")}, "reported.a is nan"),
        ("reported", {"a": [float("-inf")]}, "reported.a[0] is -inf"),
        ("reported", {"a": ["x\ud800"]}, "reported.a[0] holds half a character at 1"),
        ("reported", {"a": {"\ud800": 1}}, "reported.a holds half a character at 0"),
    ],
)
def test_what_a_twin_cannot_hold_is_refused_with_its_place(name: str, values: dict[str, Any], message: str) -> None:
    with pytest.raises(BadRequest) as refusal:
        check_section(name, values)
    assert message in refusal.value.message


def test_ten_levels_are_allowed_and_eleven_are_not() -> None:
    values: dict[str, Any] = {"a": 1}
    for _ in range(9):
        values = {"a": values}
    check_section("desired", values)
    with pytest.raises(BadRequest, match="nested 11 deep, allowed are 10"):
        check_section("desired", {"a": values})


def test_the_largest_values_that_fit_are_taken() -> None:
    check_section("desired", {"a": "x" * 4096, "b": 2**52 - 1, "c": -(2**52), "k" * 1024: True})
