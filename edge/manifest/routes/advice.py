"""What is said of types that edgeHub refuses, in its own words, and what to write instead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from edge.manifest.routes.types import ARITHMETIC, COMPARISONS, Type, is_let_through, wanted_by

Form = Literal["property", "literal", "body", "comparison", "negation", "other"]


@dataclass(frozen=True, slots=True)
class Operand:
    """A part of a condition: its type, its text in the route, and what stands there."""

    type: Type
    form: Form
    text: str
    column: int
    trap: str | None = None
    """Of a name: why it is not what it looks like."""


def binary_fault(operator: str, left: Operand, right: Operand) -> str:
    """In edgeHub's own words, with the remedy behind them."""
    wanted, given = wanted_by(operator, left.type).value, f"'{left.type.value}' and '{right.type.value}'"
    reason = f"edgeHub refuses it: The binary operator '{operator}' is not defined for {given}"
    if not is_let_through(operator, left.type, right.type):
        expected = f"'{wanted}' and '{wanted}'"
        reason = (
            f"edgeHub refuses it: Invalid operands to binary operator '{operator}': have {given}, expected {expected}"
        )
    return reason + _then(left.trap or right.trap or _remedy(operator, left, right))


def unary_fault(operator: str, operand: Operand, compared_by: str | None) -> str:
    """`compared_by`: the comparison that follows."""
    wanted = "number" if operator == "-" else "bool"
    reason = (
        f"edgeHub refuses it: Invalid operands to unary operator '{operator}': have '{operand.type.value}', "
        f"expected '{wanted}'"
    )
    if operand.type is Type.BODY:
        reason = f"edgeHub refuses it: The unary operator '{operator}' is not defined for '{operand.type.value}'"
    if operator == "-" and operand.type in (Type.BODY, Type.STRING):
        return f"{reason}; write 0 - {_as_number(operand)}"
    if operator != "-" and compared_by:
        return f"{reason}; NOT binds tighter than {compared_by}: write NOT ({operand.text} {compared_by} ...)"
    if operator != "-" and operand.form == "property":
        return f"{reason}; {_a_property(operand)}: write NOT ({operand.text} = 'true')"
    return reason + _then(operand.trap)


def call_fault(name: str, arguments: Sequence[Operand], wanted: str, are_numbers: bool) -> str:
    """`are_numbers`: it takes as many, and numbers only."""
    given = ", ".join(argument.type.value for argument in arguments)
    reason = f"edgeHub refuses it: Invalid arguments to built-in function '{name}': {name}({given}); it takes {wanted}"
    trap = next((argument.trap for argument in arguments if argument.trap), None)
    text = next((argument for argument in arguments if argument.form == "property"), None)
    if trap is None and are_numbers and text:
        return f"{reason}; {_a_property(text)}: write as_number({text.text})"
    return reason + _then(trap)


def _remedy(operator: str, left: Operand, right: Operand) -> str | None:
    if operator in ("AND", "OR"):
        return _logic_remedy(left, right)
    if operator in COMPARISONS and left.form == "negation":
        return f"NOT binds tighter than {operator}: write NOT (... {operator} ...)"
    if operator in COMPARISONS and Type.BOOL in (left.type, right.type) and "comparison" in (left.form, right.form):
        return "one comparison stands in another: AND or OR is wanted between two"
    if operator in COMPARISONS and left.type is Type.BOOL and right.text.strip("'\"") in ("true", "false"):
        return f"write {left.text} {operator} {right.text[1:-1]}"
    if operator == "??" and right.form == "comparison":
        return f"?? binds looser than all others: write ({left.text} ?? ...) with what it is compared by behind it"
    if operator == "||" and Type.BOOL in (left.type, right.type):
        return "|| joins texts: write OR"
    if operator in ARITHMETIC:
        strings = [one for one in (left, right) if one.type in (Type.STRING, Type.BODY) and one.form != "literal"]
        return f"write {_numbers(operator, left, right)}" if strings else None
    text = next((one for one in (left, right) if one.form == "property"), None)
    other = right if text is left else left
    return _property_remedy(operator, text, other, left, right) if text else _existence(operator, left, right)


def _logic_remedy(left: Operand, right: Operand) -> str | None:
    for one in (left, right):
        if one.form == "property":
            return f"{_a_property(one)}: write {one.text} = 'true'"
        if one.type is Type.BODY:
            return f"a value of the body can stand alone on the left of AND and OR only: write {one.text} = true"
    return None


def _property_remedy(operator: str, text: Operand, other: Operand, left: Operand, right: Operand) -> str | None:
    if other.type is Type.NUMBER:
        return f"{_a_property(text)}: write {_numbers(operator, left, right)}"
    if other.type is Type.BOOL and other.form == "literal":
        quoted = [f"'{one.text}'" if one is other else one.text for one in (left, right)]
        return f"{_a_property(text)}: write {quoted[0]} {operator} {quoted[1]}"
    return _existence(operator, left, right)


def _existence(operator: str, left: Operand, right: Operand) -> str | None:
    """`x = null` where x cannot be null, `x = undefined` anywhere."""
    for one, other in ((left, right), (right, left)):
        if one.form == "literal" and one.type in (Type.NULL, Type.UNDEFINED) and other.form in ("property", "body"):
            if operator not in ("=", "!=", "<>"):
                return None
            if other.form == "body":  # what is not in a body is null
                return f"write {other.text} {operator} null"
            return f"write {'NOT ' if operator == '=' else ''}is_defined({other.text})"
    return None


def _numbers(operator: str, left: Operand, right: Operand) -> str:
    return f"{_as_number(left, operator)} {operator} {_as_number(right, operator)}"


def _as_number(operand: Operand, operator: str = "%") -> str:
    is_text = operand.type is Type.STRING and operand.form != "literal"
    return f"as_number({operand.text})" if is_text or (operand.type is Type.BODY and operator == "%") else operand.text


def _a_property(operand: Operand) -> str:
    return f"the property {operand.text} is a text"


def _then(remedy: str | None) -> str:
    return f"; {remedy}" if remedy else ""
