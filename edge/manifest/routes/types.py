"""Types of conditions before a message comes, and what each operator and function takes.

A property is a text, whatever is in it; BODY is a value of the body, of which nothing is known yet. Where its code lets
types pass and finds no operator for them (`%` of a body's value), edgeHub fails as it does for a wrong type.
https://github.com/Azure/iotedge/blob/main/edge-hub/core/src/Microsoft.Azure.Devices.Routing.Core/query/ConditionVisitor.cs
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

COMPARISONS = ("=", "!=", "<>", "<", "<=", ">", ">=")
ARITHMETIC = ("+", "-", "*", "/", "%")


class Type(Enum):
    """The values are the names that edgeHub's refusals have."""

    BOOL = "bool"
    NUMBER = "number"
    STRING = "string"
    NULL = "null"
    UNDEFINED = "undefined"
    BODY = "unknown"


@dataclass(frozen=True, slots=True)
class Function:
    takes: tuple[tuple[Type, ...], ...]
    """Alternatives; none: one argument of any type."""
    gives: Type
    repeats: bool = False
    """The last argument may come again and again."""


_N, _S, _B = Type.NUMBER, Type.STRING, Type.BOOL
FUNCTIONS: dict[str, Function] = {
    **dict.fromkeys(("abs", "exp", "square", "ceiling", "floor", "sign", "sqrt"), Function(((_N,),), _N)),
    **dict.fromkeys(("is_bool", "is_defined", "is_null", "is_number", "is_string"), Function((), _B)),
    **dict.fromkeys(("starts_with", "ends_with", "contains"), Function(((_S, _S),), _B)),
    **dict.fromkeys(("lower", "upper"), Function(((_S,),), _S)),
    "as_number": Function(((_S,), (_N,)), _N),
    "power": Function(((_N, _N),), _N),
    "length": Function(((_S,),), _N),
    "index_of": Function(((_S, _S),), _N),
    "substring": Function(((_S, _N), (_S, _N, _N)), _S),
    "concat": Function(((_S, _S),), _S, repeats=True),
}


def fits(wanted: Type, given: Type) -> bool:
    if wanted is given:
        return True
    return (given is Type.BODY and wanted is not Type.UNDEFINED) or (
        wanted is Type.BODY and given is not Type.UNDEFINED
    )


def of_unary(operator: str, operand: Type) -> Type | None:
    """None: edgeHub refuses it. `operator` is `NOT` or `-`."""
    if operator == "-":  # a body's value has no minus
        return operand if operand is Type.NUMBER else None
    return Type.BOOL if operand is Type.NULL or fits(Type.BOOL, operand) else None


def of_binary(operator: str, left: Type, right: Type) -> Type | None:
    """None: edgeHub refuses it."""
    if not is_let_through(operator, left, right):
        return None
    if operator in ("AND", "OR"):
        return _of_logic(operator, left, right)
    has_body = Type.BODY in (left, right)
    if operator in COMPARISONS:
        return Type.BOOL
    if operator in ARITHMETIC:
        if has_body:  # added, subtracted, multiplied, divided; but no remainder
            return None if operator == "%" else Type.BODY
        return Type.NUMBER
    if operator == "||":
        return Type.STRING
    return Type.BODY if has_body else left  # ??


def wanted_by(operator: str, left: Type) -> Type:
    """What both operands must be; a comparison goes by its left one."""
    if operator in ARITHMETIC:
        return Type.NUMBER
    if operator == "||":
        return Type.STRING
    return Type.BOOL if operator in ("AND", "OR") else left


def is_let_through(operator: str, left: Type, right: Type) -> bool:
    """By edgeHub's own check. In AND and OR it asks the left operand for a body's value on both sides: on the right
    alone it is refused."""
    if operator in ("AND", "OR"):
        known = (Type.NULL, Type.BOOL, Type.UNDEFINED)
        return left is Type.BODY or (left in known and right in known)
    wanted = wanted_by(operator, left)
    return fits(wanted, left) and fits(wanted, right)


def _of_logic(operator: str, left: Type, right: Type) -> Type | None:
    if {left, right} == {Type.NULL, Type.UNDEFINED}:
        return None
    if operator == "AND" and Type.NULL in (left, right):
        return None if left is Type.BODY else Type.NULL
    return Type.NULL if left is right is Type.NULL else Type.BOOL


def takes(function: Function, given: Sequence[Type]) -> bool:
    if not function.takes:
        return len(given) == 1
    return any(_takes(wanted, given, function.repeats) for wanted in function.takes)


def _takes(wanted: tuple[Type, ...], given: Sequence[Type], repeats: bool) -> bool:
    if repeats:
        wanted += wanted[-1:] * (len(given) - len(wanted))
    return len(wanted) == len(given) and all(map(fits, wanted, given))
