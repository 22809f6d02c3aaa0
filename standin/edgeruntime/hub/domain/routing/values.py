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


_RANKS = {bool: 1, float: 2, str: 3, type(None): 4}


def compare(left: Value, right: Value) -> int | Undefined:
    """Unlike types are ordered by type, as in the original: so `=` is false and `!=` true between them."""
    if isinstance(left, Undefined) or isinstance(right, Undefined):
        return UNDEFINED
    first, second = _plain(left), _plain(right)
    if type(first) is not type(second):
        return _RANKS[type(first)] - _RANKS[type(second)]
    if isinstance(first, float) and isinstance(second, float) and (math.isnan(first) or math.isnan(second)):
        return math.isnan(second) - math.isnan(first)  # below every number, and its own equal
    if first is None or second is None or first == second:
        return 0
    if isinstance(first, str) and isinstance(second, str):
        first, second = units(first), units(second)  # type: ignore[assignment]  # bytes, in the same order
    return -1 if first < second else 1  # type: ignore[operator]  # same type: checked above


def _plain(value: bool | float | str | Nowhere | None) -> bool | float | str | None:
    return None if isinstance(value, Nowhere) else value


def units(text: str) -> bytes:
    """What a text is to the original: UTF-16, two bytes for each of its characters."""
    return text.encode("utf-16-be", "surrogatepass")


def of_units(text: bytes) -> str:
    return text.decode("utf-16-be", "surrogatepass")
