"""Types of Docker's JSON, as checks that name the place, what stands there and what is wanted.

Names count in any case, as they do for the agent and for Docker. A null is the same as nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

Check = Callable[[str, Any], Iterator[str]]
"""The place and a value -> findings."""

_FEW = 12


def text(where: str, value: Any) -> Iterator[str]:
    if not isinstance(value, str):
        yield found(where, value, "text")


def flag(where: str, value: Any) -> Iterator[str]:
    if not isinstance(value, bool):
        yield found(where, value, "true or false")


def number(low: int = -(2**63), high: int = 2**63 - 1) -> Check:
    def check(where: str, value: Any) -> Iterator[str]:
        # an infinite one has no whole part either
        whole = isinstance(value, int | float) and not isinstance(value, bool) and value - value // 1 == 0
        if not whole:
            yield found(where, value, "a whole number")
        elif not low <= value <= high:
            yield f"{where} is {value}; {low} to {high} is wanted"

    return check


def at_least(low: int) -> Check:
    """A whole number, or 0 for no limit."""
    whole = number()

    def check(where: str, value: Any) -> Iterator[str]:
        wrong = list(whole(where, value))
        yield from wrong
        if not wrong and value != 0 and value < low:
            yield f"{where} is {value}; {low} or more is wanted, or 0 for no limit"

    return check


def written(pattern: str, wanted: str) -> Check:
    """Text of a form. The text itself is not told: it may be a secret."""
    expression = re.compile(pattern, re.DOTALL)

    def check(where: str, value: Any) -> Iterator[str]:
        if not isinstance(value, str):
            yield found(where, value, wanted)
        elif not expression.fullmatch(value):
            yield f"{where} is of another form; {wanted} is wanted"

    return check


def one_of(*values: str) -> Check:
    def check(where: str, value: Any) -> Iterator[str]:
        if not isinstance(value, str) or value not in values:
            shown = repr(value) if isinstance(value, str) and len(value) < 40 else "another thing"
            yield f"{where} is {shown}; one of {', '.join(map(repr, values))} is wanted"

    return check


def listed(item: Check, *, length: int | None = None) -> Check:
    def check(where: str, value: Any) -> Iterator[str]:
        if not isinstance(value, list) or (length is not None and len(value) != length):
            yield found(where, value, "a list" if length is None else f"a list of {length}")
            return
        for index, one in enumerate(value):
            place = f"{where}[{index}]"
            yield from [found(place, one, "a value")] if one is None else item(place, one)

    return check


def mapped(item: Check, key: Check = text) -> Check:
    def check(where: str, value: Any) -> Iterator[str]:
        if not isinstance(value, Mapping):
            yield found(where, value, "an object")
            return
        for name, one in value.items():
            yield from key(f"{where}: the name {name!r}", name)
            yield from () if one is None else item(f"{where}.{name}", one)

    return check


def record(members: Mapping[str, Check], elsewhere: Mapping[str, str] | None = None) -> Check:
    """`elsewhere`: where a member belongs that is often written here instead."""
    known = {name.lower(): check for name, check in members.items()}
    places = {name.lower(): place for name, place in (elsewhere or {}).items()}
    few = f"; there are {', '.join(sorted(members))}" if len(members) <= _FEW else ""

    def check(where: str, value: Any) -> Iterator[str]:
        if not isinstance(value, Mapping):
            yield found(where, value, "an object")
            return
        for name, one in value.items():
            place = f"{where}.{name}" if where else name
            member = known.get(name.lower())
            if member is None:
                hint = f": it belongs to {places[name.lower()]}" if name.lower() in places else few
                yield f"{place} is nothing that Docker knows, so it would do nothing{hint}"
            elif one is not None:
                yield from member(place, one)

    return check


def found(where: str, value: Any, wanted: str) -> str:
    kinds = {str: "text", bool: "a boolean", int: "a number", float: "a number", list: "a list", dict: "an object"}
    kind = "null" if value is None else kinds.get(type(value), type(value).__name__)
    return f"{where} is {kind}; {wanted} is wanted"
