"""The words of IoT Hub's query language, each with its place in the text.

https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-query-language
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import Any


class QuerySyntaxError(Exception):
    """The text is not in the language. `position` counts from 0."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(f"{message} at position {position}")
        self.position = position


class Kind(Enum):
    NAME = "a name"
    QUOTED_NAME = "a name in [[ ]]"
    NUMBER = "a number"
    STRING = "a string"
    SYMBOL = "a symbol"
    END = "the end"


@dataclass(frozen=True, slots=True)
class Token:
    kind: Kind
    text: str
    position: int
    value: Any = None

    def keyword(self) -> str:
        """In upper case where the token may be one; keywords are case-insensitive."""
        return self.text.upper() if self.kind is Kind.NAME else ""

    def __str__(self) -> str:
        return self.kind.value if self.kind is Kind.END else repr(self.text)


# Python itself refuses to read some thousand digits.
_DIGITS = 300

_TOKEN = re.compile(
    r"""(?P<space>\s+)
    | \[\[(?P<quoted>[^\]]+)\]\]
    | (?P<number>0[xX][0-9a-fA-F]+|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
    | (?P<name>[A-Za-z_$][A-Za-z0-9_$]*)
    | (?P<string>'(?:[^'\\]|\\.|'')*')
    | (?P<double>"(?:[^"\\]|\\.|"")*")
    | (?P<symbol><>|!=|<=|>=|[=<>()\[\],.*+\-/%])""",
    re.VERBOSE,
)


_ESCAPES = r"""(?P<doubled>{quote}{quote})|\\(?:u(?P<unicode>[0-9a-fA-F]{{4}})|(?P<plain>['"\\])|.)"""


def tokens(text: str, *, double_quotes: bool = True) -> list[Token]:
    """Target conditions take no double quotes; queries do."""
    tokens: list[Token] = []
    index = 0
    while index < len(text):
        match = _TOKEN.match(text, index)
        if match is None or (match.lastgroup == "double" and not double_quotes):
            raise QuerySyntaxError(_unreadable(text, index), index)
        token = _token(match)
        if token is not None:
            tokens.append(token)
        index = match.end()
    tokens.append(Token(Kind.END, "", len(text)))
    return tokens


def _token(match: re.Match[str]) -> Token | None:
    text, position = match.group(), match.start()
    match match.lastgroup:
        case "space":
            return None
        case "quoted":
            return Token(Kind.QUOTED_NAME, match["quoted"], position)
        case "number":
            return Token(Kind.NUMBER, text, position, _number(text, position))
        case "name":
            return Token(Kind.NAME, text, position)
        case "string" | "double":
            return Token(Kind.STRING, text, position, _string(text, position))
        case _:
            return Token(Kind.SYMBOL, text, position)


def _string(text: str, position: int) -> str:
    """Of a literal: its quote doubled, and the documented escapes."""
    quote = text[0]

    def written(match: re.Match[str]) -> str:
        if match["doubled"]:
            return quote
        if match["unicode"]:
            return chr(int(match["unicode"], 16))
        if match["plain"]:
            return match["plain"]
        allowed = "\\' \\\" \\\\ and \\uXXXX"
        raise QuerySyntaxError(f"Unknown escape {match.group()!r}, there are {allowed}", position + 1 + match.start())

    return re.sub(_ESCAPES.format(quote=quote), written, text[1:-1], flags=re.DOTALL)


def _number(text: str, position: int) -> int | float:
    if len(text) > _DIGITS:
        raise QuerySyntaxError(f"A number has at most {_DIGITS} digits, this one has {len(text)}", position)
    if text[:2] in ("0x", "0X"):
        return int(text, 16)
    return int(text) if text.isdigit() else float(text)


def _unreadable(text: str, index: int) -> str:
    if text[index] == "'":
        return "The string is not closed"
    if text[index] == '"':
        return "Strings are quoted with ', found \""
    return f"Unexpected {text[index]!r}"
