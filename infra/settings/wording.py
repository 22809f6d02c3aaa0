"""Says what is wrong with a configuration value: the key in full, the value received, what is allowed.

msgspec stops at the first finding and does not name the key of a mapping, so this walks the value beside its type and
collects every finding. Only ever called for a value that msgspec has refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import msgspec
from msgspec import inspect

from edge.manifest import Misfit

_LONGEST_VALUE = 80
_REFUSED = "is refused; allowed: {}"
_USER = re.compile(r"://[^\s\"']*@")
"""Of a URL: what stands before the @ may be a password, which somebody has put where it is refused."""

_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")


@dataclass(frozen=True)
class Problem:
    key: str
    reason: str
    value: str | None = None
    """As JSON; None where the key itself is the finding."""
    cites_nothing: bool = False
    """No value stands in the reason either: it may be told beside a secret."""
    uncited: str | None = None
    """The reason without what cites a value: told beside a secret in its place."""

    def __str__(self) -> str:
        told = f"{self.key}: {self.reason}" if self.value is None else f"{self.key}: {self.value} {self.reason}"
        return _USER.sub("://***@", told)

    def hidden(self) -> Problem:
        return replace(self, value=None if self.value is None else "[secret]")

    def withheld(self) -> Problem:
        """Where the reason may cite the value, too."""
        if self.cites_nothing:
            return self.hidden()
        if self.uncited is not None:
            return replace(self.hidden(), reason=self.uncited)
        top = re.split(r"[.\[]", self.key)[0]
        return Problem(self.key, f"is refused; {may_cite(top)}", "[secret]")


def may_cite(top: str) -> str:
    """Why a reason is not told of a key that holds a secret."""
    return f"why may cite what is encrypted under {top}: a preview without that tells it"


def refused(key: str, value: object, allowed: str, *, fixed: str | None = None) -> Problem:
    """`fixed` is what of `allowed` cites no value of the configuration."""
    text = json.dumps(value, ensure_ascii=False)
    shown = text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}..."
    uncited = None if fixed is None else _REFUSED.format(fixed)
    return Problem(key, _REFUSED.format(allowed), shown, uncited=uncited)


def missing(key: str, kind: Any) -> Problem:
    return Problem(key, f"missing; it has no default; allowed: {_wanted(kind)}", cites_nothing=True)


def explain(key: str, text: str, kind: Any, error: Exception) -> list[Problem]:
    """Findings for a top-level key, given as text, that could not be decoded as `kind`."""
    try:
        value = text if is_text(kind) else json.loads(text)
    except (json.JSONDecodeError, RecursionError):
        return list(_walk(key, text, kind)) or [_misfit_of(key, text, _wanted(kind))]
    return list(_walk(key, value, kind)) or [Problem(key, f"is refused: {error}", json.dumps(value))]


def misfits(key: str, value: Any, kind: Any) -> list[Problem]:
    """Findings for a value that is decoded already; none where it fits `kind`."""
    try:
        msgspec.convert(value, kind, strict=False)
    except msgspec.ValidationError as error:
        return list(_walk(key, value, kind)) or [_together(key, value, error)]
    return []


def _together(key: str, value: Any, error: msgspec.ValidationError) -> Problem:
    """Of values that fit, each by itself."""
    if isinstance(one := error.__cause__, Misfit) and one.setting in value:
        found = refused(f"{key}.{one.setting}", value[one.setting], one.allowed)
        return found.hidden() if one.hides else found
    return Problem(key, f"is refused: {error}", json.dumps(value))


def is_text(kind: Any) -> bool:
    return _bare(kind) is str


def _walk(key: str, value: Any, kind: Any) -> Iterator[Problem]:
    bare = _bare(kind)
    arguments = get_args(bare)
    if isinstance(bare, type) and issubclass(bare, msgspec.Struct):
        yield from _walk_struct(key, value, bare)
    elif _is_tagged(arguments):
        yield from _walk_tagged(key, value, {_tag(option): option for option in arguments})
    elif get_origin(bare) is dict and isinstance(value, Mapping):
        for name, item in value.items():
            if _misfit(name, arguments[0]):
                why = f"is refused as a name; allowed: {_allowed(arguments[0])}"
                yield Problem(f"{key}.{name}", why, cites_nothing=True)
            else:
                yield from _walk(f"{key}.{name}", item, arguments[1])
    elif get_origin(bare) is tuple and isinstance(value, list) and value:
        for index, item in enumerate(value):
            yield from _walk(f"{key}[{index}]", item, arguments[0])
    elif isinstance(value, Mapping) and (tree := _tree_among(bare)) is not None:
        if tree.__struct_config__.tag is None:
            yield from _walk_struct(key, value, tree)
        else:
            yield from _walk_tagged(key, value, {_tag(tree): tree})
    elif _optional(arguments) is not None and value is not None:
        yield from _walk(key, value, _optional(arguments))
    elif _misfit(value, kind):
        yield _misfit_of(key, value, _allowed(kind))


def _walk_struct(key: str, value: Any, kind: type[msgspec.Struct], tag: str | None = None) -> Iterator[Problem]:
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    allowed = ", ".join([*([tag] if tag else []), *fields])
    if not isinstance(value, Mapping):
        yield _misfit_of(key, value, _wanted(kind))
        return
    for name in value:
        if name not in fields and name != tag:
            yield Problem(f"{key}.{name}", f"unknown key; allowed are {allowed}", cites_nothing=True)
    for name, field in fields.items():
        if name in value:
            yield from _walk(f"{key}.{name}", value[name], field.type)
        elif field.required:
            yield missing(f"{key}.{name}", field.type)


def _walk_tagged(key: str, value: Any, options: Mapping[str, type[msgspec.Struct]]) -> Iterator[Problem]:
    field = next(iter(options.values())).__struct_config__.tag_field
    names = " or ".join(options)
    if not isinstance(value, Mapping):
        yield _misfit_of(key, value, f"a tree with {field}: {names}")
    elif field not in value:
        yield Problem(f"{key}.{field}", f"missing; allowed are {names}", cites_nothing=True)
    elif (option := next((kind for tag, kind in options.items() if tag == value[field]), None)) is None:
        yield _misfit_of(f"{key}.{field}", value[field], names)
    else:
        yield from _walk_struct(key, value, option, field)


def _misfit_of(key: str, value: object, allowed: str) -> Problem:
    """What a type allows cites no value."""
    return refused(key, value, allowed, fixed=allowed)


def _wanted(kind: Any) -> str:
    """The shape of a tree, or the type of a value, in words."""
    bare = _bare(kind)
    arguments = get_args(bare)
    if isinstance(bare, type) and issubclass(bare, msgspec.Struct):
        return f"the keys {', '.join(field.encode_name for field in msgspec.structs.fields(bare))}"
    if _is_tagged(arguments):
        return f"a tree with {arguments[0].__struct_config__.tag_field}: {' or '.join(map(_tag, arguments))}"
    return _allowed(kind)


def _allowed(kind: Any) -> str:
    """The type in words; a description given with the type wins."""
    info = inspect.type_info(kind)
    while isinstance(info, inspect.Metadata):
        if "description" in (schema := info.extra_json_schema or {}):
            return str(schema["description"])
        info = info.type
    match info:
        case inspect.BoolType():
            return "true or false"
        case inspect.IntType():
            return f"a whole number{_range(info)}"
        case inspect.FloatType():
            return f"a number{_range(info)}"
        case inspect.StrType():
            return "a text"
        case inspect.LiteralType():
            return ", ".join(map(_literal, info.values))
        case inspect.VarTupleType():
            return f"a list of {info.min_length} or more" if info.min_length else "a list"
        case inspect.DictType():
            return "a mapping of names to values"
        case inspect.UnionType():
            return ", ".join(_allowed_type(option) for option in info.types)
    return str(info)


def _literal(value: object) -> str:
    """A text that YAML would read as a number is told in quotes, without which it is refused."""
    return json.dumps(value) if isinstance(value, str) and _NUMBER.fullmatch(value) else str(value)


def _allowed_type(info: inspect.Type) -> str:
    names = {inspect.BoolType: "true or false", inspect.IntType: "a whole number", inspect.FloatType: "a number"}
    return names.get(type(info), "a text")


def _range(info: inspect.IntType | inspect.FloatType) -> str:
    low, high = info.ge, info.le
    if low is not None and high is not None:
        return f" from {low:g} to {high:,}".replace(",", "_")
    return "" if low is None else f" of {low:g} or more"


def _misfit(value: Any, kind: Any) -> bool:
    try:
        msgspec.convert(value, kind, strict=False)
    except msgspec.ValidationError:
        return True
    return False


def _bare(kind: Any) -> Any:
    return get_args(kind)[0] if get_origin(kind) is Annotated else kind


def _is_tagged(arguments: tuple[Any, ...]) -> bool:
    return bool(arguments) and all(isinstance(a, type) and issubclass(a, msgspec.Struct) for a in arguments)


def _tree_among(bare: Any) -> type[msgspec.Struct] | None:
    """Of a type that is written as a tree or, for short, as a single value."""
    options = get_args(bare) if get_origin(bare) in (Union, UnionType) else ()
    return next((one for one in options if isinstance(one, type) and issubclass(one, msgspec.Struct)), None)


def _tag(kind: type[msgspec.Struct]) -> str:
    return str(kind.__struct_config__.tag)


def _optional(arguments: tuple[Any, ...]) -> Any:
    rest = [argument for argument in arguments if argument is not type(None)]
    return Union[tuple(rest)] if len(rest) < len(arguments) else None  # noqa: UP007 - built at run time
