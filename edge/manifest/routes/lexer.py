"""Tokens of a route, by the longest match, as edgeHub's own lexer takes them.

Azure/iotedge edge-hub/core/src/Microsoft.Azure.Devices.Routing.Core/grammar/GrammarLexer.g4: an identifier is any run
of characters but white space and `( ) < > @ , ; : \\ " / [ ] ? = { }`, so `! + - * % | '` are part of it:
`status!='ok'` is the property `status!`, an equals sign and a string.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Kind = Literal["string", "number", "operator", "query", "system", "keyword", "name", "end"]

KEYWORDS = frozenset({"SELECT", "FROM", "WHERE", "INTO", "AND", "OR", "NOT"})
_NAME = r"[^\s()<>@,;:\\\"/\[\]?={}]+"
# In the order that breaks ties between matches of the same length.
_RULES: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("string", re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"")),
    ("number", re.compile(r"0[xX][0-9a-fA-F]+|\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?")),
    ("operator", re.compile(r"\?\?|\|\||<=|>=|<>|!=|[<>=+\-*%/(),]")),
    ("system", re.compile(r"\{\$" + _NAME + r"\}")),
    ("query", re.compile(r"\$(?:" + _NAME + r"|\[\d+\])+")),
    ("name", re.compile(_NAME)),
)


class RouteSyntaxError(ValueError):
    """`column` counts from 1 in the route's text."""

    def __init__(self, reason: str, column: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.column = column


@dataclass(frozen=True, slots=True)
class Token:
    kind: Kind
    text: str
    column: int

    def is_keyword(self, word: str) -> bool:
        return self.kind == "keyword" and self.text.upper() == word

    def is_operator(self, *operators: str) -> bool:
        return self.kind == "operator" and self.text in operators


def tokens(text: str) -> list[Token]:
    lexed: list[Token] = []
    position = 0
    while position < len(text):
        if text[position].isspace():
            position += 1
            continue
        lexed.append(_longest(text, position))
        position += len(lexed[-1].text)
    lexed.append(Token("end", "", len(text) + 1))
    return lexed


def _longest(text: str, position: int) -> Token:
    best: tuple[Kind, str] | None = None
    for kind, rule in _RULES:
        match = rule.match(text, position)
        if match and (best is None or len(match[0]) > len(best[1])):
            best = (kind, match[0])
    if best is None:
        raise RouteSyntaxError(f"the character {text[position]!r} cannot stand here", position + 1)
    kind, word = best
    if kind == "name" and word.upper() in KEYWORDS:
        kind = "keyword"
    return Token(kind, word, position + 1)
