"""Where a condition's names come from: application properties, system properties, the JSON body.

https://github.com/Azure/iotedge/blob/main/edge-hub/core/src/Microsoft.Azure.Devices.Routing.Core/query/jsonpath/JsonPath.g4
"""

from __future__ import annotations

import re
from typing import Any

from standin.edgeruntime.hub.domain.messages.message import Message, NotJson
from standin.edgeruntime.hub.domain.routing.errors import RouteError
from standin.edgeruntime.hub.domain.routing.values import UNDEFINED, Kind, Node, Value

_STEP = re.compile(r"""([^()<>@,;:\\"/\[\]?={}.\s]+)(?:\[([0-9]+)\])?\Z""")
# The original keeps the wire's short name of this one beside the long one.
_ALIASES = {"cid": "correlationId"}

Path = tuple[str | int, ...]


def application(name: str) -> Node:
    return Node(Kind.STRING, lambda message: message.properties.get(name, UNDEFINED))


def system(name: str) -> Node:
    if "[" in name or "]" in name:
        return Node(Kind.UNDEFINED, lambda _: UNDEFINED)
    name = _ALIASES.get(name, name)
    return Node(Kind.STRING, lambda message: message.system.get(name, UNDEFINED))


def dollar(text: str) -> Node:
    """`$name`: an application property literally so called goes before the body, the body before a system property."""
    other = escaped(text)
    if "[" in text or "]" in text:
        return other

    def value(message: Message) -> Value:
        own = message.properties.get(text)
        return own if own is not None else other.value(message)

    return Node(other.kind, value)


def escaped(text: str) -> Node:
    """`{$name}`: never an application property."""
    return body(text[6:]) if text.lower().startswith("$body.") else system(text[1:])


def body(path: str) -> Node:
    steps = parse_path(path)

    def value(message: Message) -> Value:
        try:
            return scalar(find(message.json(), steps))
        except NotJson:
            return UNDEFINED

    return Node(Kind.ANY, value)


def twin_change_includes(path: str) -> Node:
    steps = parse_path(path)

    def value(message: Message) -> Value:
        try:
            return find(message.json(), steps) is not None
        except NotJson:
            return UNDEFINED

    return Node(Kind.BOOL, value)


def parse_path(path: str) -> Path:
    steps: list[str | int] = []
    for part in path.split("."):
        step = _STEP.match(part)
        if not step:
            raise RouteError(f"Error in $body query: {path!r} is not a path such as a.b[0].c")
        steps.append(step[1])
        if step[2] is not None:
            steps.append(int(step[2]))
    return tuple(steps)


def find(document: Any, steps: Path) -> Any:
    """A path that leads nowhere is null, as in the original."""
    for step in steps:
        if isinstance(step, int):
            document = document[step] if isinstance(document, list) and step < len(document) else None
        else:
            document = document.get(step) if isinstance(document, dict) else None
    return document


def scalar(value: Any) -> Value:
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int | float):
        return float(value)
    return UNDEFINED
