"""Turns a body that does not fit into a 400 that names the field, the value and what is allowed."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import msgspec

from images.scoring.errors import BadRequest

# msgspec ends its messages with the path: "Expected `int`, got `str` - at `$.machine.temperature`"
_PATH = re.compile(r" - at `\$(?P<path>[^`]*)`$")
_MISSING = re.compile(r"Object missing required field `(?P<field>[^`]+)`")
_STEP = re.compile(r"\.(?P<name>[^.\[]+)|\[(?P<index>\d+)\]")
# msgspec does not say which member of a mapping it means
_SOME_MEMBER = "[...]"
_SHOWN_LENGTH = 80


def refusal(error: Exception, body: bytes, decode: Callable[[bytes], Any] | None = None) -> BadRequest:
    """Called after decoding failed: here time does not matter, clarity does. With `decode`, which raised the error, a
    member of the body is told by its name, where the body is a mapping."""
    if isinstance(error, RecursionError):
        return BadRequest("body is nested too deeply", path="$")
    if not isinstance(error, msgspec.ValidationError):
        if not body.strip():
            return BadRequest("body is empty, must be JSON", path="$")
        return BadRequest(f"body is not JSON: {error}", path="$")
    text = str(error)
    ending = _PATH.search(text)
    path = ending["path"] if ending else ""
    what = text[: ending.start()] if ending else text
    within = ""
    if decode is not None and path.startswith(_SOME_MEMBER) and (member := _refused_member(body, decode)):
        name, body = member
        within, path = f".{name}", path.removeprefix(_SOME_MEMBER)
    if missing := _MISSING.fullmatch(what):
        path = f"{path}.{missing['field']}"
        return BadRequest(f"{_shown_path(within + path)} is missing", path=f"${within}{path}")
    return BadRequest(f"{_shown_path(within + path)} is {_value(body, path)}: {what}", path=f"${within}{path}")


def _refused_member(body: bytes, decode: Callable[[bytes], Any]) -> tuple[str, bytes] | None:
    """The first that is refused, by halves: all of them take no longer than the body once more."""
    try:
        members = list(msgspec.json.decode(body, type=dict[str, Any]).items())
        while len(members) > 1:
            half = members[: len(members) // 2]
            members = half if _is_refused(half, decode) else members[len(half) :]
        if members and _is_refused(members, decode):
            return members[0][0], msgspec.json.encode(members[0][1])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass  # two errors of different kinds: the one that was raised is told
    return None


def _is_refused(members: list[tuple[str, Any]], decode: Callable[[bytes], Any]) -> bool:
    try:
        decode(msgspec.json.encode(dict(members)))
    except msgspec.ValidationError:
        return True
    return False


def _shown_path(path: str) -> str:
    return path.lstrip(".") or "body"


def _value(body: bytes, path: str) -> str:
    try:
        value: Any = msgspec.json.decode(body)
        for step in _STEP.finditer(path):
            value = value[step["name"]] if step["name"] else value[int(step["index"])]
    except (msgspec.DecodeError, UnicodeDecodeError, LookupError, TypeError, RecursionError):
        # the path is still named; a number that no float can hold, for one, has no value to show
        return "not valid"
    return shortened(msgspec.json.encode(value).decode())


def shortened(shown: str) -> str:
    return shown if len(shown) <= _SHOWN_LENGTH else f"{shown[:_SHOWN_LENGTH]}..."
