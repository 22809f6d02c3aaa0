"""Reads the shapes of ARM bodies out of Microsoft's SDK models, and those of azure-native's inputs out of its classes.

Used by generate.py only, so that nobody here decides how a body looks. The models come in two makes: msrest
(`_attribute_map`) and the newer one (`_RestField`).
"""

from __future__ import annotations

import importlib
import inspect
import re
import typing
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, ForwardRef

# -- ARM


@dataclass
class Node:
    """A place in an ARM body: the models it may hold, or fields known by path only.

    `list` and `map` (keyed by names) say in what these lie, `free` that what lies there is of no model at all.
    """

    models: list[type] = field(default_factory=list)
    fields: dict[str, Node] = field(default_factory=dict)
    map: bool = False
    list: bool = False
    free: bool = False

    def expand(self) -> dict[str, Node]:
        """The fields of all models that may lie here."""
        found = dict(self.fields)
        for model in self.models:
            for name, node in _fields(model).items():
                merge(found.setdefault(name, Node()), node)
        return found


def merge(into: Node, node: Node) -> None:
    into.models += [model for model in node.models if model not in into.models]
    into.map, into.list, into.free = into.map or node.map, into.list or node.list, into.free or node.free
    for name, child in node.fields.items():
        merge(into.fields.setdefault(name, Node()), child)


def model(reference: str) -> Node:
    """`module:Class`"""
    module, _, name = reference.partition(":")
    return Node([getattr(importlib.import_module(module), name)])


def _fields(cls: type) -> dict[str, Node]:
    """The fields of a model and of its subtypes (where a discriminator picks one)."""
    found: dict[str, Node] = {}
    family: list[type] = [cls, *(_subclasses(cls) if _is_discriminated(cls) else ())]
    for each in family:
        read = _msrest_fields if hasattr(each, "_attribute_map") else _rest_fields
        for path, node in read(each):
            *outer, name = path
            place = found
            for step in outer:
                place = place.setdefault(step, Node()).fields
            merge(place.setdefault(name, Node()), node)
    return found


def _is_discriminated(cls: type) -> bool:
    """Both makes list subtypes; others derive only to share fields: whatever has an id is no kind of SubResource."""
    return hasattr(cls, "__mapping__") or bool(getattr(cls, "_subtype_map", None))


def _subclasses(cls: type) -> Iterator[type]:
    direct: list[type] = cls.__subclasses__()
    for each in direct:
        yield each
        yield from _subclasses(each)


def _msrest_fields(cls: Any) -> Iterator[tuple[list[str], Node]]:
    models = importlib.import_module(cls.__module__)
    for description in cls._attribute_map.values():
        path = [step.replace("\\.", ".") for step in re.split(r"(?<!\\)\.", description["key"])]
        text, inner = description["type"], re.sub(r"[\[\]{}]", "", description["type"])
        named = getattr(models, inner, None)
        nested = [named] if isinstance(named, type) and hasattr(named, "_attribute_map") else []
        free = inner == "object" or text.startswith(("[[", "[{", "{[", "{{"))
        yield path, Node(nested, map=text.startswith("{"), list=text.startswith("["), free=free)


def _rest_fields(cls: Any) -> Iterator[tuple[list[str], Node]]:
    cls.__new__(cls)  # the fields of this make are named at the first instance
    for owner in cls.__mro__:
        for name, annotation in vars(owner).get("__annotations__", {}).items():
            described = vars(owner).get(name)
            if type(described).__name__ == "_RestField":
                assert described is not None
                yield [described._rest_name], _annotated(cls, str(annotation))


def _annotated(cls: type, annotation: str) -> Node:
    models = importlib.import_module(cls.__module__.rpartition(".")[0])
    own = importlib.import_module(cls.__module__)
    names = re.findall(r"_models\.(?:_models\.)?(\w+)", annotation)
    found = [getattr(models, name, None) or getattr(own, name, None) for name in names]
    nested = [each for each in found if isinstance(each, type) and not issubclass(each, Enum)]
    is_map, is_list = (re.search(rf"\b{word}\[", annotation) is not None for word in ("[dD]ict", "[lL]ist"))
    free = re.search(r"\b(Any|JSON|MutableMapping)\b", annotation) is not None or (is_map and is_list)
    return Node(nested, map=is_map, list=is_list, free=free)


# -- azure-native

# Members of pulumi.Resource, no outputs of Azure's.
_OF_EVERY_RESOURCE = frozenset({"id", "urn", "pulumi_resource_name", "pulumi_resource_type"})


