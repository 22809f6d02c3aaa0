"""Values that look as if they let somebody in: by the name that they stand under, or by how they are written.

Rather one too many than one too few: what is taken for a secret by mistake becomes a setting, and works all the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from edge.manifest.problem import Path

_STRONG = r"pass(?:word|wd|phrase|code)?s?|pwd|secrets?|credentials?|pin"
_NAMES = re.compile(rf"{_STRONG}|tokens?|keys?|apikey|accesskey|connection|connectionstring|connstr|sas|dsn")
_ALSO_OF_NUMBERS = re.compile(_STRONG)
_INSIDE = re.compile(r"password|passwd|secret|credential|apikey|accesskey|accountkey|connectionstring|privatekey", re.I)
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_PLACE = re.compile(r"_?(?:file|path|dir)$", re.I)
_SHAPES = tuple(
    re.compile(shape)
    for shape in (
        r"(?i)\b(?:shared ?access ?key|account ?key|password|passwd|pwd|api-?key|token)\s*=\s*\S",
        r"(?i)\bSharedAccessSignature\b",
        r"(?i)\bbearer\s+[\w.~+/-]{8,}",
        r"[?&]sig=[\w%+/-]{8,}",
        r"\beyJ[\w-]{8,}\.[\w-]{4,}\.[\w-]*",
        r"(?i)\b[a-z][a-z0-9+.-]*://[^/\s@]*:[^/\s@]+@",
        r"-----BEGIN [A-Z ]*PRIVATE KEY-----",
        r"(?<![\w+])(?:[A-Za-z0-9+/]{43}=|[A-Za-z0-9+/]{86}==)(?![\w+/=])",
        r"(?<![\w/+-])(?=[\w-]*[a-z])(?=[\w-]*[A-Z])(?=[\w-]*[0-9])[\w-]{43}(?![\w/+=-])",
        r"\bgh[pousr]_\w{20,}|\bgithub_pat_\w{20,}|\bAKIA[0-9A-Z]{16}\b|\bxox[abprs]-[\w-]{10,}|\bsk-[\w-]{20,}",
        r'(?i)"[^"]*(?:password|secret|token|key)[^"]*"\s*:\s*"[^"]+"',
    )
)
_ASSIGNED = re.compile(r"-{0,2}(?P<name>[A-Za-z][\w.-]*)=(?P<value>.+)", re.S)
_OPTION = re.compile(r"--?(?P<name>[A-Za-z][\w.-]*)")


def is_secret_name(name: str, value: Any) -> bool:
    """Of a name with its value: SQL_PASSWORD, apiKey, IOTHUB_CONNECTION_STRING; of numbers only a password's."""
    if isinstance(value, bool) or value is None or value == "":
        return False
    if isinstance(value, str) and _PLACE.search(name) and value.startswith("/"):
        return False
    words = [word.lower() for word in _WORDS.findall(name)]
    if not isinstance(value, str):
        return any(_ALSO_OF_NUMBERS.fullmatch(word) for word in words)
    return any(_NAMES.fullmatch(word) for word in words) or bool(_INSIDE.search(name))


def is_secret_text(text: str) -> bool:
    return any(shape.search(text) for shape in _SHAPES)


def secrets_in(value: Any, path: Path = (), *, under_secret: bool = False) -> Iterator[tuple[Path, str | int | float]]:
    """Each with its path; of `NAME=value` the whole text."""
    if isinstance(value, Mapping):
        for name, item in value.items():
            # an environment's entry holds its value one level down
            held = item["value"] if isinstance(item, Mapping) and [*item] == ["value"] else item
            yield from secrets_in(item, (*path, name), under_secret=under_secret or is_secret_name(name, held))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            option = _OPTION.fullmatch(value[index - 1]) if index and isinstance(value[index - 1], str) else None
            named = option is not None and is_secret_name(option["name"], item)
            yield from secrets_in(item, (*path, index), under_secret=under_secret or named)
    elif isinstance(value, str):
        assigned = _ASSIGNED.fullmatch(value)
        named = assigned is not None and is_secret_name(assigned["name"], assigned["value"])
        if value and (under_secret or named or is_secret_text(value)):
            yield path, value
    elif isinstance(value, int | float) and not isinstance(value, bool) and under_secret:
        yield path, value


def secret_keys_in(value: Any, path: Path = ()) -> Iterator[Path]:
    """Paths of objects of which a key looks like a secret: a key cannot be a setting."""
    if isinstance(value, Mapping):
        for name, item in value.items():
            if is_secret_text(name):
                yield path
            else:
                yield from secret_keys_in(item, (*path, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from secret_keys_in(item, (*path, index))
