"""Tokens of a route. The longest rule wins and, of equals, the first, as ANTLR has it; an identifier is any run of
characters but `()<>@,;:\\"/[]?={}` and white space, so `a!='x'` holds the identifier `a!`. What no rule takes is
for the parser to refuse: the original reads no further than the sink.

https://github.com/Azure/iotedge/blob/main/edge-hub/core/src/Microsoft.Azure.Devices.Routing.Core/grammar/GrammarLexer.g4
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_ESCAPE = r"""\\(?:["'\\]|u[0-9a-fA-F]{4})"""
_KEYWORDS = ("select", "from", "where", "into", "and", "or", "not")
_CONSTANTS = ("true", "false", "null", "undefined")
_RULES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern, re.DOTALL | re.ASCII))
    for kind, pattern in (
        *((word, f"(?i:{word})") for word in _KEYWORDS),
        ("string", rf"""\"(?:{_ESCAPE}|[^"\\])*\"|'(?:{_ESCAPE}|[^'\\])*'"""),
        ("unterminated", rf"""\"(?:{_ESCAPE}|[^"\\])*|'(?:{_ESCAPE}|[^'\\])*"""),
        ("integer", r"-?[0-9]+"),
        ("hex", r"0[xX][0-9a-fA-F]+"),
        ("real", r"-?[0-9]*\.[0-9]+(?:[eE][+-]?[0-9]+)?|-?[0-9]*[eE][+-]?[0-9]+"),
        *((word, word) for word in _CONSTANTS),
        ("op", r"<>|<=|>=|!=|\|\||\?\?|[(),+\-*/%=<>]"),
        ("system", r"""\$[^()<>@,;:\\"/?={} \t\n\r]+"""),
        ("id", r"""[^()<>@,;:\\"/\[\]?={} \t\n\r]+"""),
        ("brace", r"[{}]"),
        ("space", r"[ \t\r\n]+"),
        ("comment", r"/\*.*?\*/"),
        ("unknown", r"."),
    )
)


@dataclass(frozen=True, slots=True)
class Token:
    kind: str
    text: str
    at: int


def tokenize(text: str) -> list[Token]:
    tokens: list[Token] = []
    at = 0
    while at < len(text):
        kind, value = _longest(text, at)
        if kind not in ("space", "comment"):
            tokens.append(Token(kind, value, at))
        at += len(value)
    tokens.append(Token("end", "", len(text)))
    return tokens


def _longest(text: str, at: int) -> tuple[str, str]:
    best, value = "", ""
    for kind, pattern in _RULES:
        match = pattern.match(text, at)
        if match and match.end() - at > len(value):
            best, value = kind, match[0]
    return best, value


def unescape(literal: str) -> str:
    inner = re.sub(r"\\[uU]([0-9A-Fa-f]{4})", lambda escape: chr(int(escape[1], 16)), literal[1:-1])
    return re.sub(r"""\\(["'\\])""", r"\1", inner)
