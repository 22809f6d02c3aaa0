"""What is said of a condition that edgeHub refuses, or takes otherwise than it looks, and what to write instead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from edge.manifest.routes.lexer import Token
from edge.manifest.routes.types import ARITHMETIC, COMPARISONS, FUNCTIONS, Type, wanted_by

Form = Literal["property", "literal", "body", "comparison", "other"]


_ELSEWHERE = {
    "IN": "write x = 'a' OR x = 'b'",
    "NIN": "write x != 'a' AND x != 'b'",
    "LIKE": "there are starts_with, ends_with and contains",
    "IS": "there are is_defined, is_null, is_bool, is_number and is_string",
    "BETWEEN": "write x >= a AND x <= b",
    "&&": "write AND",
    "&": "write AND",
    "|": "write OR",
}
"""Words of other languages, and what this one has."""


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
    wanted = wanted_by(operator, left.type).value
    reason = (
        f"edgeHub refuses it: Invalid operands to binary operator '{operator}': have '{left.type.value}' and "
        f"'{right.type.value}', expected '{wanted}' and '{wanted}'"
    )
    return reason + _then(left.trap or right.trap or _remedy(operator, left, right))


def unary_fault(operator: str, operand: Operand, compared_by: str | None) -> str:
    """`compared_by`: the comparison that follows."""
    wanted = "number" if operator == "-" else "bool"
    reason = (
        f"edgeHub refuses it: Invalid operands to unary operator '{operator}': have '{operand.type.value}', "
        f"expected '{wanted}'"
    )
    if operator == "-" and operand.type in (Type.BODY, Type.STRING):
        return f"{reason}; write 0 - {_as_number(operand)}"
    if operator != "-" and compared_by:
        return f"{reason}; NOT binds tighter than {compared_by}: write NOT ({operand.text} {compared_by} ...)"
    if operator != "-" and operand.form == "property":
        return f"{reason}; {_a_property(operand)}: write NOT ({operand.text} = 'true')"
    return reason + _then(operand.trap)


def call_fault(name: str, arguments: Sequence[Operand], wanted: str, takes_number: bool) -> str:
    given = ", ".join(argument.type.value for argument in arguments)
    reason = f"edgeHub refuses it: Invalid arguments to built-in function '{name}': {name}({given}); it takes {wanted}"
    trap = next((argument.trap for argument in arguments if argument.trap), None)
    text = next((argument for argument in arguments if argument.form == "property"), None)
    if trap is None and takes_number and text:
        return f"{reason}; {_a_property(text)}: write as_number({text.text})"
    return reason + _then(trap)


def _remedy(operator: str, left: Operand, right: Operand) -> str | None:
    if operator in ("AND", "OR"):
        return _logic_remedy(left, right)
    if operator in COMPARISONS and Type.BOOL in (left.type, right.type) and "comparison" in (left.form, right.form):
        return "one comparison stands in another: AND or OR is wanted between two"
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


def never(whole: Operand) -> str:
    advice = f": write {whole.text} = 'true' or is_defined({whole.text})" if whole.form == "property" else ""
    return f"a condition of the type {whole.type.value!r} is never true{advice}"


def wrong_question(function: str, argument: Operand) -> str:
    answer = "true of every value that is there" if function == "is_null" else "true also of what is not there"
    remedy = "= null" if function == "is_null" else "!= null"
    return f"{function} is {answer}, where it is asked of a body: write {argument.text} {remedy}"


def no_function(name: Token) -> str:
    if name.text.upper() in _ELSEWHERE:
        return f"edgeHub has no {name.text}{instead_of(name)}"
    if name.text.lower() == "twin_change_includes":
        return "edgeHub refuses twin_change_includes in every route; ask for $body.<path>"
    if name.text.startswith("-") and name.text[1:].lower() in FUNCTIONS:
        return f"no function {name.text!r}: write a space after the -"
    return f"no function {name.text!r}; there are {', '.join(sorted(FUNCTIONS))}"


def signature(name: str, ways: Sequence[tuple[str, ...]], repeats: bool) -> str:
    more = ", ..." if repeats else ""
    return " or ".join(f"{name}({', '.join(way)}{more})" for way in ways) or f"{name}(one value)"


def no_value(token: Token) -> str:
    if token.kind == "open string":
        return (
            f"the text that begins with {token.text!r} is not closed; in a text \\ stands before a quote, "
            "a \\ or uXXXX only: write \\\\ for one"
        )
    if token.kind == "indexed":
        return f"{token.text!r} is no name: [ ] stand in paths into the body only ($body.a[0])"
    if token.kind == "keyword":
        return f"a value is wanted in the condition, found the word {token.text!r}, which can be no property's name"
    return f"a value is wanted in the condition, found {token.shown}{instead_of(token)}"


def instead_of(token: Token) -> str:
    """What to write instead of a word that cannot stand there, as the end of a sentence."""
    if token.is_operator("="):
        return "; equal is one ="
    if token.kind in ("integer", "real") and token.text.startswith("-"):
        return "; edgeHub reads a - before a digit as a sign: write a space behind it"
    if token.kind == "name" and token.text.startswith("-"):
        return f"; edgeHub reads {token.text!r} as one name: write a space behind the -"
    remedy = _ELSEWHERE.get(token.text.upper())
    return f"; edgeHub has no {token.text}: {remedy}" if remedy else ""
