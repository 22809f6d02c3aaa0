"""A manifest's file as JSON, strictly: what two readers may take for two things is refused by path, never quoted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cli.errors import Refused
from edge.manifest.problem import Path as Steps
from edge.manifest.problem import dotted

MOST_BYTES = 1024 * 1024
"""A hub holds far less: 32 KB of desired properties a module."""
MOST_DEPTH = 60
_FIRST_OF_PAIR, _LAST_OF_PAIR = 0xD800, 0xDFFF


class _Object(dict[str, Any]):
    """With the keys that stood in it more than once."""

    twice: tuple[str, ...] = ()


class _NoNumber:
    """NaN, Infinity or -Infinity, which Python reads and JSON has not."""


def read_manifest(file: Path) -> dict[str, Any]:
    """Raises Refused. UTF-8 and UTF-16 are read, with and without a mark: PowerShell writes both."""
    data = _bytes(file)
    if not data.strip():
        raise Refused(f"{file} is empty; a deployment's JSON is wanted")
    try:
        text = data.decode(json.detect_encoding(data))
    except UnicodeDecodeError as error:
        raise Refused(
            f"{file} is no text in UTF-8 or UTF-16 (byte {error.start}); a deployment's JSON is wanted"
        ) from None
    try:
        value = json.loads(text.removeprefix("\ufeff"), object_pairs_hook=_object, parse_constant=lambda _: _NoNumber())
    except json.JSONDecodeError as error:
        raise Refused(f"{file} is no JSON: line {error.lineno}, column {error.colno}: {error.msg}") from None
    except RecursionError:
        raise Refused(f"{file} is nested too deep; {MOST_DEPTH} levels are allowed") from None
    except ValueError:
        raise Refused(f"{file} holds a number of more digits than any reader takes") from None
    for path, reason in _faults(value, ()):
        raise Refused(f"{file}: {dotted(path) or 'the top'}: {reason}")
    if not isinstance(value, dict):
        raise Refused(f"{file}: at the top is a {type(value).__name__}; an object with modulesContent is wanted")
    return value


def _bytes(file: Path) -> bytes:
    try:
        if file.is_dir():
            raise Refused(f"{file} is a folder; the file of a deployment is wanted")
        with file.open("rb") as stream:
            data = stream.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise Refused(f"{file} cannot be read: {reason}") from None
    if len(data) > MOST_BYTES:
        raise Refused(f"{file} has more than {MOST_BYTES:,} bytes, which no hub takes for a deployment")
    return data


def _object(pairs: list[tuple[str, Any]]) -> _Object:
    made = _Object(pairs)
    if len(made) < len(pairs):
        names = [name for name, _ in pairs]
        made.twice = tuple(dict.fromkeys(name for name in names if names.count(name) > 1))
    return made


def _faults(value: Any, path: Steps) -> Iterator[tuple[Steps, str]]:
    if len(path) > MOST_DEPTH:
        yield path[:4], f"nested too deep; {MOST_DEPTH} levels are allowed"
    elif isinstance(value, _NoNumber) or (isinstance(value, float) and value in (float("inf"), float("-inf"))):
        yield path, "NaN, Infinity and numbers beyond 1.8e308 are no numbers of JSON"
    elif isinstance(value, str) and _has_half_a_pair(value):
        yield path, "the text holds half of a surrogate pair (\\ud800 to \\udfff), which is no character"
    elif isinstance(value, dict):
        for name in value.twice if isinstance(value, _Object) else ():
            yield (*path, name), "the key stands twice in one object, and readers differ in which they take"
        for name, item in value.items():
            if _has_half_a_pair(name):
                yield path, "a key holds half of a surrogate pair (\\ud800 to \\udfff), which is no character"
            else:
                yield from _faults(item, (*path, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _faults(item, (*path, index))


def _has_half_a_pair(text: str) -> bool:
    return any(_FIRST_OF_PAIR <= ord(character) <= _LAST_OF_PAIR for character in text)
