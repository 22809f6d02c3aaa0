"""The checks that rules are made of: each looks at the values at one path of a resource's inputs.

A path is dotted, and `[*]` is every item of a list: `containers[*].image`. A path that is not there has no value, so it
breaks no rule: which inputs a type must have is not for a policy to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from policies.rule import Check, Resource


def by_type(checks: Mapping[str, Sequence[Check]]) -> Check:
    """The checks of the resource's own type; types without their version."""

    def check(resource: Resource) -> Iterator[str]:
        for one in checks.get(resource.type, ()):
            yield from one(resource)

    return check


def matches(path: str, pattern: str) -> Check:
    """Every known value at `path` matches the whole pattern."""

    def check(resource: Resource) -> Iterator[str]:
        for value in values_at(resource.inputs, path):
            if not resource.is_unknown(value) and not re.fullmatch(pattern, str(value)):
                yield f"{path} {value!r} does not match {pattern}"

    return check


def one_of(path: str, *allowed: Any) -> Check:
    """Every value at `path` is one of these; one that is not known yet is refused too, as these are never computed."""

    def check(resource: Resource) -> Iterator[str]:
        for value in values_at(resource.inputs, path):
            if value not in allowed:
                yield f"{path} {value!r} is not one of {allowed}"

    return check


def values_at(value: Any, path: str) -> list[Any]:
    if not path:
        return [value]
    if path.startswith("[*]"):
        items = value if isinstance(value, list) else []
        return [hit for item in items for hit in values_at(item, path[3:].lstrip("."))]
    match = re.match(r"([^.\[]+)(.*)", path)
    if match is None:
        raise ValueError(f"not a path: {path!r}")
    head, rest = match[1], match[2].lstrip(".")
    return values_at(value[head], rest) if isinstance(value, Mapping) and head in value else []
