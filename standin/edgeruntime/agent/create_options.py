"""createOptions: a JSON text cut into pieces.

https://learn.microsoft.com/azure/iot-edge/how-to-use-create-options
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

NAME = "createOptions"
CHUNK = 512
MAX_CHUNKS = 100


def join_chunks(settings: Mapping[str, Any]) -> str:
    """`createOptions`, `createOptions01`, ... without gaps, joined as text; any case of the first letters."""
    lowered = {key.lower(): value for key, value in settings.items() if key.lower().startswith(NAME.lower())}
    parts = [lowered.pop(NAME.lower(), "")]
    for number in range(1, MAX_CHUNKS):
        expected = f"{NAME}{number:02d}"
        if not lowered:
            break
        if expected.lower() not in lowered:
            other = sorted(lowered)[0].replace(NAME.lower(), NAME)
            raise ValueError(f'Error while parsing chunked field "{NAME}", expected {expected} found {other}')
        parts.append(lowered.pop(expected.lower()))
    if not all(isinstance(part, str) for part in parts):
        raise ValueError(f"{NAME} is not a text; allowed: JSON in a text")
    return "".join(parts)


def split_chunks(options: Mapping[str, Any]) -> dict[str, str]:
    """As the agent reports them."""
    text = json.dumps(options, separators=(",", ":"))
    pieces = [text[start : start + CHUNK] for start in range(0, len(text), CHUNK)]
    return {NAME if not number else f"{NAME}{number:02d}": piece for number, piece in enumerate(pieces)}
