"""Operators of route conditions: of two static types the type of the result (refused early where they can never fit)
and a function of two values (undefined late).

https://github.com/Azure/iotedge/blob/main/edge-hub/core/src/Microsoft.Azure.Devices.Routing.Core/query/ConditionVisitor.cs
https://github.com/Azure/iotedge/blob/main/edge-hub/core/src/Microsoft.Azure.Devices.Routing.Core/query/types/QueryValue.cs
"""

from __future__ import annotations

import math
import operator as op
from collections.abc import Callable

from standin.edgeruntime.hub.domain.messages.message import Message
from standin.edgeruntime.hub.domain.routing.errors import RouteError
from standin.edgeruntime.hub.domain.routing.values import UNDEFINED, Kind, Node, Undefined, Value, accepts, compare

Combine = Callable[[Value, Value], Value]

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
    return left / right if right else math.nan if not left else math.copysign(math.inf, left) * math.copysign(1, right)


_ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "*": op.mul,
    "/": _divide,
    "%": lambda left, right: math.fmod(left, right) if right and math.isfinite(left) else math.nan,
    "+": op.add,
    "-": op.sub,
}


def binary(operator: str, left: Kind, right: Kind) -> tuple[Kind, Combine]:
    if operator in _ORDER:
        _require(operator, left, left, right)
        return Kind.BOOL, _comparison(_ORDER[operator])
    if operator in _ARITHMETIC:
        _require(operator, Kind.NUMBER, left, right)
        return _arithmetic(operator, is_of_body=Kind.ANY in (left, right))
    if operator == "||":
        _require(operator, Kind.STRING, left, right)
        return Kind.STRING, _concatenate
    if operator == "??":
        _require(operator, left, left, right)
        return Kind.ANY if Kind.ANY in (left, right) else left, _coalesce
    return _logic(operator, left, right)


def negation(operand: Node) -> Node:
    if operand.kind is not Kind.NULL and not accepts(Kind.BOOL, operand.kind):
        raise _operand_error("unary", "NOT", Kind.BOOL, operand.kind)

    def value(message: Message) -> Value:
        result = operand.value(message)
        return not result if isinstance(result, bool) else UNDEFINED

    return Node(Kind.BOOL, value if operand.kind is not Kind.NULL else lambda _: True)


def minus(operand: Node) -> Node:
    if not accepts(Kind.NUMBER, operand.kind):
        raise _operand_error("unary", "-", Kind.NUMBER, operand.kind)
    if operand.kind is Kind.ANY:
        raise _no_operator("-", Kind.ANY)

    def value(message: Message) -> Value:
        result = operand.value(message)
        return -result if isinstance(result, float) else UNDEFINED

    return Node(Kind.NUMBER, value)


def _comparison(order: Callable[[int, int], bool]) -> Combine:
    def combine(left: Value, right: Value) -> Value:
        result = compare(left, right)
        return order(result, 0) if isinstance(result, int) else UNDEFINED

    return combine


def _arithmetic(operator: str, *, is_of_body: bool) -> tuple[Kind, Combine]:
    """A NaN is an undefined number, but among values of the body a number like others."""
    if is_of_body and operator == "%":
        raise _no_operator("%", Kind.ANY, Kind.ANY)
    run = _ARITHMETIC[operator]

    def combine(left: Value, right: Value) -> Value:
        if not isinstance(left, float) or not isinstance(right, float):
            return UNDEFINED
        result = run(left, right)
        return UNDEFINED if math.isnan(result) and not is_of_body else result

    return Kind.ANY if is_of_body else Kind.NUMBER, combine


def _concatenate(left: Value, right: Value) -> Value:
    return left + right if isinstance(left, str) and isinstance(right, str) else UNDEFINED


def _coalesce(left: Value, right: Value) -> Value:
    return right if isinstance(left, Undefined) else left


def _logic(operator: str, left: Kind, right: Kind) -> tuple[Kind, Combine]:
    """The original asks the left operand for a value of the body on both sides, so on the right alone it is refused."""
    known = (Kind.BOOL, Kind.NULL, Kind.UNDEFINED)
    if left is not Kind.ANY and (left not in known or right not in known):
        raise _operand_error("binary", operator.upper(), Kind.BOOL, left, right)
    if {left, right} == {Kind.NULL, Kind.UNDEFINED} or (operator == "and" and (left, right) == (Kind.ANY, Kind.NULL)):
        raise _no_operator(operator.upper(), left, right)
    deciding = operator == "or"
    if left is Kind.ANY:
        return Kind.BOOL, lambda first, second: _of_both(deciding, first, second)
    if Kind.NULL in (left, right):
        return _with_null(deciding, left, right)
    return Kind.BOOL, lambda first, second: _of_known(deciding, first, second)


def _of_both(deciding: bool, first: Value, second: Value) -> Value:
    if isinstance(first, bool) and isinstance(second, bool):
        return (first or second) if deciding else (first and second)
    return UNDEFINED


def _of_known(deciding: bool, first: Value, second: Value) -> Value:
    """One of two can decide alone."""
    return deciding if first is deciding or second is deciding else _of_both(deciding, first, second)


def _with_null(deciding: bool, left: Kind, right: Kind) -> tuple[Kind, Combine]:
    if deciding and left is not right:
        return Kind.BOOL, lambda first, second: second if left is Kind.NULL else first
    return Kind.NULL, lambda first, second: None


def _require(operator: str, expected: Kind, left: Kind, right: Kind) -> None:
    if not (accepts(expected, left) and accepts(expected, right)):
        raise _operand_error("binary", operator, expected, left, right)


def _operand_error(arity: str, operator: str, expected: Kind, *given: Kind) -> RouteError:
    have = " and ".join(f"'{kind.value}'" for kind in given)
    want = " and ".join([f"'{expected.value}'"] * len(given))
    return RouteError(f"Invalid operands to {arity} operator '{operator}': have {have}, expected {want}")


def _no_operator(operator: str, *given: Kind) -> RouteError:
    """The original passes these types and then finds no code for them."""
    arity = "unary" if len(given) == 1 else "binary"
    kinds = " and ".join(f"'{kind.value}'" for kind in given)
    return RouteError(f"The {arity} operator {operator} is not defined for the types {kinds}")