@dataclass(frozen=True, slots=True)
class Input:
    name: str
    required: bool
    nested: tuple[str, ...]
    """Names of the nested input classes it may hold."""
    enum: tuple[str, ...]
    """The only values it may have; Azure's open enumerations are not listed."""
    list: bool
    map: bool


def arguments(token: str) -> type:
    """The class of a resource's arguments: `InitArgs` where the type also lies within another, as a subnet does."""
    resource = resource_class(token)
    module = importlib.import_module(resource.__module__)
    found = getattr(module, f"{resource.__name__}InitArgs", None) or getattr(module, f"{resource.__name__}Args")
    assert isinstance(found, type)
    return found


def resource_class(token: str) -> type:
    module, _, name = token.partition(":")
    found = getattr(importlib.import_module(f"pulumi_azure_native.{module}"), name)
    assert isinstance(found, type)
    return found


def nested_arguments(token: str, name: str) -> type:
    found = getattr(importlib.import_module(f"pulumi_azure_native.{token.partition(':')[0]}._inputs"), name)
    assert isinstance(found, type)
    return found


def api_version(token: str) -> str:
    """The version that the class's documentation names."""
    text = inspect.getsource(importlib.import_module(resource_class(token).__module__))
    match = re.search(r"Uses Azure REST API version ([\w-]+)", text)
    if match is None:
        raise LookupError(f"{token}: its documentation names no API version")
    return match[1]


def inputs(token: str, cls: type) -> list[Input]:
    module = importlib.import_module(f"pulumi_azure_native.{token.partition(':')[0]}")
    required = {
        name
        for name, parameter in inspect.signature(cls).parameters.items()
        if parameter.default is inspect.Parameter.empty
    }
    return [_input(module, wire, name in required, annotation) for name, wire, annotation in _getters(cls)]


def _getters(cls: type) -> Iterator[tuple[str, str, Any]]:
    """Python name, wire name, type."""
    for name, found in inspect.getmembers(cls, lambda member: isinstance(member, property)):
        getter = found.fget
        yield name, getattr(getter, "_pulumi_name", None) or name, getter.__annotations__.get("return")


def _input(module: Any, wire: str, required: bool, annotation: Any) -> Input:
    leaves, is_list, is_map = _leaves(annotation)
    names = sorted(leaf for leaf in leaves if leaf.endswith("Args"))
    found = [getattr(module, leaf, None) for leaf in leaves]
    enums = [each for each in found if isinstance(each, type) and issubclass(each, Enum)]
    closed = enums and "str" not in leaves
    values = tuple(str(item.value) for enum in enums for item in enum) if closed else ()
    return Input(wire, required, tuple(names), values, is_list, is_map)


def _leaves(annotation: Any) -> tuple[set[str], bool, bool]:
    """The names of the types at the ends of a type expression, and whether it holds a list or a map."""
    if isinstance(annotation, str | ForwardRef):
        text = annotation if isinstance(annotation, str) else annotation.__forward_arg__
        return set(re.findall(r"\w+", text)), "Sequence" in text, "Mapping" in text
    origin = typing.get_origin(annotation)
    if origin is None:
        return {getattr(annotation, "__name__", str(annotation))}, False, False
    leaves: set[str] = set()
    is_list, is_map = origin is Sequence, origin is Mapping
    arguments = typing.get_args(annotation)[1 if is_map else 0 :]
    for part in arguments:
        if typing.get_origin(part) is not None and "Awaitable" in str(typing.get_origin(part)):
            continue
        more, list_below, map_below = _leaves(part)
        leaves |= more
        is_list, is_map = is_list or list_below, is_map or map_below
    return leaves, is_list, is_map


def outputs(token: str) -> dict[str, list[str]]:
    """The top-level outputs, and the fields of those that are one object."""
    module = importlib.import_module(f"pulumi_azure_native.{token.partition(':')[0]}.outputs")
    found: dict[str, list[str]] = {}
    for _, wire, annotation in _getters(resource_class(token)):
        leaves, is_list, is_map = _leaves(annotation)
        nested = [getattr(module, leaf, None) for leaf in leaves if leaf.endswith("Response")]
        classes = [] if is_list or is_map else [each for each in nested if each is not None]
        found[wire] = sorted({name for each in classes for _, name, _ in _getters(each)})
    return {name: fields for name, fields in found.items() if name not in _OF_EVERY_RESOURCE}
