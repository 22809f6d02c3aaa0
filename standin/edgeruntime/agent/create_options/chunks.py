"""createOptions: a JSON text cut into pieces.

https://learn.microsoft.com/azure/iot-edge/how-to-use-create-options
https://github.com/Azure/iotedge/blob/main/edge-util/src/Microsoft.Azure.Devices.Edge.Util/JsonEx.cs
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

NAME = "createOptions"
CHUNK = 512
_KEY = NAME.lower()


def join_chunks(settings: Mapping[str, Any]) -> str:
    """`createOptions`, `createOptions01`, ... without gaps, joined as text, in any case; an object is its own text."""
    names = sorted((name for name in settings if name.lower().startswith(_KEY)), key=str.lower)
    for number, name in enumerate(names):
        _check_number(name[len(NAME) :], number)
    return "".join(_text(settings[name]) for name in names)


def _check_number(found: str, wanted: int) -> None:
    if wanted == 0 and found:
        raise ValueError(f'Error while parsing chunked field "{NAME}", expected empty field number but found "{found}"')
    if wanted and not (found.isascii() and found.isdigit()):
        raise ValueError(f"Attempted to parse integer from {found}")
    if wanted and int(found) != wanted:
        raise ValueError(f'Error while parsing chunked field "{NAME}", expected {NAME}{wanted:02d} found {NAME}{found}')


def _text(value: Any) -> str:
    """As the agent's JSON library writes a token."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)


def split_chunks(options: Mapping[str, Any]) -> dict[str, str]:
    """As the agent reports them."""
    text = json.dumps(options, separators=(",", ":"))
    pieces = [text[start : start + CHUNK] for start in range(0, len(text), CHUNK)]
    return {NAME if not number else f"{NAME}{number:02d}": piece for number, piece in enumerate(pieces)}
