"""createOptions: the body of Docker's container create, as the JSON text that a twin can hold.

A twin's value is at most 4,096 bytes, so longer text goes on in createOptions01, createOptions02, ... (at most 99):
Azure/iotedge edge-agent/src/Microsoft.Azure.Devices.Edge.Agent.Docker/Constants.cs, CombinedDockerConfig.
"""

from __future__ import annotations

import json
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
    """The options that the agent reads back from `settings` (absent: none)."""
    chunks = {key: value for key, value in settings.items() if key.lower().startswith(_KEY.lower())}
    expected = [_name(index) for index in range(len(chunks))]
    for name, given in zip(expected, sorted(chunks), strict=True):
        if name.lower() != given.lower():
            raise CreateOptionsError(f"expected {name}, found {given}: chunks are contiguous, 01 to 99")
    text = "".join(str(chunks[key]) for key in sorted(chunks))
    if not text:
        return {}
    try:
        options = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise CreateOptionsError(f"createOptions is not JSON: {error}") from error
    if not isinstance(options, dict):
        raise CreateOptionsError(f"createOptions is {type(options).__name__}; a JSON object is wanted")
    return options


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
