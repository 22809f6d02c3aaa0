"""Names in conditions: what edgeHub accepts and reads otherwise than it looks, and paths into a message's body.

https://github.com/Azure/iotedge/blob/main/edge-hub/core/src/Microsoft.Azure.Devices.Routing.Core/query/jsonpath/JsonPath.g4
"""

from __future__ import annotations

import re

BODY = "$body."
_CONSTANTS = ("true", "false", "null", "undefined")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]*)?")
_STEP = re.compile(r"(?P<name>[^.\[\]]+)(?:\[(?P<index>[0-9]+)\])?")
_MORE_INDEXES = re.compile(r"(?:\[[0-9]+\])+")
_ON_THE_WIRE = {
    "$iothub-connection-device-id": "$connectionDeviceId",
    "$iothub-connection-module-id": "$connectionModuleId",
    "$iothub-message-source": None,
    "$iothub-enqueuedtime": None,
}
"""Names that messages have in the cloud, and what a condition on a device asks for."""
_LARGEST_INDEX = 2**31 - 1


def trap(name: str, *, is_escaped: bool = False) -> str | None:
    """Why a name cannot mean what it looks like, and what to write; None for a name without doubt. `is_escaped`: it
    stands in braces, where nothing but a name can stand."""
    if name in ("&&", "&"):
        return f"edgeHub has no {name}: write AND"
    invisible = next((char for char in name if char.isspace() or not char.isprintable()), None)
    if invisible:
        return (
            f"edgeHub reads {name!r} as one name, {invisible!r} included: "
            "only blanks, tabs and line ends stand between words"
        )
    if name.startswith("'"):
        return f"edgeHub reads {name!r} as a property's name: a text ends in a quote and blank, a quote in it is \\'"
    if name.startswith("!"):
        return f"edgeHub reads {name!r} as the name of a property: write NOT {name[1:]}"
    if name.startswith("-"):
        return f"edgeHub reads {name!r} as the name of one property: write 0 - {name[1:]}"
    mark = None if is_escaped else _operator_in(name)
    if mark:
        braces = f", or {{{name}}} if it is called so" if name.startswith("$") else ""
        return _one_name(name, mark) + braces
    if name.lower() in _CONSTANTS:  # in another case
        return f"edgeHub reads {name!r} as the name of a property: {_instead_of_constant(name.lower())}"
    if _NUMBER.fullmatch(name):
        return f"edgeHub reads {name!r} as the name of a property: write {name.strip('+').strip('.')}"
    return _dollar_trap(name) if name.startswith("$") else None


def _instead_of_constant(word: str) -> str:
    if word in ("true", "false"):
        return f"write {word} beside a value of the body, '{word}' beside a property"
    return "write = null of a value of the body, NOT is_defined(...) of a property"


def suspicion(name: str) -> str | None:
    """What a name of a property, which may well be so, perhaps was meant for."""
    return _one_name(name, "-") if re.search(r"-[0-9.]+$", name) else None


def _one_name(name: str, mark: str) -> str:
    return f"edgeHub reads {name!r} as the name of one property, {mark} included: write spaces around operators"


def _operator_in(name: str) -> str | None:
    mark = next((mark for mark in ("!", "||", "|", "'", "+", "*", "%") if mark in name), None)
    if mark is None and "$" in name[1:]:
        mark = "$"
    if mark is None and name.startswith("$") and suspicion(name):
        mark = "-"
    return mark


def _dollar_trap(name: str) -> str | None:
    lower = name.lower()
    if lower in _ON_THE_WIRE:
        instead = _ON_THE_WIRE[lower]
        return f"edgeHub has no {name}, which messages have in the cloud" + (f": write {instead}" if instead else "")
    if lower.startswith("$twin.") or lower == "$twin":
        return f"edgeHub has no twins in conditions, as IoT Hub's routing has: {name} is never there"
    if lower == "$body" or lower.startswith("$body["):
        return f"edgeHub looks into a body by {BODY}<name> only: {name} is never there"
    return None


def body_fault(path: str) -> str | None:
    """Why edgeHub refuses what stands behind `$body.`. It does not read what follows a good beginning."""
    at = 0
    while True:
        step = _STEP.match(path, at)
        if step is None or re.fullmatch("[0-9]+", step["name"]):
            return f"the path {path!r} is not one like a.b[0].c: {path[at:]!r} is not a name"
        at = step.end()
        if path[at : at + 1] == "[" and step["index"] is None:
            return f"the path {path!r} is not one like a.b[0].c: a number and ] are wanted after ["
        if path[at : at + 1] != ".":
            return None
        at += 1


def _is_too_large(index: str) -> bool:
    return len(index) > len(str(_LARGEST_INDEX)) or int(index) > _LARGEST_INDEX


def body_trap(path: str) -> str | None:
    """Why a path that edgeHub accepts finds nothing in any body."""
    at = 0
    while step := _STEP.match(path, at):
        more = _MORE_INDEXES.match(path, step.end())
        at = more.end() if more else step.end()
        if path[at : at + 1] != ".":
            break
        at += 1
    if "*" in path.split("."):
        return f"edgeHub takes * for every member of the body: the path {path!r} finds one only where it is alone"
    if at < len(path):
        return f"edgeHub finds nothing by the path {path!r}: {path[at:]!r} cannot stand there"
    if any(_is_too_large(index) for index in re.findall(r"\[0*([0-9]+)\]", path)):
        return f"edgeHub finds nothing by the path {path!r}: an index is at most {_LARGEST_INDEX}"
    return None
