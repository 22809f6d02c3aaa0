"""Dotted paths into JSON: "properties.containers[*].name"; [*] goes through a list or the values of a map."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

MISSING = object()


def find(value: Any, path: str) -> Any:
    """What is at the path, lists for [*]; MISSING where it ends early."""
    head, _, rest = path.partition(".")
    each = head.endswith("[*]")
    key = head.removesuffix("[*]")
    if not isinstance(value, Mapping) or key not in value:
        return MISSING
    below = value[key]
    if not each:
        return find(below, rest) if rest else below
    items = list(_items(below))
    return [find(item, rest) for item in items] if rest else items


def strip(value: Any, path: str) -> None:
    """Removes what is at the path, in place."""
    head, _, rest = path.partition(".")
    each = head.endswith("[*]")
    key = head.removesuffix("[*]")
    if not isinstance(value, dict) or key not in value:
        return
    if not rest:
        del value[key]
        return
    for item in _items(value[key]) if each else (value[key],):
        strip(item, rest)


def without(value: dict[str, Any], paths: tuple[str, ...]) -> dict[str, Any]:
    result = copy.deepcopy(value)
    for path in paths:
        strip(result, path)
    return result


def merge(base: Any, over: Any) -> Any:
    """`over` on top of `base`; objects merge, everything else is taken from `over`."""
    if isinstance(base, Mapping) and isinstance(over, Mapping):
        result = {key: copy.deepcopy(value) for key, value in base.items()}
        for key, value in over.items():
            result[key] = merge(result[key], value) if key in result else copy.deepcopy(value)
        return result
    return copy.deepcopy(over)


def patched(base: Any, over: Any) -> Any:
    """As `merge`, but a null takes away what is there. https://www.rfc-editor.org/rfc/rfc7396"""
    if not isinstance(over, Mapping):
        return copy.deepcopy(over)
    result = dict(base) if isinstance(base, Mapping) else {}
    for key, value in over.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = patched(result.get(key), value)
    return result


def without_nulls(value: Any) -> Any:
    """In a PUT a null says as little as a key that is left out."""
    if isinstance(value, Mapping):
        return {key: without_nulls(item) for key, item in value.items() if item is not None}
    return [without_nulls(item) for item in value] if isinstance(value, list) else value


def _items(value: Any) -> Iterator[Any]:
    if isinstance(value, Mapping):
        yield from value.values()
    elif isinstance(value, list):
        yield from value
