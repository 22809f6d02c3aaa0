"""What a twin may hold.

https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-device-twins#device-twin-size
https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-device-twins#tags-and-properties-format
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from standin.iothub.kernel.errors import BadRequest

SECTION_BYTES = {"tags": 8 * 1024, "desired": 32 * 1024, "reported": 32 * 1024}
VALUE_BYTES = 4096
KEY_BYTES = 1024
DEPTH = 10
INTEGERS = (-(2**52), 2**52 - 1)


def check_section(name: str, values: Mapping[str, Any]) -> None:
    """Raises BadRequest naming the place, what is there and what is allowed."""
    _check_object(name, values, 1)
    size = _size(values)
    if size > SECTION_BYTES[name]:
        raise BadRequest(f"The twin's {name} would have {size} bytes, allowed are {SECTION_BYTES[name]}")


def _check_object(path: str, values: Mapping[str, Any], depth: int) -> None:
    if depth > DEPTH:
        raise BadRequest(f"{path} is nested {depth} deep, allowed are {DEPTH}")
    for key, value in values.items():
        _check_key(path, key)
        _check_value(f"{path}.{key}", value, depth)


def _check_key(path: str, key: str) -> None:
    if not 1 <= (size := _bytes(path, key)) <= KEY_BYTES:
        raise BadRequest(f"A key in {path} has {size} bytes, allowed are 1 to {KEY_BYTES}")
    wrong = next((letter for letter in key if letter in ".$ " or ord(letter) < 32 or 127 <= ord(letter) < 160), None)
    if wrong is not None:
        raise BadRequest(
            f"The key {key!r} in {path} contains {wrong!r}; '.', '$', space and control characters are not"
        )


def _bytes(path: str, text: str) -> int:
    try:
        return len(text.encode())
    except UnicodeEncodeError as error:
        raise BadRequest(f"{path} holds half a character at {error.start}, which is no text") from error


def _check_value(path: str, value: Any, depth: int) -> None:
    if isinstance(value, str) and (size := _bytes(path, value)) > VALUE_BYTES:
        raise BadRequest(f"Property or Tag value should be maximum {VALUE_BYTES} bytes: {path} has {size}")
    if isinstance(value, int) and not INTEGERS[0] <= value <= INTEGERS[1]:
        raise BadRequest(f"{path} is {value}, allowed are integers from {INTEGERS[0]} to {INTEGERS[1]}")
    if isinstance(value, float) and not math.isfinite(value):
        raise BadRequest(f"{path} is {value}, allowed are numbers that JSON can hold")
    if isinstance(value, Mapping):
        _check_object(path, value, depth + 1)
    elif isinstance(value, list):
        _check_array(path, value, depth)


def _check_array(path: str, values: list[Any], depth: int) -> None:
    for index, item in enumerate(values):
        if item is None:
            # edgeHub lets it through, and every later report then fails: https://github.com/Azure/iotedge/pull/5034
            raise BadRequest(f"{path}[{index}] is null, which an array in a twin may not contain")
        _check_value(f"{path}[{index}]", item, depth + 1)


def _size(value: Any) -> int:
    """UTF-8 bytes of keys and texts, 8 for a number, 4 for a boolean; nulls count nothing."""
    if isinstance(value, Mapping):
        return sum(len(key.encode()) + _size(item) for key, item in value.items())
    if isinstance(value, list):
        return sum(_size(item) for item in value)
    if isinstance(value, bool):
        return 4
    if isinstance(value, str):
        return len(value.encode())
    return 0 if value is None else 8
