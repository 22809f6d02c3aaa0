"""Translates azure-native's inputs into ARM bodies and ARM bodies into azure-native's outputs, by mapping.json.

The table is generated (generate.py); this module only applies it. A field it does not list is newer than the SDKs: it
goes where its neighbours go.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from pluginbase.resource import UNKNOWN, Failure, Properties

Field = dict[str, Any]
_NO_FIELD: Field = {}


class Shape:
    """The fields that may lie at one place: those of one type, or of the types of a union."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.union = len(names) > 1
        self.fields: dict[str, Field] = {}
        for name in names:
            for field, described in _table()["types"].get(name, {}).items():
                self.fields[field] = _either(self.fields[field], described) if field in self.fields else described
        self.flattened = any(_is_flattened(name) for name in names)
        self.by_target = {tuple(_target(name, field)): name for name, field in self.fields.items()}

    def field(self, name: str) -> Field:
        return self.fields.get(name, _NO_FIELD)

    def path(self, name: str) -> list[str]:
        """Where an input lies in the body."""
        if name in self.fields:
            return _target(name, self.fields[name])
        return ["properties", name] if self.flattened else [name]

    def name(self, *path: str) -> str:
        """The azure-native name of a place in the body."""
        known = self.by_target.get(path)
        if known is not None:
            return known
        # App Insights alone spells its properties in upper case; azure-native does not.
        return path[-1][:1].lower() + path[-1][1:] if len(path) > 1 else path[-1]


def _either(one: Field, other: Field) -> Field:
    """A field that several members of a union have: it may hold what it may hold in any of them."""
    held = list(dict.fromkeys([*one.get("of", ()), *other.get("of", ())]))
    return {**one, "of": held} if held else one


def _is_flattened(type_name: str) -> bool:
    """Whether azure-native shows what lies in `properties` as if it lay beside it."""
    resource = _table()["resources"].get(type_name)
    if resource is not None:
        return "properties" not in resource["outputs"]
    fields = _table()["types"].get(type_name, {})
    return any(field.get("to", "").startswith("properties.") for field in fields.values())


@cache
def _table() -> dict[str, Any]:
    table: dict[str, Any] = json.loads(Path(__file__).with_name("mapping.json").read_bytes())
    return table


@cache
def _shape(names: tuple[str, ...]) -> Shape:
    return Shape(names)


def _below(field: Field) -> Shape:
    return _shape(tuple(field.get("of", ())))


def _target(name: str, field: Field) -> list[str]:
    target: str = field.get("to", name)
    return target.split(".")


def api_version(token: str) -> str:
    """The version that the SDK's class stands for, where its token names none."""
    version: str = _table()["resources"][token]["api"]
    return version


def has_field(token: str, name: str) -> bool:
    return name in _shape((token,)).fields


# -- inputs to a body


def body(token: str, inputs: Properties, params: tuple[str, ...]) -> Properties:
    """What is PUT. The path parameters name the resource and are no part of it."""
    sent = {name: value for name, value in inputs.items() if name not in params and name != "azureApiVersion"}
    return _to_arm(_shape((token,)), sent)


def _to_arm(shape: Shape, value: Properties) -> Properties:
    found: Properties = {}
    for name, item in value.items():
        if item is None:
            continue
        *outer, last = shape.path(name)
        place = found
        for step in outer:
            place = place.setdefault(step, {})
        place[last] = _item_to_arm(shape.field(name), item)
    return found


def _item_to_arm(field: Field, item: Any) -> Any:
    if field.get("set") and isinstance(item, list):
        return {key: {} for key in item}
    if "of" not in field:
        return _without_nulls(item)
    return _each(field, item, lambda value: _to_arm(_below(field), value))


def _each(field: Field, item: Any, convert: Any) -> Any:
    """Applies a conversion to the object, or to each of a list or map of objects."""
    if isinstance(item, list):
        return [_each(field, part, convert) for part in item]
    if not isinstance(item, dict):
        return item
    if field.get("map"):
        return {key: convert(part) if isinstance(part, dict) else part for key, part in item.items()}
    return convert(item)


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_without_nulls(item) for item in value]
    return value


