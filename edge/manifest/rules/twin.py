"""What a twin's desired section can hold, whatever the schema: sizes, keys, depth, numbers.

https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-device-twins#device-twin-size
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from edge.manifest.create_options import MAX_VALUE_BYTES
from edge.manifest.problem import Path
from edge.manifest.rules.shape import Walk

MAX_DESIRED_BYTES = 32 * 1024
MAX_KEY_BYTES = 1024
MAX_DEPTH = 10
MIN_INTEGER, MAX_INTEGER = -4503599627370496, 4503599627370495
_DEEPEST = 100  # far more than a twin and Docker's options have
_MOST_BITS = 4096  # Python writes 4,300 digits, which is more
_BAD_IN_KEY = re.compile(r"[.\s$\x00-\x1f\x7f]")


def twin_size(value: Any) -> int:
    """Bytes as IoT Hub counts them: keys and text in UTF-8, a number 8, a boolean 4."""
    if isinstance(value, Mapping):
        return sum(len(str(key).encode()) + twin_size(item) for key, item in value.items())
    if isinstance(value, bool):
        return 4
    if isinstance(value, int | float):
        return 8
    if isinstance(value, str):
        return len(value.encode())
    if isinstance(value, Sequence):
        return sum(map(twin_size, value))
    return 0


def check_desired(walk: Walk, path: Path, desired: Any, depth: int = 0) -> None:
    """`desired` as it will stand in the twin, `depth` levels below its top; `path` leads to it in the manifest."""
    size = twin_size(desired)
    if size > MAX_DESIRED_BYTES:
        walk.add(path, f"the desired properties are {size} bytes; {MAX_DESIRED_BYTES} are allowed")
    _walk(walk, path, desired, depth)


def _walk(walk: Walk, path: Path, value: Any, depth: int) -> None:
    if walk.is_unknown(value):
        return
    if depth > MAX_DEPTH:
        walk.add(path, f"the value lies {depth} levels deep; {MAX_DEPTH} are allowed")
    elif isinstance(value, Mapping):
        for key, item in value.items():
            _key(walk, (*path, key), str(key))
            _walk(walk, (*path, key), item, depth + 1)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _walk(walk, (*path, index), item, depth + 1)
    else:
        _leaf(walk, path, value)


def _key(walk: Walk, path: Path, key: str) -> None:
    bad = _BAD_IN_KEY.search(key)
    if not key or bad:
        found = f"it holds {bad[0]!r}" if bad else "it is empty"
        walk.add(path, f"the key {key!r} is refused: {found}; no . $ white space or control characters are allowed")
    if len(key.encode()) > MAX_KEY_BYTES:
        walk.add(path, f"the key is {len(key.encode())} bytes; {MAX_KEY_BYTES} are allowed")


def _leaf(walk: Walk, path: Path, value: Any) -> None:
    if value is None:
        walk.add(path, "null is refused: in a twin it removes the key; leave the key out")
    elif isinstance(value, str) and len(value.encode()) > MAX_VALUE_BYTES:
        walk.add(path, f"the value is {len(value.encode())} bytes; {MAX_VALUE_BYTES} are allowed")
    elif isinstance(value, float) and not math.isfinite(value):
        walk.add(path, f"the number {value} is refused: JSON has no such number")
    elif isinstance(value, int) and not isinstance(value, bool) and not MIN_INTEGER <= value <= MAX_INTEGER:
        walk.add(path, f"the number {value} is refused; {MIN_INTEGER} to {MAX_INTEGER} are allowed")


def unwritable(value: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """What no other rule can look at, wherever it stands: half a character, a number of thousands of digits, and what
    lies deeper than any walk goes."""
    if len(path) > _DEEPEST:
        yield path[:MAX_DEPTH], f"what is in it lies more than {_DEEPEST} levels deep"
    elif isinstance(value, Mapping):
        for key, item in value.items():
            name = str(key).encode(errors="replace").decode()
            if not _is_whole_text(str(key)):
                yield path, f"the key {name!r} holds half a character (a lone surrogate), which UTF-8 does not write"
            yield from unwritable(item, (*path, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from unwritable(item, (*path, index))
    elif isinstance(value, str) and not _is_whole_text(value):
        yield path, "the text holds half a character (a lone surrogate), which UTF-8 does not write"
    elif isinstance(value, int) and value.bit_length() > _MOST_BITS:
        yield path, f"a number of {value.bit_length()} bits is refused: no twin and no option of Docker's holds it"


def _is_whole_text(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)
