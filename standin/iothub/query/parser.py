"""IoT Hub's query language: text to tree, by recursive descent.

    query      = SELECT [TOP n] ('*' | column {',' column}) FROM ('devices' | 'devices.modules')
                 [WHERE expression] [GROUP BY path {',' path}]
    column     = (path | COUNT '(' [path] ')') [[AS] name]
    expression = conjunction {OR conjunction}
    conjunction= negation {AND negation}
    negation   = NOT negation | comparison
    comparison = sum [('=' | '!=' | '<>' | '<' | '<=' | '>' | '>=') sum | [NOT] IN list | NIN list]
    sum        = product {('+' | '-') product}
    product    = unary {('*' | '/' | '%') unary}
    unary      = '-' unary | '(' expression ')' | IS_DEFINED '(' path ')' | constant | path

https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-query-language
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from standin.iothub.query.syntax import (
    Binary,
    Column,
    Constant,
    Count,
    Expression,
    IsDefined,
    Logical,
    Membership,
    Negative,
    Not,
    Path,
    Select,
)
from standin.iothub.query.tokens import Kind, QuerySyntaxError, Token, tokens
from standin.iothub.query.values import UNDEFINED

QUERY_LIMIT = 8192
# Far more than a person writes, and far from the interpreter's own limit of recursion.
_NESTING_LIMIT = 40
_CHAIN_LIMIT = 100

_CONSTANTS = {"TRUE": True, "FALSE": False, "NULL": None, "UNDEFINED": UNDEFINED}
_RESERVED = frozenset({*_CONSTANTS, "AND", "OR", "NOT", "IN", "NIN", "SELECT", "FROM", "WHERE", "GROUP", "BY", "AS"})
_COMPARISONS = {"=": "=", "!=": "!=", "<>": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_SOURCES = ("devices", "devices.modules")


def parse_query(text: str) -> Select:
    if len(text) > QUERY_LIMIT:
        raise QuerySyntaxError(f"A query has at most {QUERY_LIMIT} characters, this one has {len(text)}", QUERY_LIMIT)
    return _Parser(tokens(text)).query()


def parse_expression(text: str, *, double_quotes: bool = False) -> Expression:
    parser = _Parser(tokens(text, double_quotes=double_quotes))
    expression = parser.expression()
    parser.end()
    return expression


class _Parser:
    def __init__(self, words: list[Token]) -> None:
        self._words = words
        self._index = 0
        self._nesting = 0

    @property
    def _next(self) -> Token:
        return self._words[self._index]

    def _is(self, *kinds: Kind) -> bool:
        return self._next.kind in kinds

    def _advance(self) -> Token:
        token = self._next
        self._index += 1
        return token

    def _fail(self, expected: str) -> QuerySyntaxError:
        return QuerySyntaxError(f"Expected {expected}, found {self._next}", self._next.position)

    def _keyword(self, word: str) -> bool:
        if self._next.keyword() != word:
            return False
        self._index += 1
        return True

    def _symbol(self, *texts: str) -> str | None:
        if not self._is(Kind.SYMBOL) or self._next.text not in texts:
            return None
        return self._advance().text

    def _need_keyword(self, word: str) -> None:
        if not self._keyword(word):
            raise self._fail(word)

    def _need_symbol(self, text: str) -> None:
        if self._symbol(text) is None:
            raise self._fail(repr(text))

    def end(self) -> None:
        if not self._is(Kind.END):
            raise self._fail("an operator or the end")

    # -- the query

    def query(self) -> Select:
        self._need_keyword("SELECT")
        top = self._top()
        columns = self._columns()
        self._need_keyword("FROM")
        source = self._source()
        where = self.expression() if self._keyword("WHERE") else None
        group_by = self._group_by()
        self.end()
        return Select(columns=columns, source=source, where=where, group_by=group_by, top=top)

    def _top(self) -> int | None:
        if not self._keyword("TOP"):
            return None
        if not self._is(Kind.NUMBER) or not isinstance(self._next.value, int):
            raise self._fail("a whole number after TOP")
        return int(self._advance().value)

    def _columns(self) -> tuple[Column, ...]:
        if self._symbol("*"):
            return ()
        columns = [self._column(1)]
        while self._symbol(","):
            columns.append(self._column(len(columns) + 1))
        return tuple(columns)

    def _column(self, number: int) -> Column:
        value: Path | Count
        if self._next.keyword() == "COUNT" and self._words[self._index + 1].text == "(":
            self._index += 2
            value = Count(None if self._next.text == ")" else self._path())
            self._need_symbol(")")
            name = f"${number}"
        else:
            value = self._path()
            name = value.names[-1]
        if self._keyword("AS") or (self._is(Kind.NAME) and self._next.keyword() not in _RESERVED):
            name = self._name()
        return Column(value, name)

    def _source(self) -> str:
        position = self._next.position
        source = self._path().text.lower()
        if source not in _SOURCES:
            raise QuerySyntaxError(f"Unknown collection {source!r}, allowed are {' and '.join(_SOURCES)}", position)
        return source

    def _group_by(self) -> tuple[Path, ...]:
        if not self._keyword("GROUP"):
            return ()
        self._need_keyword("BY")
        paths = [self._path()]
        while self._symbol(","):
            paths.append(self._path())
        return tuple(paths)

    # -- expressions

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
        negated = self._next.keyword() == "NOT" and self._words[self._index + 1].keyword() == "IN"
        if negated:
            self._index += 1
        if self._keyword("IN"):
            return Membership(left, self._list(), negated)
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
        if name.keyword() != "IS_DEFINED":
            raise QuerySyntaxError(f"Unknown function {name.text!r}, allowed is IS_DEFINED", name.position)
        self._need_symbol("(")
        path = self._path()
        self._need_symbol(")")
        return IsDefined(path)

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
        if self._is(Kind.NAME) and self._next.keyword() in _RESERVED:
            raise self._fail("a property")
        names = [self._name()]
        while self._symbol("."):
            names.append(self._name())
        return Path(tuple(names), position)

    def _name(self) -> str:
        if not self._is(Kind.NAME, Kind.QUOTED_NAME):
            raise self._fail("a name")
        return self._advance().text
