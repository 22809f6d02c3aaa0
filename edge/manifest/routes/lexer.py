"""Tokens of a route as edgeHub's own lexer takes them: the longest match, and of equals the first rule.

https://github.com/Azure/iotedge/blob/main/edge-hub/core/src/Microsoft.Azure.Devices.Routing.Core/grammar/GrammarLexer.g4
A name is any run of characters but blank, tab, line ends and `( ) < > @ , ; : \\ " / [ ] ? = { }`. So `! + - * % | ' $`
and every other white space of Unicode are part of it: `status!='ok'` is the property `status!`, an equals sign, a text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "keyword", "string", "open string", "integer", "hex", "real", "constant",
    "operator", "system", "name", "indexed", "comment", "blank", "unknown", "end",
]  # fmt: skip

_NOT_IN_NAMES = r"""()<>@,;:\\"/?={} \t\n\r"""
_ESCAPE = r"""\\(?:["'\\]|u[0-9a-fA-F]{4})"""
_RULES: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("keyword", re.compile(r"(?:select|from|where|into|and|or|not)", re.IGNORECASE | re.ASCII)),
    ("string", re.compile(rf"\"(?:{_ESCAPE}|[^\"\\])*\"|'(?:{_ESCAPE}|[^'\\])*'")),
    ("open string", re.compile(rf"\"(?:{_ESCAPE}|[^\"\\])*|'(?:{_ESCAPE}|[^'\\])*")),
    ("integer", re.compile(r"-?[0-9]+")),
    ("hex", re.compile(r"0[xX][0-9a-fA-F]+")),
    ("real", re.compile(r"-?[0-9]*\.[0-9]+(?:[eE][+-]?[0-9]+)?|-?[0-9]*[eE][+-]?[0-9]+")),
    ("constant", re.compile(r"true|false|null|undefined")),
    ("operator", re.compile(r"\?\?|\|\||<=|>=|<>|!=|[<>=+\-*/%(),{}]")),
    ("system", re.compile(rf"\$[^{_NOT_IN_NAMES}]+")),
    ("name", re.compile(rf"[^\[\]{_NOT_IN_NAMES}]+")),
    ("indexed", re.compile(rf"[^{_NOT_IN_NAMES}]+")),
    ("blank", re.compile(r"[ \t\r\n]+")),
    ("comment", re.compile(r"/\*.*?\*/", re.DOTALL)),
    ("unknown", re.compile(r".", re.DOTALL)),
)


class RouteSyntaxError(ValueError):
    """edgeHub refuses the route. `column` counts from 1 in its text."""

    def __init__(self, reason: str, column: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.column = column


@dataclass(frozen=True, slots=True)
class Token:
    kind: Kind
    text: str
    column: int

    @property
    def end(self) -> int:
        """Where in the route's text it ends, counted from 0."""
        return self.column - 1 + len(self.text)

    @property
    def shown(self) -> str:
        return repr(self.text) if self.kind != "end" else "the end of the route"

    def is_keyword(self, word: str) -> bool:
        return self.kind == "keyword" and self.text.upper() == word

    def is_operator(self, *operators: str) -> bool:
        return self.kind == "operator" and self.text in operators


@dataclass(frozen=True, slots=True)
class Lexed:
    tokens: list[Token]
    """What the grammar sees; the last one is the end."""
    comments: list[Token]


def lex(text: str) -> Lexed:
    """Never fails: a character that no rule takes is a token of its own, as in the original."""
    lexed = Lexed([], [])
    position = 0
    while position < len(text):
        token = _longest(text, position)
        position = token.end
        if token.kind == "comment":
            lexed.comments.append(token)
        elif token.kind != "blank":
            lexed.tokens.append(token)
    lexed.tokens.append(Token("end", "", len(text) + 1))
    return lexed


def _longest(text: str, position: int) -> Token:
    found = [(kind, match[0]) for kind, rule in _RULES if (match := rule.match(text, position))]
    kind, word = max(found, key=lambda one: len(one[1]))  # the first of equals
    return Token(kind, word, position + 1)
