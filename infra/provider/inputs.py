"""The inputs of a resource type as one msgspec Struct, which has the bounds and the only defaults.

    class KeyInputs(Inputs, frozen=True):
        bytes: Annotated[int, Meta(ge=16, le=128)] = 32
        owner: Annotated[str, text("[a-z]+", "lower-case letters are allowed")]

    KeyInputs.check({"bytes": 8})       # bytes: 8 is refused; a whole number from 16 to 128 is wanted
                                        # owner: is missing
    KeyInputs.of({"owner": "a"}).bytes  # 32

msgspec itself stops at the first finding and knows no unknown values of a preview, so `check` walks the types that it
describes: every finding names the key, the value and what is allowed, and what is not known yet passes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Annotated, Any, Self

import msgspec
from msgspec import Meta, Struct
from msgspec.inspect import (
    AnyType,
    BoolType,
    DictType,
    Field,
    FloatType,
    IntType,
    ListType,
    LiteralType,
    Metadata,
    NoneType,
    StrType,
    StructType,
    Type,
    UnionType,
    type_info,
)

from pluginbase.resource import Failure, Properties
from pluginbase.values import UNKNOWN


class Inputs(Struct, frozen=True, kw_only=True, rename="camel"):
    """A mapping of inputs, of a type or nested in one. Fields are named as in Python, keys as on the wire."""

    @classmethod
    def check(cls, news: Properties) -> tuple[Properties, list[Failure]]:
        """The inputs with the defaults of those that are absent or null, and everything that is refused of them."""
        given = {name: value for name, value in news.items() if value is not None}
        filled = {**_defaults(cls), **given}
        return filled, list(_refused(_described(cls), filled, ""))

    @classmethod
    def of(cls, inputs: Mapping[str, Any]) -> Self:
        """Inputs that passed `check` and are all known, typed; keys that are none of them are passed over."""
        return msgspec.convert(inputs, cls)


def text(pattern: str, allowed: str) -> Meta:
    """Of a text that the whole pattern matches; `allowed` says it in words."""
    return Meta(pattern=rf"^(?:{pattern})\Z", description=allowed)


def one_of(values: Iterable[str]) -> Meta:
    """Of a text, in the order in which they are to be told. (`Literal` is told sorted.)"""
    allowed = tuple(values)
    return text("|".join(allowed), f"allowed: {', '.join(allowed)}")


Sha256 = Annotated[str, text("[0-9a-f]{64}", "64 digits of 0-9a-f are wanted")]
Rotation = Annotated[int, Meta(ge=0, le=1_000_000)]
"""Counts up to make a secret anew."""


@cache
def _described(kind: type[Inputs]) -> StructType:
    described = type_info(kind)
    if not isinstance(described, StructType):
        raise TypeError(f"{kind.__name__} is no Struct")
    return described


def _defaults(kind: type[Inputs]) -> Properties:
    """Those that are None stay absent."""
    defaults = {field.encode_name: _default(field) for field in _described(kind).fields if not field.required}
    return {name: value for name, value in defaults.items() if value is not None}


def _default(field: Field) -> Any:
    return field.default if field.default_factory is msgspec.NODEFAULT else field.default_factory()


def _refused(kind: Type, value: Any, path: str, allowed: str | None = None) -> Iterator[Failure]:
    if value is UNKNOWN or isinstance(kind, AnyType):
        return
    if isinstance(kind, Metadata):
        yield from _refused(kind.type, value, path, (kind.extra_json_schema or {}).get("description"))
    elif isinstance(kind, UnionType):
        yield from _refused(_not_none(kind), value, path, allowed) if value is not None else ()
    elif isinstance(kind, StructType):
        yield from _refused_of_struct(kind, value, path)
    elif isinstance(kind, DictType):
        yield from _refused_of_dict(kind, value, path)
    elif isinstance(kind, ListType):
        yield from _refused_of_list(kind, value, path, allowed)
    elif not _fits(kind, value):
        yield Failure(path, f"{value!r} is refused; {allowed or _allowed(kind)}")


def _refused_of_struct(kind: StructType, value: Any, path: str) -> Iterator[Failure]:
    if not isinstance(value, Mapping):
        yield _no_object(path, value)
        return
    fields = {field.encode_name: field for field in kind.fields}
    for name, field in fields.items():
        if value.get(name) is not None:
            yield from _refused(field.type, value[name], _below(path, name))
        elif field.required:
            yield Failure(_below(path, name), "is missing")
    for name in value:
        # the engine's own keys begin so
        if name not in fields and not name.startswith("__"):
            yield Failure(_below(path, name), f"is not known here; allowed: {', '.join(fields)}")


def _refused_of_dict(kind: DictType, value: Any, path: str) -> Iterator[Failure]:
    if not isinstance(value, Mapping):
        yield _no_object(path, value)
        return
    for name, item in value.items():
        yield from _refused_name(kind.key_type, name, path)
        yield from _refused(kind.value_type, item, _below(path, name))


def _refused_name(kind: Type, name: str, path: str) -> Iterator[Failure]:
    if isinstance(kind, LiteralType) and name not in kind.values:
        yield Failure(_below(path, name), f"is not known here; {_allowed(kind)}")
    elif isinstance(kind, Metadata) and not _fits(kind.type, name):
        allowed = (kind.extra_json_schema or {}).get("description")
        yield Failure(_below(path, name), f"the name is refused; {allowed}")


def _refused_of_list(kind: ListType, value: Any, path: str, allowed: str | None) -> Iterator[Failure]:
    if not isinstance(value, list) or len(value) < (kind.min_length or 0):
        yield Failure(path, f"{value!r} is refused; {allowed or 'a list is wanted'}")
        return
    for index, item in enumerate(value):
        yield from _refused(kind.item_type, item, f"{path}[{index}]")


def _fits(kind: Type, value: Any) -> bool:
    """Whether a scalar is of the type and within its bounds. A truth value is no number."""
    match kind:
        case StrType(pattern=pattern):
            return isinstance(value, str) and (pattern is None or re.search(pattern, value) is not None)
        case IntType() | FloatType():
            types = (int,) if isinstance(kind, IntType) else (int, float)
            return isinstance(value, types) and not isinstance(value, bool) and _is_within(kind, value)
        case BoolType():
            return isinstance(value, bool)
        case LiteralType(values=values):
            return value in values
    raise TypeError(f"inputs cannot be {kind}: infra/provider/inputs.py does not check such a type yet")


def _is_within(kind: IntType | FloatType, value: float) -> bool:
    return (kind.ge is None or value >= kind.ge) and (kind.le is None or value <= kind.le)


def _allowed(kind: Type) -> str:
    match kind:
        case IntType(ge=low, le=high) if low is not None and high is not None:
            return f"a whole number from {low} to {high} is wanted"
        case IntType():
            return "a whole number is wanted"
        case FloatType():
            return "a number is wanted"
        case BoolType():
            return "true or false is wanted"
        case LiteralType(values=values):
            return f"allowed: {', '.join(map(str, values))}"
    return "a text is wanted"


def _not_none(kind: UnionType) -> Type:
    (other,) = (one for one in kind.types if not isinstance(one, NoneType))
    return other


def _no_object(path: str, value: Any) -> Failure:
    return Failure(path, f"{value!r} is refused; an object is wanted")


def _below(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
