from __future__ import annotations

from typing import Annotated, Any, Literal

import pytest
from msgspec import Meta, field

from infra.provider.inputs import Inputs, Sha256, one_of, text
from pluginbase.values import UNKNOWN


class Part(Inputs, frozen=True):
    part_key: str
    size: float | None = None


class Box(Inputs, frozen=True):
    """One of each kind of input."""

    box_name: Annotated[str, text("[a-z]+", "lower-case letters are allowed")]
    kind: Literal["flat", "deep"] = "flat"
    count: Annotated[int, Meta(ge=1, le=9)] = 3
    is_open: bool = True
    colour: Annotated[str, one_of(["red", "blue"])] = "red"
    parts: Annotated[list[Part], Meta(min_length=1, description="one part or more is wanted")] = field(
        default_factory=list
    )
    sizes: dict[str, float] = field(default_factory=dict)
    tags: dict[Annotated[str, text("[a-z]+", "only a to z are allowed")], Any] = field(default_factory=dict)
    flags: dict[Literal["X"], str] = field(default_factory=dict)
    sha256: Sha256 | None = None


GOOD: dict[str, Any] = {"boxName": "crate", "parts": [{"partKey": "lid"}]}


def test_defaults_fill_what_is_absent_or_null_and_what_has_none_stays_absent() -> None:
    inputs, failures = Box.check({**GOOD, "count": None})
    assert failures == []
    assert inputs == {
        **GOOD,
        "kind": "flat",
        "count": 3,
        "isOpen": True,
        "colour": "red",
        "sizes": {},
        "tags": {},
        "flags": {},
    }


def test_inputs_become_typed_and_what_is_none_of_them_is_passed_over() -> None:
    box = Box.of({**GOOD, "sizes": {"a": 1}, "__defaults": [], "serial": "an output"})
    assert (box.box_name, box.count, box.parts[0].part_key, box.sizes) == ("crate", 3, "lid", {"a": 1.0})


@pytest.mark.parametrize(
    ("more", "path", "reason"),
    [
        ({"boxName": None}, "boxName", "is missing"),
        ({"boxName": "Crate"}, "boxName", "'Crate' is refused; lower-case letters are allowed"),
        ({"boxName": "crate\n"}, "boxName", r"'crate\n' is refused; lower-case letters are allowed"),
        ({"boxName": 1}, "boxName", "1 is refused; lower-case letters are allowed"),
        ({"kind": "top"}, "kind", "'top' is refused; allowed: deep, flat"),
        ({"colour": "green"}, "colour", "'green' is refused; allowed: red, blue"),
        ({"count": 10}, "count", "10 is refused; a whole number from 1 to 9 is wanted"),
        ({"count": True}, "count", "True is refused; a whole number from 1 to 9 is wanted"),
        ({"count": 1.5}, "count", "1.5 is refused; a whole number from 1 to 9 is wanted"),
        ({"isOpen": "yes"}, "isOpen", "'yes' is refused; true or false is wanted"),
        ({"parts": []}, "parts", "[] is refused; one part or more is wanted"),
        ({"parts": [{}]}, "parts[0].partKey", "is missing"),
        ({"parts": [{"partKey": "a", "x": 1}]}, "parts[0].x", "is not known here; allowed: partKey, size"),
        ({"parts": ["a"]}, "parts[0]", "'a' is refused; an object is wanted"),
        ({"sizes": {"a": "1"}}, "sizes.a", "'1' is refused; a number is wanted"),
        ({"sizes": {"a": True}}, "sizes.a", "True is refused; a number is wanted"),
        ({"sizes": 3}, "sizes", "3 is refused; an object is wanted"),
        ({"tags": {"A.b": 1}}, "tags.A.b", "the name is refused; only a to z are allowed"),
        ({"flags": {"Y": "1"}}, "flags.Y", "is not known here; allowed: X"),
        ({"sha256": "ff"}, "sha256", "'ff' is refused; 64 digits of 0-9a-f are wanted"),
        ({"lid": 1}, "lid", "is not known here; allowed: boxName, kind, count, "),
    ],
)
def test_a_finding_names_the_key_the_value_and_what_is_allowed(more: dict[str, Any], path: str, reason: str) -> None:
    _, (failure,) = Box.check({**GOOD, **more})
    assert failure.path == path
    assert failure.reason.startswith(reason)


def test_every_finding_is_told_at_once() -> None:
    _, failures = Box.check({"parts": [{}], "count": 0, "kind": "top", "sizes": {"a": "", "b": ""}})
    assert [failure.path for failure in failures] == [
        "boxName",
        "kind",
        "count",
        "parts[0].partKey",
        "sizes.a",
        "sizes.b",
    ]


def test_what_a_preview_does_not_know_is_let_pass_wherever_it_lies() -> None:
    unknown = dict.fromkeys(("boxName", "kind", "count", "isOpen", "colour", "sha256"), UNKNOWN)
    nested = {
        "parts": [UNKNOWN, {"partKey": UNKNOWN}],
        "sizes": {"a": UNKNOWN},
        "tags": UNKNOWN,
        "flags": {"X": UNKNOWN},
    }
    inputs, failures = Box.check({**unknown, **nested})
    assert failures == []
    assert inputs == {**unknown, **nested}


def test_the_engines_own_keys_are_no_inputs() -> None:
    assert Box.check({**GOOD, "__internal": {}})[1] == []
