"""createOptions: the body of Docker's container create, as the JSON text that a twin can hold.

A twin's value is at most 4,096 bytes, so longer text goes on in createOptions01, createOptions02, ... (at most 99):
Azure/iotedge edge-agent/src/Microsoft.Azure.Devices.Edge.Agent.Docker/Constants.cs, CombinedDockerConfig.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

MAX_VALUE_BYTES = 4096
MAX_CHUNKS = 100
_KEY = "createOptions"


class CreateOptionsError(ValueError):
    """The chunks do not make one createOptions object."""


def chunked(options: Mapping[str, Any]) -> dict[str, str]:
    """Settings keys for `options`: createOptions, createOptions01, ...; none of them over 4,096 bytes."""
    text = json.dumps(options, separators=(",", ":"), ensure_ascii=False)
    pieces = split_utf8(text, MAX_VALUE_BYTES)
    if len(pieces) > MAX_CHUNKS:
        raise CreateOptionsError(
            f"createOptions takes {len(pieces)} chunks of {MAX_VALUE_BYTES} bytes; {MAX_CHUNKS} are allowed"
        )
    return {_name(index): piece for index, piece in enumerate(pieces)}


def joined(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The options that the agent reads back from `settings` (absent, or the text `null`: none). Names count in any
    case; an object stands for its own text."""
    chunks = sorted((key for key in settings if key.lower().startswith(_KEY.lower())), key=str.lower)
    for number, name in enumerate(chunks):
        _check_number(name, number)
    text = "".join(_text(settings[name]) for name in chunks)
    if not text.strip() or text.lower() == "null":
        return {}
    try:
        options = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise CreateOptionsError(f"createOptions is not JSON: {error}") from error
    if re.search("[\ud800-\udfff]", json.dumps(options, ensure_ascii=False)):
        raise CreateOptionsError("createOptions hold half a character (a lone surrogate), which UTF-8 does not write")
    if not isinstance(options, dict):
        raise CreateOptionsError(f"createOptions is {type(options).__name__}; a JSON object is wanted")
    return options


def _check_number(name: str, number: int) -> None:
    suffix = name[len(_KEY) :]
    if (number or suffix) and not (number and suffix.isascii() and suffix.isdigit() and int(suffix) == number):
        raise CreateOptionsError(f"expected {_name(number)}, found {name}: chunks are contiguous, 01 to 99")


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)


def split_utf8(text: str, limit: int) -> list[str]:
    """Pieces of at most `limit` bytes of UTF-8 each, cut between characters."""
    pieces: list[str] = []
    start, size = 0, 0
    for index, character in enumerate(text):
        width = len(character.encode())
        if size + width > limit:
            pieces.append(text[start:index])
            start, size = index, 0
        size += width
    pieces.append(text[start:])
    return pieces


def _name(index: int) -> str:
    return _KEY if index == 0 else f"{_KEY}{index:02d}"
