"""Expressions of IoT Hub's query language: text to tree, by recursive descent.

    expression = conjunction {OR conjunction}
    conjunction= negation {AND negation}
    negation   = NOT negation | comparison
    comparison = sum [('=' | '!=' | '<>' | '<' | '<=' | '>' | '>=') sum | IN list | NIN list]
    sum        = product {('+' | '-') product}
    product    = unary {('*' | '/' | '%') unary}
    unary      = '-' unary | '(' expression ')' | function | constant | path
    function   = IS_DEFINED '(' path ')' | (STARTSWITH | ENDSWITH) '(' path ',' string ')'

https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-query-language#expressions-and-conditions
The functions of message routing (STARTS_WITH, IS_STRING, ...) are not of queries; STARTSWITH and ENDSWITH are
(MicrosoftDocs/azure-docs#110329). `group` is a name only in [[ ]] (MicrosoftDocs/azure-docs#17106).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from standin.iothub.query.cursor import Cursor
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
from standin.iothub.query.tokens import Kind, QuerySyntaxError
from standin.iothub.query.values import UNDEFINED

# Far more than a person writes, and far from the interpreter's own limit of recursion.
_NESTING_LIMIT = 40
_CHAIN_LIMIT = 100

_CONSTANTS = {"TRUE": True, "FALSE": False, "NULL": None, "UNDEFINED": UNDEFINED}
RESERVED = frozenset({*_CONSTANTS, "AND", "OR", "NOT", "IN", "NIN", "SELECT", "FROM", "WHERE", "GROUP", "BY", "AS"})
_COMPARISONS = {"=": "=", "!=": "!=", "<>": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_FUNCTIONS = ("IS_DEFINED", "STARTSWITH", "ENDSWITH")


class Expressions(Cursor):
    def expression(self) -> Expression:
        self._nesting += 1
        if self._nesting > _NESTING_LIMIT:
            raise QuerySyntaxError(f"Nested more than {_NESTING_LIMIT} deep", self._next.position)
        operands = [self._conjunction()]
        while self._keyword("OR"):
            operands.append(self._conjunction())
        self._nesting -= 1
        return operands[0] if len(operands) == 1 else Logical("OR", tuple(operands))

    def _conjunction(self) -> Expression:
        operands = [self._negation()]
        while self._keyword("AND"):
            operands.append(self._negation())
        return operands[0] if len(operands) == 1 else Logical("AND", tuple(operands))

    def _negation(self) -> Expression:
        count = 0
        while self._keyword("NOT"):
            count += 1
        operand = self._comparison()
        # in three-valued logic two negations cancel as well
        return Not(operand) if count % 2 else operand if count == 0 else Not(Not(operand))

    def _comparison(self) -> Expression:
        left = self._sum()
        sign = self._symbol(*_COMPARISONS)
        if sign is not None:
            return Binary(_COMPARISONS[sign], left, self._sum())
        if self._keyword("IN"):
            return Membership(left, self._list(), False)
        if self._keyword("NIN"):
            return Membership(left, self._list(), True)
        return left

    def _list(self) -> tuple[Any, ...]:
        self._need_symbol("[")
        options = [self._constant()]
        while self._symbol(","):
            options.append(self._constant())
        self._need_symbol("]")
        return tuple(options)

    def _sum(self) -> Expression:
        return self._chain(("+", "-"), self._product)

    def _product(self) -> Expression:
        return self._chain(("*", "/", "%"), self._unary)

    def _chain(self, signs: tuple[str, ...], operand: Callable[[], Expression]) -> Expression:
        left = operand()
        length = 0
        while sign := self._symbol(*signs):
            length += 1
            if length > _CHAIN_LIMIT:
                raise QuerySyntaxError(f"More than {_CHAIN_LIMIT} operators in a row", self._next.position)
            left = Binary(sign, left, operand())
        return left

    def _unary(self) -> Expression:
        count = 0
        while self._symbol("-"):
            count += 1
        operand = self._primary()
        for _ in range(min(count, 2 - count % 2)):
            operand = Negative(operand)
        return operand

    def _primary(self) -> Expression:
        if self._symbol("("):
            inner = self.expression()
            self._need_symbol(")")
            return inner
        if self._is(Kind.NUMBER, Kind.STRING) or self._next.keyword() in _CONSTANTS:
            return Constant(self._constant())
        if self._is(Kind.NAME) and self._words[self._index + 1].text == "(":
            return self._function()
        return self._path()

    def _function(self) -> Expression:
        name = self._advance()
        function = name.keyword()
        if function not in _FUNCTIONS:
            allowed = ", ".join(_FUNCTIONS)
            raise QuerySyntaxError(f"Unknown function {name.text!r}, of queries are {allowed}", name.position)
        self._need_symbol("(")
        path = self._path()
        if function == "IS_DEFINED":
            self._need_symbol(")")
            return IsDefined(path)
        self._need_symbol(",")
        if not self._is(Kind.STRING):
            raise self._fail("a string")
        part = self._advance().value
        self._need_symbol(")")
        return Affix(function, path, part)

    def _constant(self) -> Any:
        if self._is(Kind.NUMBER, Kind.STRING):
            return self._advance().value
        if self._next.keyword() in _CONSTANTS:
            return _CONSTANTS[self._advance().keyword()]
        if self._symbol("-"):
            if not self._is(Kind.NUMBER):
                raise self._fail("a number")
            return -self._advance().value
        raise self._fail("a constant")

    def _path(self) -> Path:
        position = self._next.position
        names = [self._name()]
        while self._symbol("."):
            names.append(self._name())
        return Path(tuple(names), position)

    def _name(self) -> str:
        if self._is(Kind.NAME) and self._next.keyword() in RESERVED:
            found = self._next.text
            raise QuerySyntaxError(
                f"Expected a name, found {found!r}: as a name it is [[{found}]]", self._next.position
            )
        if not self._is(Kind.NAME, Kind.QUOTED_NAME):
            raise self._fail("a name")
        return self._advance().text