# -- a body to outputs, and to the inputs that would make it


def outputs(token: str, response: Properties) -> Properties:
    """What azure-native shows of a resource."""
    known = _table()["resources"][token]["outputs"].keys() | _shape((token,)).fields.keys()
    return {name: value for name, value in _to_native(_shape((token,)), response).items() if name in known}


def _to_native(shape: Shape, value: Properties) -> Properties:
    found: Properties = {}
    lifted: Properties = {}
    for key, item in value.items():
        if key == "properties" and shape.flattened and isinstance(item, dict):
            for inner, part in item.items():
                name = shape.name(key, inner)
                lifted[name] = _item_to_native(shape.field(name), part)
        else:
            name = shape.name(key)
            found[name] = _item_to_native(shape.field(name), item)
    return {**lifted, **found}


def _item_to_native(field: Field, item: Any) -> Any:
    if "of" not in field:
        return item
    return _each(field, item, lambda value: _to_native(_below(field), value))


def inputs_of(token: str, shown: Properties) -> Properties:
    """The part of the outputs that could have been inputs: read-only properties are left out."""
    return _to_inputs(_shape((token,)), shown)


def _to_inputs(shape: Shape, value: Properties) -> Properties:
    return {
        name: _item_to_inputs(shape.field(name), item)
        for name, item in value.items()
        if name in shape.fields and item is not None
    }


def _item_to_inputs(field: Field, item: Any) -> Any:
    if field.get("set") and isinstance(item, dict):
        return list(item)
    if "of" not in field:
        return item
    return _each(field, item, lambda value: _to_inputs(_below(field), value))


# -- a preview


def preview(token: str, inputs: Properties) -> Properties:
    """The outputs as far as the inputs tell them: everything else is unknown, inside of objects too."""
    found: Properties = {}
    expected = _to_outputs(_shape((token,)), inputs)
    for name, fields in _table()["resources"][token]["outputs"].items():
        value = expected.get(name, UNKNOWN)
        if isinstance(value, dict):
            value = {**dict.fromkeys(fields, UNKNOWN), **value}
        found[name] = value
    return found


def _to_outputs(shape: Shape, value: Properties) -> Properties:
    return {name: _item_to_outputs(shape.field(name), item) for name, item in value.items()}


def _item_to_outputs(field: Field, item: Any) -> Any:
    if field.get("set"):
        return UNKNOWN  # goes in as a list of ids, comes out as a map from id to what Azure knows of it
    if "of" not in field:
        return item
    return _each(field, item, lambda value: _to_outputs(_below(field), value))


# -- a check


def check(token: str, inputs: Properties) -> list[Failure]:
    """Required properties and closed enumerations, at every depth."""
    missing = [
        Failure(name, "is required but missing")
        for name in _table()["resources"][token]["required"]
        if inputs.get(name) is None and name in _shape((token,)).fields
    ]
    return missing + list(_check(_shape((token,)), inputs, ""))


def _check(shape: Shape, value: Properties, where: str) -> Iterator[Failure]:
    for name, item in value.items():
        field = shape.field(name)
        place = f"{where}.{name}" if where else name
        allowed = field.get("enum")
        if allowed and isinstance(item, str) and item not in allowed:
            yield Failure(place, f"{item!r} is not one of {', '.join(allowed)}")
        if "of" in field and item is not UNKNOWN:
            yield from _check_below(field, item, place)


def _check_below(field: Field, item: Any, place: str) -> Iterator[Failure]:
    if isinstance(item, list):
        for index, part in enumerate(item):
            yield from _check_below(field, part, f"{place}[{index}]")
    elif isinstance(item, dict) and field.get("map"):
        for key, part in item.items():
            yield from _check_object(_below(field), part, f'{place}["{key}"]')
    else:
        yield from _check_object(_below(field), item, place)


def _check_object(shape: Shape, item: Any, place: str) -> Iterator[Failure]:
    # Of a union only Azure knows which member is meant.
    if not isinstance(item, dict) or shape.union:
        return
    for name, field in shape.fields.items():
        if field.get("required") and item.get(name) is None:
            yield Failure(f"{place}.{name}", "is required but missing")
    yield from _check(shape, item, place)
