"""Where a condition's names come from: application properties, system properties, the JSON body.

https://github.com/Azure/iotedge/blob/main/edge-hub/core/src/Microsoft.Azure.Devices.Routing.Core/query/jsonpath/JsonPath.g4
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from standin.edgeruntime.hub.domain.messages.message import Message, NotJson
from standin.edgeruntime.hub.domain.routing.errors import RouteError
from standin.edgeruntime.hub.domain.routing.values import NOWHERE, UNDEFINED, Kind, Node, Undefined, Value

_STEP = re.compile(r"(?P<name>[^.\[\]]+)(?:\[(?P<index>[0-9]+)\])?")
_WHOLE_STEP = re.compile(r"[^.\[\]]+(?:\[[0-9]+\])*")
# Newtonsoft.Json reads such a text as a date, and a date is no type of conditions.
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,7})?(?:Z|[+-]\d\d:?\d\d)?", re.ASCII)
# The original keeps the wire's short name of this one beside the long one.
_ALIASES = {"cid": "correlationId"}

Path = tuple[str | int, ...]


def application(name: str) -> Node:
    return Node(Kind.STRING, lambda message: _in_any_case(message.properties, name))


def system(name: str) -> Node:
    if "[" in name or "]" in name:
        return Node(Kind.UNDEFINED, lambda _: UNDEFINED)
    name = _ALIASES.get(name.lower(), name)
    return Node(Kind.STRING, lambda message: _in_any_case(message.system, name))


def _in_any_case(values: Mapping[str, str], name: str) -> Value:
    """https://github.com/Azure/iotedge/blob/main/edge-hub/core/src/Microsoft.Azure.Devices.Routing.Core/Message.cs"""
    if name in values:
        return values[name]
    for other in values:
        if len(other) == len(name) and other.upper() == name.upper():
            return values[other]
    return UNDEFINED


def dollar(text: str) -> Node:
    """`$name`: an application property literally so called goes before the body, the body before a system property."""
    other = escaped(text)
    if "[" in text or "]" in text:
        return other

    def value(message: Message) -> Value:
        own = _in_any_case(message.properties, text)
        return other.value(message) if isinstance(own, Undefined) else own

    return Node(other.kind, value)


def escaped(text: str) -> Node:
    """`{$name}`: never an application property."""
    return body(text[6:]) if text.lower().startswith("$body.") else system(text[1:])


def body(path: str) -> Node:
    check_path(path)
    steps = _steps(path)

    def value(message: Message) -> Value:
        try:
            document = message.json()
        except NotJson:
            return UNDEFINED
        if steps is None or not isinstance(document, dict):
            return UNDEFINED
        return _scalar(_find(document, steps))

    return Node(Kind.ANY, value)


def check_path(path: str) -> None:
    """The grammar's beginning of the path must be right; what follows it is not read until a message comes."""
    at = 0
    while True:
        step = _STEP.match(path, at)
        if step is None or re.fullmatch("[0-9]+", step["name"]) or _opens_wrongly(path, step):
            raise RouteError(f"Error in $body query: {path!r} is not a path such as a.b[0].c")
        at = step.end()
        if path[at : at + 1] != ".":
            return
        at += 1


def _opens_wrongly(path: str, step: re.Match[str]) -> bool:
    return step["index"] is None and path[step.end() : step.end() + 1] == "["


def _steps(path: str) -> Path | None:
    """None: the original's JSON library cannot read it."""
    steps: list[str | int] = []
    for part in path.split("."):
        if not _WHOLE_STEP.fullmatch(part):
            return None
        name, *indexes = re.findall(r"[^\[\]]+", part)
        digits = [index.lstrip("0") or "0" for index in indexes]
        if any(len(index) > 10 or int(index) >= 2**31 for index in digits):
            return None
        steps += [name, *map(int, digits)]
    return tuple(steps)


def _find(document: Any, steps: Path) -> Any:
    for step in steps:
        if isinstance(step, int):
            document = document[step] if isinstance(document, list) and step < len(document) else NOWHERE
        else:
            document = document.get(step, NOWHERE) if isinstance(document, dict) else NOWHERE
    return document


def _scalar(value: Any) -> Value:
    """An object, an array and what looks like a time are nothing that can be compared."""
    if isinstance(value, str):
        return UNDEFINED if _TIME.fullmatch(value) else value
    if value is None or value is NOWHERE or isinstance(value, bool):
        return value
    return float(value) if isinstance(value, int | float) else UNDEFINED
