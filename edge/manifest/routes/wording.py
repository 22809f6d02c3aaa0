"""What is said of words that cannot stand in a condition, or ask for something else than they seem to."""

from __future__ import annotations

from difflib import get_close_matches

from edge.manifest.routes.advice import Operand
from edge.manifest.routes.lexer import Token
from edge.manifest.routes.types import FUNCTIONS, Function

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
    if name.text == "!":
        return "no function '!': write NOT"
    near = get_close_matches(name.text.lower(), FUNCTIONS, 1, 0.75)
    meant = f": {near[0]} is meant?" if near else ""
    return f"no function {name.text!r}{meant}; there are {', '.join(sorted(FUNCTIONS))}"


def signature(name: str, function: Function) -> str:
    more = ", ..." if function.repeats else ""
    ways = [", ".join(argument.value for argument in way) for way in function.takes]
    return " or ".join(f"{name}({way}{more})" for way in ways) or f"{name}(one value)"


def no_value(token: Token, source: str) -> str:
    if token.kind == "open string":
        escape = source[token.end : token.end + 1] == "\\"
        advice = "; in it \\ stands before a quote, a \\ or uXXXX only: write \\\\ for one" if escape else ""
        return f"the text that begins with {token.text!r} is not closed{advice}"
    if token.kind == "indexed":
        return f"{token.text!r} is no name: [ ] stand in paths into the body only ($body.a[0])"
    if token.kind == "keyword":
        return f"a value is wanted in the condition, found the word {token.text!r}, which can be no property's name"
    return f"a value is wanted in the condition, found {token.shown}{instead_of(token)}"


def instead_of(token: Token) -> str:
    """What to write instead of a word that cannot stand there, as the end of a sentence."""
    if token.is_operator("="):
        return "; equal is one ="
    if token.is_operator("<", ">"):
        return "; write <= or >="
    if token.is_keyword("NOT"):
        return "; NOT stands before a whole comparison: write NOT (a = 'x' OR a = 'y')"
    if token.kind in ("integer", "real") and token.text.startswith("-"):
        return "; edgeHub reads a - before a digit as a sign: write a space behind it"
    if token.kind == "name" and token.text.startswith("-"):
        return f"; edgeHub reads {token.text!r} as one name: write a space behind the -"
    remedy = _ELSEWHERE.get(token.text.upper())
    return f"; edgeHub has no {token.text}: {remedy}" if remedy else ""
