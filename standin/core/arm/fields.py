"""What a PUT or PATCH asks for, held against what Azure knows and what the type obeys or keeps.

A field that Azure does not know is refused in its words. One that Azure knows and the type neither obeys nor merely
keeps is refused as not built. What is there already asks for nothing, so that a body that was read can be sent back.
`fields.json` is written by `python -m tools.arm_fields`, out of Microsoft's own models.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from standin.core.arm import paths
from standin.core.arm.errors import NotBuilt, UnknownMember, WrongType
from standin.core.arm.kinds import ResourceKind
from standin.core.obeys import Fields, unknown_fields

_TABLE = Path(__file__).with_name("fields.json")
_ENVELOPE = ("id", "name", "type", "systemData", "etag", "location", "tags")
_KINDS: Mapping[type, str] = {list: "an array", dict: "an object"}
_SAYS_NOTHING: tuple[object, ...] = (None, "", [], {})


Shape = Mapping[str, Any] | list[Any] | str | None
"""What a place of a body may hold: an object, by its fields; a list of one shape; "any"; None for one value."""


@cache
def _table() -> dict[str, Mapping[str, Any]]:
    table: dict[str, Mapping[str, Any]] = json.loads(_TABLE.read_text(encoding="utf-8"))
    return {name.lower(): shape for name, shape in table.items()}


def known_fields(kind: ResourceKind) -> Fields | None:
    """None where no model of Microsoft's is at hand: the type is made by Azure itself, and only read."""
    return _fields_of(kind.type.lower())


@cache
def _fields_of(name: str) -> Fields | None:
    return _names(_table().get(name))


def _names(shape: Shape) -> Fields | None:
    if isinstance(shape, list):
        return _names(shape[0])
    return {name: _names(below) for name, below in shape.items()} if isinstance(shape, Mapping) else None


def check_fields(kind: ResourceKind, body: Mapping[str, Any], there: Mapping[str, Any] | None) -> None:
    """`there` is the resource as it is answered now, None where there is none yet."""
    asked = _asked(body, there or {})
    known = known_fields(kind)
    if known is not None:
        for path in unknown_fields(asked, {**dict.fromkeys(_ENVELOPE), **known}):
            raise UnknownMember(path, "ResourceDefinition" if "." not in path else kind.type)
        for path, value, wanted in _mistyped(asked, _table()[kind.type.lower()]):
            raise WrongType(path, value, wanted)
    for path, value in _said(asked):
        if kind.keeps is not None and path not in kind.keeps and not _below_one_of(path, kind.built):
            raise NotBuilt(path, value, kind.type, ())
    for path, allowed in kind.built.items():
        for value in _found(paths.find(asked, path), path.count("[*]")):
            if value not in _SAYS_NOTHING and value not in allowed:
                raise NotBuilt(path, value, kind.type, allowed)


def object_at(body: Mapping[str, Any], path: str) -> Mapping[str, Any]:
    """The object at a dotted path, an empty one where nothing is said. Raises WrongType for what is none."""
    value = paths.find(body, path)
    if value is paths.MISSING or value is None:
        return {}
    if not isinstance(value, Mapping):
        raise WrongType(path, value, "an object")
    return value


def _asked(body: Mapping[str, Any], there: Mapping[str, Any]) -> dict[str, Any]:
    changed = {name: value for name, value in body.items() if name not in there or value != there[name]}
    properties, before = body.get("properties"), there.get("properties")
    if isinstance(properties, Mapping):
        known = before if isinstance(before, Mapping) else {}
        changed["properties"] = {
            name: value
            for name, value in properties.items()
            if name != "provisioningState" and (name not in known or value != known[name])
        }
    return changed


def _said(asked: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    properties = asked.get("properties")
    below = properties if isinstance(properties, Mapping) else {}
    for name, value in asked.items():
        if name != "properties" and name not in _ENVELOPE and value not in _SAYS_NOTHING:
            yield name, value
    for name, value in below.items():
        if value not in _SAYS_NOTHING:
            yield f"properties.{name}", value


def _mistyped(value: object, shape: Shape, above: str = "") -> Iterator[tuple[str, object, str]]:
    """What is no object, no list or not one value where Azure's models have one: its path, and what it should be."""
    if value is None or isinstance(shape, str):
        return
    if isinstance(shape, list):
        for one in value if isinstance(value, list) else ():
            yield from _mistyped(one, shape[0], above)
    elif isinstance(shape, Mapping):
        for name, item in value.items() if isinstance(value, Mapping) else ():
            yield from _mistyped(item, shape.get(name, shape.get("*", "any")), f"{above}{name}.")
    wanted = "an array" if isinstance(shape, list) else "an object" if isinstance(shape, Mapping) else "one value"
    if wanted != _KINDS.get(type(value), "one value"):
        yield above.rstrip("."), value, wanted


def _found(value: object, deep: int) -> Iterator[object]:
    """`deep`: through how many lists the path goes."""
    if deep and isinstance(value, list):
        for one in value:
            yield from _found(one, deep - 1)
    elif value is not paths.MISSING:
        yield value


def _below_one_of(path: str, built: Mapping[str, object]) -> bool:
    named = (one.replace("[*]", "") for one in built)
    return any(one == path or one.startswith(path + ".") for one in named)
