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


class Nowhere(Enum):
    NOWHERE = "nowhere"


UNDEFINED = Undefined.UNDEFINED
NOWHERE = Nowhere.NOWHERE
Value = bool | float | str | None | Undefined | Nowhere
"""None is `null`. NOWHERE, what a path into the body finds where nothing is, is a `null` to all but `is_null`."""


class Kind(Enum):
    """The type of an expression as far as it is known before a message comes; `ANY` only for `$body` queries."""

    BOOL = "bool"
    NUMBER = "number"
    STRING = "string"
    NULL = "null"
    UNDEFINED = "undefined"
    ANY = "unknown"


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


_RANKS: dict[type, int] = {bool: 1, float: 2, str: 3, type(None): 4}


def compare(left: Value, right: Value) -> int | Undefined:
    """Unlike types are ordered by type, as in the original: so `=` is false and `!=` true between them."""
    if left is UNDEFINED or right is UNDEFINED:
        return UNDEFINED
    if isinstance(left, str) and isinstance(right, str):
        return _order_of_texts(left, right)
    if isinstance(left, float) and isinstance(right, float):
        return _order_of_numbers(left, right)
    first, second = _plain(left), _plain(right)
    if type(first) is not type(second):
        return _RANKS[type(first)] - _RANKS[type(second)]
    return 0 if first is second else 1 if first else -1  # null, or two bools


def _order_of_texts(left: str, right: str) -> int:
    if left == right:
        return 0
    if left.isascii() and right.isascii():
        return -1 if left < right else 1
    return -1 if units(left) < units(right) else 1


def _order_of_numbers(left: float, right: float) -> int:
    """A NaN is below every number, and its own equal."""
    if left == right:
        return 0
    if left < right or left > right:
        return -1 if left < right else 1
    return math.isnan(right) - math.isnan(left)


def _plain(value: Value) -> Value:
    return None if value is NOWHERE else value


def units(text: str) -> bytes:
    """What a text is to the original: UTF-16, two bytes for each of its characters."""
    return text.encode("utf-16-be", "surrogatepass")


def of_units(text: bytes) -> str:
    return text.decode("utf-16-be", "surrogatepass")
