"""Values and static types of route conditions: three-valued, with `Undefined` apart from `null`.

https://github.com/Azure/iotedge/tree/main/edge-hub/core/src/Microsoft.Azure.Devices.Routing.Core/query
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from standin.edgeruntime.hub.domain.messages.message import Message


class Undefined(Enum):
    UNDEFINED = "undefined"


UNDEFINED = Undefined.UNDEFINED
Value = bool | float | str | None | Undefined
"""None is `null`."""


class Kind(Enum):
    """The type of an expression as far as it is known before a message comes; `ANY` only for `$body` queries."""

    BOOL = "bool"
    NUMBER = "number"
    STRING = "string"
    NULL = "null"
    UNDEFINED = "undefined"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class Node:
    kind: Kind
    value: Callable[[Message], Value]


def accepts(expected: Kind, given: Kind) -> bool:
    if expected is given:
        return True
    return (given is Kind.ANY and expected is not Kind.UNDEFINED) or (
        expected is Kind.ANY and given is not Kind.UNDEFINED
    )


def constant(kind: Kind, value: Value) -> Node:
    return Node(kind, lambda _: value)


def number(value: Value) -> float | Undefined:
    """NaN is how the original spells an undefined number."""
    if isinstance(value, float) and not math.isnan(value):
        return value
    return UNDEFINED


_RANKS = {bool: 1, float: 2, str: 3, type(None): 4}


def compare(left: Value, right: Value) -> int | Undefined:
    """Unlike types are ordered by type, as in the original: so `=` is false and `!=` true between them."""
    if isinstance(left, Undefined) or isinstance(right, Undefined):
        return UNDEFINED
    if type(left) is not type(right):
        return _RANKS[type(left)] - _RANKS[type(right)]
    if left is None or right is None or left == right:
        return 0
    return -1 if left < right else 1  # type: ignore[operator]  # same type: checked above
