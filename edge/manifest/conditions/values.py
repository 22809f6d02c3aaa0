"""Values of a twin and the three-valued logic over them, as IoT Hub's query language has it.

Comparing a missing value, or values of unlike types, is neither true nor false: None here.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Undefined = None  # a path that is not there; JSON null is NULL
NULL = object()
Node = Callable[[Mapping[str, Any]], Any]
"""Evaluates a part of a condition for one device's twin."""

COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
ARITHMETIC: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": lambda a, b: a / b if b else None,
    "%": lambda a, b: a % b if b else None,
}


def lookup(device: Mapping[str, Any], path: Sequence[str]) -> Any:
    """What the twin holds there; Undefined where it holds nothing."""
    value: Any = device
    for part in path:
        if not isinstance(value, Mapping) or part not in value:
            return Undefined
        value = value[part]
    return NULL if value is None else value


def arithmetic(apply: Callable[[Any, Any], Any], left: Node, right: Node) -> Node:
    def node(device: Mapping[str, Any]) -> Any:
        a, b = left(device), right(device)
        return apply(a, b) if _is_number(a) and _is_number(b) else Undefined

    return node


def compared(compare: Callable[[Any, Any], bool], a: Any, b: Any) -> bool | None:
    if a is Undefined or b is Undefined:
        return None
    if (_is_number(a) and _is_number(b)) or (isinstance(a, str) and isinstance(b, str)):
        return compare(a, b)
    if (isinstance(a, bool) and isinstance(b, bool)) or (a is NULL and b is NULL):
        return compare(a, b) if compare in (operator.eq, operator.ne) else None
    return None


def member(value: Any, members: Sequence[Any], is_in: bool) -> bool | None:
    """`is_in`: IN was asked; else NIN."""
    if value is Undefined:
        return None
    is_member = any(compared(operator.eq, value, one) is True for one in members)
    return is_member == is_in


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def negated(value: Any) -> bool | None:
    return (not value) if isinstance(value, bool) else None


def any_of(values: Sequence[Any]) -> bool | None:
    if any(value is True for value in values):
        return True
    return False if all(value is False for value in values) else None


def all_of(values: Sequence[Any]) -> bool | None:
    if any(value is False for value in values):
        return False
    return True if all(value is True for value in values) else None
