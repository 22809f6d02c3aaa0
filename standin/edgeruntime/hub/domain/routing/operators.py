"""Operators of route conditions over static types (refused early) and values (undefined late).

https://github.com/Azure/iotedge/blob/main/edge-hub/core/src/Microsoft.Azure.Devices.Routing.Core/query/ComparisonOperators.cs
"""

from __future__ import annotations

import math
import operator as op
from collections.abc import Callable

from standin.edgeruntime.hub.domain.messages.message import Message
from standin.edgeruntime.hub.domain.routing.errors import RouteError
from standin.edgeruntime.hub.domain.routing.values import UNDEFINED, Kind, Node, Undefined, Value, accepts, compare

_ORDER: dict[str, Callable[[int, int], bool]] = {
    "=": op.eq,
    "!=": op.ne,
    "<>": op.ne,
    "<": op.lt,
    "<=": op.le,
    ">": op.gt,
    ">=": op.ge,
}


def _divide(left: float, right: float) -> float:
    return left / right if right else math.nan if not left else math.copysign(math.inf, left)


_ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "*": op.mul,
    "/": _divide,
    "%": lambda left, right: math.fmod(left, right) if right and math.isfinite(left) else math.nan,
    "+": op.add,
    "-": op.sub,
}


def binary(operator: str, left: Node, right: Node) -> Node:
    if operator in _ORDER:
        _require(operator, left.kind, left, right)
        return _comparison(_ORDER[operator], left, right)
    if operator in _ARITHMETIC:
        _require(operator, Kind.NUMBER, left, right)
        return _arithmetic(_ARITHMETIC[operator], left, right)
    if operator == "||":
        _require(operator, Kind.STRING, left, right)
        return _concatenation(left, right)
    if operator == "??":
        _require(operator, left.kind, left, right)
        return _coalesce(left, right)
    _require_boolean(operator, left, right)
    return _logic(operator, left, right)


def negation(operand: Node) -> Node:
    if operand.kind is not Kind.NULL and not accepts(Kind.BOOL, operand.kind):
        raise _operand_error("unary", "NOT", Kind.BOOL, operand)

    def value(message: Message) -> Value:
        result = operand.value(message)
        return not result if isinstance(result, bool) else UNDEFINED

    return Node(Kind.BOOL, value)


def minus(operand: Node) -> Node:
    if not accepts(Kind.NUMBER, operand.kind):
        raise _operand_error("unary", "-", Kind.NUMBER, operand)

    def value(message: Message) -> Value:
        result = operand.value(message)
        return -result if isinstance(result, float) else UNDEFINED

    return Node(Kind.NUMBER, value)


def _comparison(order: Callable[[int, int], bool], left: Node, right: Node) -> Node:
    first, second = left.value, right.value

    def value(message: Message) -> Value:
        result = compare(first(message), second(message))
        return UNDEFINED if isinstance(result, Undefined) else order(result, 0)

    return Node(Kind.BOOL, value)


def _arithmetic(run: Callable[[float, float], float], left: Node, right: Node) -> Node:
    def value(message: Message) -> Value:
        first, second = left.value(message), right.value(message)
        if not isinstance(first, float) or not isinstance(second, float):
            return UNDEFINED
        result = run(first, second)
        return UNDEFINED if math.isnan(result) else result

    return Node(Kind.NUMBER, value)


def _concatenation(left: Node, right: Node) -> Node:
    def value(message: Message) -> Value:
        first, second = left.value(message), right.value(message)
        return first + second if isinstance(first, str) and isinstance(second, str) else UNDEFINED

    return Node(Kind.STRING, value)


def _coalesce(left: Node, right: Node) -> Node:
    def value(message: Message) -> Value:
        first = left.value(message)
        return right.value(message) if isinstance(first, Undefined) else first

    return Node(left.kind if left.kind is not Kind.UNDEFINED else right.kind, value)


def _logic(operator: str, left: Node, right: Node) -> Node:
    """Of two known booleans one can decide alone; next to a body query both must be there, as in the original."""
    deciding = operator == "or"
    alone = Kind.ANY not in (left.kind, right.kind)

    def value(message: Message) -> Value:
        first, second = left.value(message), right.value(message)
        if isinstance(first, bool) and isinstance(second, bool):
            return (first or second) if deciding else (first and second)
        if alone and (first is deciding or second is deciding):
            return deciding
        return UNDEFINED

    return Node(Kind.BOOL, value)


def _require(operator: str, expected: Kind, left: Node, right: Node) -> None:
    if not (accepts(expected, left.kind) and accepts(expected, right.kind)):
        raise _operand_error("binary", operator, expected, left, right)


def _require_boolean(operator: str, left: Node, right: Node) -> None:
    allowed = {Kind.BOOL, Kind.NULL, Kind.UNDEFINED, Kind.ANY}
    if left.kind not in allowed or right.kind not in allowed:
        raise _operand_error("binary", operator.upper(), Kind.BOOL, left, right)


def _operand_error(arity: str, operator: str, expected: Kind, *given: Node) -> RouteError:
    have = " and ".join(f"'{node.kind.value}'" for node in given)
    want = " and ".join([f"'{expected.value}'"] * len(given))
    return RouteError(f"Invalid operands to {arity} operator '{operator}': have {have}, expected {want}")
