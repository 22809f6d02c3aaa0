"""Holds what was read to the engine's shape, and says where it is another: `steps[3].urn`.

Beside the envelope only what the sentences stand on is looked at: what a device is called, what a deployment holds.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from cli.errors import Refused

WANTED = "the text of `pulumi preview --json`, or an event log, is wanted"
_STATES = ("oldState", "newState", "old", "new")
_URN_PARTS = 4
"""`urn:pulumi:<stack>::<project>::<types>::<name>`."""
_INPUTS: Mapping[str, Mapping[str, type | tuple[type, ...]]] = {
    "mledge:iothub:DeviceIdentity": {"deviceId": str, "tags": Mapping},
    "mledge:iothub:EdgeDeployment": {"name": str, "content": (Mapping, str), "priority": (int, float)},
}
"""By type: what is used of its inputs, and what that is. A content that is not known yet is a text."""
_NEEDED = frozenset({"deviceId", "name"})
_WORDS = {
    Mapping: "an object",
    list: "a list",
    str: "a text",
    int: "a whole number",
    (Mapping, str): "an object",
    (int, float): "a number",
}


def checked_step(where: str, step: Any) -> Mapping[str, Any]:
    """Of a preview's document or of an event. Raises Refused with the place."""
    found: Mapping[str, Any] = _is(where, step, Mapping)
    for name in ("op", "urn"):
        if name not in found:
            raise Refused(f"{where}: has no {name!r}; {WANTED}")
        _is(f"{where}.{name}", found[name], str)
    if len(found["urn"].split("::")) < _URN_PARTS:
        raise Refused(f"{where}.urn: {found['urn']!r} is no URN of the engine; {WANTED}")
    for name in _STATES:
        if found.get(name) is not None:
            _state(f"{where}.{name}", found["urn"], found[name])
    return found


def checked_config(where: str, config: Any) -> Mapping[str, str]:
    """Of a stack: every value is a text; devices and layers in it are JSON lists of objects with an id or a name."""
    found: Mapping[str, str] = _is(where, {} if config is None else config, Mapping)
    for key, value in found.items():
        _is(f"{where}.{key}", value, str)
    for key, name in (("edgeway:devices", "id"), ("edgeway:layers", "name")):
        for index, entry in enumerate(_list(f"{where}.{key}", found.get(key))):
            place = f"{where}.{key}[{index}]"
            if name not in _is(place, entry, Mapping):
                raise Refused(f"{place}: has no {name!r}; {WANTED}")
            _is(f"{place}.tags", entry.get("tags") or {}, Mapping)
            _is(f"{place}.priority", entry.get("priority") or 0, (int, float))
    return found


def checked_counts(where: str, counts: Any) -> Mapping[str, int]:
    found: Mapping[str, int] = _is(where, {} if counts is None else counts, Mapping)
    for op, number in found.items():
        _is(f"{where}.{op}", number, int)
    return found


def _state(where: str, urn: str, state: Any) -> None:
    found = _is(where, state, Mapping)
    parts = {part: _is(f"{where}.{part}", found.get(part) or {}, Mapping) for part in ("inputs", "outputs")}
    inputs = parts["inputs"]
    for name, kind in _INPUTS.get(urn.split("::")[-2].rpartition("$")[2], {}).items():
        if name in _NEEDED and inputs and name not in inputs:
            raise Refused(f"{where}.inputs: has no {name!r}; {WANTED}")
        if inputs.get(name) is not None:
            _is(f"{where}.inputs.{name}", inputs[name], kind)


def _list(where: str, text: str | None) -> Any:
    """No JSON is no list: what `pulumi config set` wrote without --path."""
    try:
        value = json.loads(text or "[]")
    except (ValueError, RecursionError):
        return []
    return _is(where, value, list)


def _is(where: str, value: Any, kind: type | tuple[type, ...]) -> Any:
    if isinstance(value, kind) and not isinstance(value, bool):
        return value
    raise Refused(f"{where}: is {_said(value)}, must be {_WORDS[kind]}; {WANTED}")


def _said(value: Any) -> str:
    return (
        "an object" if isinstance(value, Mapping) else "a list" if isinstance(value, list) else json.dumps(value)[:60]
    )
