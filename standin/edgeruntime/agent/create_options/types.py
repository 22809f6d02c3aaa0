"""How the agent's JSON library reads a member: leniently where a text or a number can be made of it, else not at all.

Names count in any case; a member that a type does not know is kept as it came.
https://www.newtonsoft.com/json/help/html/SerializationGuide.htm
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

Read = Callable[[str, Any], Any]
"""The place and a value -> the value as the agent has it; raises ValueError."""

_LONGEST = 2**63 - 1


def _text(where: str, value: Any) -> Any:
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, (int, float)):
        return str(value)
    if value is None or isinstance(value, str):
        return value
    raise _unlike(where, value, "a text")


def _number(where: str, value: Any) -> Any:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, str) and value.strip().lstrip("+-").isdecimal():
        value = int(value) if len(value) < 30 else math.inf
    if isinstance(value, (int, float)) and -_LONGEST <= value <= _LONGEST:
        return round(value)
    raise _unlike(where, value, "a number")


def _boolean(where: str, value: Any) -> Any:
    if isinstance(value, str) and value.strip().lower() in ("true", "false"):
        return value.strip().lower() == "true"
    if isinstance(value, (bool, int)):
        return bool(value)
    raise _unlike(where, value, "true or false")


TEXT: Read = _text
NUMBER: Read = _number
BOOLEAN: Read = _boolean


def choice(*allowed: str) -> Read:
    def read(where: str, value: Any) -> Any:
        if not isinstance(value, str) or value.lower() not in allowed:
            raise _unlike(where, value, f"one of {', '.join(map(repr, allowed))}")
        return value.lower()

    return read


def listed(item: Read) -> Read:
    def read(where: str, value: Any) -> Any:
        if value is None:
            return None
        if not isinstance(value, list):
            raise _unlike(where, value, "a list")
        return [_or_null(item, f"{where}[{index}]", one) for index, one in enumerate(value)]

    return read


def mapped(item: Read) -> Read:
    def read(where: str, value: Any) -> Any:
        if value is None:
            return None
        return {name: _or_null(item, f"{where}.{name}", one) for name, one in _object(where, value).items()}

    return read


def record(members: Mapping[str, Read]) -> Read:
    known = {name.lower(): name for name in members}

    def read(where: str, value: Any) -> Any:
        if value is None:
            return None
        made: dict[str, Any] = {}
        for given, one in _object(where, value).items():
            name = known.get(given.lower(), given)
            made[name] = _or_null(members[name], f"{where}.{given}", one) if name in members else one
        return made

    return read


def _or_null(read: Read, where: str, value: Any) -> Any:
    return None if value is None else read(where, value)


def _object(where: str, value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise _unlike(where, value, "an object")
    return value


def _unlike(where: str, value: Any, wanted: str) -> ValueError:
    """The value stays out of the message: environments hold secrets."""
    return ValueError(f"Error converting {where}: it is {_kind(value)}; allowed: {wanted}")


def _kind(value: Any) -> str:
    names = {str: "a text", bool: "true or false", list: "a list", dict: "an object", type(None): "null"}
    return names.get(type(value), "a number")
