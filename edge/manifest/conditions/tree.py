"""A parsed target condition, and what it is for one device: true, false, or None for neither.

A missing property, and values of unlike types, compare to neither; AND, OR and NOT are those of three-valued logic.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

MISSING = object()

COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}

Path = tuple[str, ...]


class Node(Protocol):
    def of(self, device: Mapping[str, Any]) -> bool | None: ...


@dataclass(frozen=True, slots=True)
class Comparison:
    """`value` is text, a number or a boolean."""

    path: Path
    sign: str
    value: str | float | bool

    def of(self, device: Mapping[str, Any]) -> bool | None:
        found = lookup(device, self.path)
        if _kind(found) != _kind(self.value):
            return None
        return COMPARE[self.sign](found, self.value)


@dataclass(frozen=True, slots=True)
class Defined:
    path: Path

    def of(self, device: Mapping[str, Any]) -> bool:
        return lookup(device, self.path) is not MISSING


@dataclass(frozen=True, slots=True)
class Negation:
    inner: Node

    def of(self, device: Mapping[str, Any]) -> bool | None:
        value = self.inner.of(device)
        return None if value is None else not value


@dataclass(frozen=True, slots=True)
class Junction:
    """Of an OR one true decides, of an AND one false. Flat, since long conditions chain hundreds."""

    deciding: bool
    parts: Sequence[Node]

    def of(self, device: Mapping[str, Any]) -> bool | None:
        values = [part.of(device) for part in self.parts]
        if self.deciding in values:
            return self.deciding
        return None if None in values else not self.deciding


@dataclass(frozen=True, slots=True)
class Always:
    """`*`, and the empty condition, which targets nobody."""

    value: bool

    def of(self, device: Mapping[str, Any]) -> bool:
        return self.value


def lookup(device: Mapping[str, Any], path: Path) -> Any:
    value: Any = device
    for part in path:
        if not isinstance(value, Mapping) or part not in value:
            return MISSING
        value = value[part]
    return value


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    return "text" if isinstance(value, str) else f"nothing that compares: {type(value).__name__}"
