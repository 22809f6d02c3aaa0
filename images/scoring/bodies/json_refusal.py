"""Turns a body that does not fit into a 400 that names the field, the value and what is allowed."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from images.scoring.errors import BadRequest

# msgspec ends its messages with the path: "Expected `int`, got `str` - at `$.machine.temperature`"
_PATH = re.compile(r" - at `\$(?P<path>[^`]*)`$")
_MISSING = re.compile(r"Object missing required field `(?P<field>[^`]+)`")
_STEP = re.compile(r"\.(?P<name>[^.\[]+)|\[(?P<index>\d+)\]")
_SHOWN_LENGTH = 80


def refusal(error: Exception, body: bytes) -> BadRequest:
    """Called after decoding failed: here time does not matter, clarity does."""
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
    if missing := _MISSING.fullmatch(what):
        path = f"{path}.{missing['field']}"
        return BadRequest(f"{_shown_path(path)} is missing", path=f"${path}")
    return BadRequest(f"{_shown_path(path)} is {_value(body, path)}: {what}", path=f"${path}")


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
    shown = msgspec.json.encode(value).decode()
    return shown if len(shown) <= _SHOWN_LENGTH else f"{shown[:_SHOWN_LENGTH]}..."
