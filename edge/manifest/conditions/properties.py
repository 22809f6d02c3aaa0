"""Which properties a target condition may name, how, and which values they can be compared with.

Refused is what a hub refuses, what can only target nobody, and spellings of which no page says what they do.
https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-query-language has the double brackets; `group` needs them
(MicrosoftDocs/azure-docs#17106), and of the language's other words nobody knows, so they get them too.
"""

from __future__ import annotations

import re

from edge.manifest.conditions.errors import ConditionSyntaxError
from edge.manifest.conditions.lexer import Token, names_of
from edge.manifest.conditions.tree import Path

_WORDS = """
select top distinct from where group order by having as join and or not in nin like between exists is is_defined
true false null undefined count avg sum min max asc desc case when then else end value
"""
RESERVED = frozenset(re.findall(r"\S+", _WORDS))
ROOTS = "tags.<name>, deviceId and properties.reported.<name>"
_ESCAPED_NAME = re.compile(r"[A-Za-z0-9_\-:+%#*?!(),=@;/]+")
_SYSTEM = ("$version", "$metadata", "$lastUpdated", "$lastUpdatedVersion")
_NUMBERS = (-4503599627370496, 4503599627370495)
_DEVICE_ID_LENGTH, _VALUE_BYTES, _LEVELS = 128, 4096, 10


def path_of(token: Token) -> Path:
    parts = names_of(token)
    names = tuple(name for name, _ in parts)
    for name, is_escaped in parts:
        if is_escaped and not _ESCAPED_NAME.fullmatch(name):
            reason = f"[[{name}]] is no key of a twin: a-z, digits and _ - : + % # * ? ! ( ) , = @ ; / are"
            raise ConditionSyntaxError(reason, token.column)
    if names == ("deviceId",) or _begins(names, "tags") or _begins(names, "properties", "reported"):
        _check_reserved(token)
        _check_dollars(token)
        if len(names) - (1 if names[0] == "tags" else 2) > _LEVELS:
            raise ConditionSyntaxError(f"no twin is deeper than {_LEVELS} levels, this names more", token.column)
        return names
    lower = token.text.lower()
    for right in ("deviceId", "tags", "properties.reported"):
        if lower == right.lower() or lower.startswith(f"{right.lower()}."):
            if token.text == right:
                break
            spelt = right + token.text[len(right) :]
            raise ConditionSyntaxError(f"{token.text!r} is refused: case counts in names; write {spelt}", token.column)
    raise ConditionSyntaxError(f"no property {token.text!r} in a target condition; there are {ROOTS}", token.column)


def _check_dollars(token: Token) -> None:
    """No key of a twin begins so: what does is the hub's own, and only reported properties have it here."""
    for name, _ in names_of(token):
        if name.startswith("$") and (name not in _SYSTEM or not token.text.startswith("properties.reported.")):
            reason = f"{name!r} is in no twin: no key begins with $ but {', '.join(_SYSTEM)} of properties.reported"
            raise ConditionSyntaxError(reason, token.column)


def _begins(names: Path, *root: str) -> bool:
    return names[: len(root)] == root and len(names) > len(root)


def _check_reserved(token: Token) -> None:
    parts = names_of(token)
    if not any(name.lower() in RESERVED and not is_escaped for name, is_escaped in parts):
        return
    written = ".".join(f"[[{name}]]" if escaped or name.lower() in RESERVED else name for name, escaped in parts)
    word = next(name for name, is_escaped in parts if name.lower() in RESERVED and not is_escaped)
    raise ConditionSyntaxError(f"{word!r} is a word of the language: write {written}", token.column)


def check_value(path: Path, sign: str, value: str | float | bool, token: Token) -> None:
    """Raises for a comparison that is true of no device."""
    name = ".".join(path)
    if path == ("deviceId",) and not isinstance(value, str):
        raise ConditionSyntaxError(f"deviceId is text, never {token.text}; write it in single quotes", token.column)
    if isinstance(value, bool):
        if sign not in ("=", "!=", "<>"):
            raise ConditionSyntaxError(f"a boolean is neither more nor less than {name}; write = or !=", token.column)
    elif isinstance(value, str):
        _check_length(path, sign, value, token)
    elif not _NUMBERS[0] <= value <= _NUMBERS[1]:
        limits = f"{_NUMBERS[0]} to {_NUMBERS[1]}"
        raise ConditionSyntaxError(f"{token.text} is in no twin: its numbers are {limits}", token.column)


def _check_length(path: Path, sign: str, value: str, token: Token) -> None:
    if sign == "=" and path == ("deviceId",) and not 1 <= len(value) <= _DEVICE_ID_LENGTH:
        reason = f"a deviceId has 1 to {_DEVICE_ID_LENGTH} characters, this text {len(value)}: it is no device's"
        raise ConditionSyntaxError(reason, token.column)
    if len(value.encode()) > _VALUE_BYTES:
        reason = f"the text has {len(value.encode())} bytes, and a twin's value {_VALUE_BYTES} at the most"
        raise ConditionSyntaxError(reason, token.column)
