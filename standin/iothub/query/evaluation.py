"""What an expression is for one document, in three-valued logic: true, false or undefined.

A missing property is undefined; so is a comparison of values of unlike types. AND, OR and NOT follow Kleene; a WHERE
passes a row only where its expression is exactly true.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from standin.iothub.query.syntax import (
    Affix,
    Binary,
    Constant,
    Expression,
    IsDefined,
    Logical,
    Membership,
    Negative,
    Not,
    Path,
)
from standin.iothub.query.values import UNDEFINED

_ORDERINGS: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}


def matches(expression: Expression, document: Mapping[str, Any]) -> bool:
    return evaluate(expression, document) is True


def lookup(path: Path, document: Mapping[str, Any]) -> Any:
    value: Any = document
    for name in path.names:
        if not isinstance(value, Mapping) or name not in value:
            return UNDEFINED
        value = value[name]
    return value


def evaluate(expression: Expression, document: Mapping[str, Any]) -> Any:
    match expression:
        case Constant(value):
            return value
        case Path():
            return lookup(expression, document)
        case Not(operand):
            return _negation(evaluate(operand, document))
        case Negative(operand):
            number = evaluate(operand, document)
            return -number if _is_number(number) else UNDEFINED
        case IsDefined(path):
            return lookup(path, document) is not UNDEFINED
        case Affix(function, path, part):
            return _affixed(function, lookup(path, document), part)
        case Membership(operand, options, negated):
            member = _member(evaluate(operand, document), options)
            return _negation(member) if negated else member
        case Logical(operator, operands):
            return _logical(operator, (evaluate(operand, document) for operand in operands))
        case Binary("=" | "!=" | "<" | "<=" | ">" | ">=" as operator, left, right):
            return _compare(operator, evaluate(left, document), evaluate(right, document))
        case Binary(operator, left, right):
            return _arithmetic(operator, evaluate(left, document), evaluate(right, document))


def _affixed(function: str, value: Any, part: str) -> Any:
    if not isinstance(value, str):
        return UNDEFINED
    return value.startswith(part) if function == "STARTSWITH" else value.endswith(part)


def _negation(value: Any) -> Any:
    return not value if isinstance(value, bool) else UNDEFINED


def _logical(operator: str, values: Iterable[Any]) -> Any:
    """One true decides an OR, one false an AND; else anything that is not a boolean makes it undefined."""
    deciding = operator == "OR"
    result: Any = not deciding
    for value in values:
        if value is deciding:
            return deciding
        if not isinstance(value, bool):
            result = UNDEFINED
    return result


def _compare(operator: str, left: Any, right: Any) -> Any:
    kind = _type(left)
    if kind is None or kind != _type(right):
        return UNDEFINED
    if operator == "=":
        return bool(left == right)
    if operator == "!=":
        return bool(left != right)
    return _ORDERINGS[operator](left, right) if kind in ("number", "string") else UNDEFINED


def _type(value: Any) -> str | None:
    """None for what compares with nothing: undefined, objects, arrays."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "number"
    if isinstance(value, str):
        return "string"
    return "null" if value is None else None


def _is_number(value: Any) -> bool:
    return _type(value) == "number"


def _member(value: Any, options: tuple[Any, ...]) -> Any:
    """`x IN [a, b]` is `x = a OR x = b`."""
    return _logical("OR", (_compare("=", value, option) for option in options))


def _arithmetic(operator: str, left: Any, right: Any) -> Any:
    if not _is_number(left) or not _is_number(right):
        return UNDEFINED
    try:
        result = _calculate(operator, left, right)
    except (ZeroDivisionError, OverflowError):
        return UNDEFINED
    return result


def _calculate(operator: str, left: Any, right: Any) -> Any:
    match operator:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case "/":
            return left / right
        case _:
            # the sign of the dividend, as in C# and SQL; Python's % takes the divisor's
            rest = abs(left) % abs(right)
            return -rest if left < 0 else rest
