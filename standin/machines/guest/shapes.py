"""What a TOML document may hold: each check answers the problems that it finds, as "key: what, what is allowed"."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import urlsplit

Check = Callable[[str, object], Iterator[str]]
"""(dotted key, value) -> its problems."""


def table(keys: Mapping[str, Check], *, required: tuple[str, ...] = ()) -> Check:
    """A table of exactly these keys."""

    def check(key: str, value: object) -> Iterator[str]:
        if not isinstance(value, dict):
            yield f"{key}: a table is wanted, got a {type(value).__name__}"
            return
        for name in required:
            if name not in value:
                yield f"missing field `{name}`" + (f" in [{key}]" if key else "")
        for name, inner in value.items():
            here = f"{key}.{name}" if key else name
            if name not in keys:
                yield f"{here}: unknown key; known: {', '.join(sorted(keys))}"
            else:
                yield from keys[name](here, inner)

    return check


def each(check: Check) -> Check:
    """A table of any keys, all of whose values are alike."""

    def checked(key: str, value: object) -> Iterator[str]:
        if not isinstance(value, dict):
            yield f"{key}: a table is wanted, got a {type(value).__name__}"
            return
        for name, inner in value.items():
            yield from check(f"{key}.{name}", inner)

    return checked


def either(*checks: Check) -> Check:
    """Where none takes it, the problems of the one that it comes nearest to."""

    def check(key: str, value: object) -> Iterator[str]:
        found = [list(one(key, value)) for one in checks]
        if all(found):
            yield from min(reversed(found), key=len)

    return check


def of(kind: type, name: str) -> Check:
    def check(key: str, value: object) -> Iterator[str]:
        if type(value) is not kind:
            yield f"{key}: {name} is wanted, got {value!r}"

    return check


def matching(pattern: str, allowed: str) -> Check:
    def check(key: str, value: object) -> Iterator[str]:
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            yield f"{key}: {value!r} is not {allowed}"

    return check


def at_least(least: int) -> Check:
    def check(key: str, value: object) -> Iterator[str]:
        if type(value) is not int or value < least:
            yield f"{key}: a whole number of at least {least} is wanted, got {value!r}"

    return check


def url(*schemes: str) -> Check:
    def check(key: str, value: object) -> Iterator[str]:
        if not isinstance(value, str) or urlsplit(value).scheme not in schemes:
            yield f"{key}: {value!r} is no URL of {', '.join(f'{scheme}://' for scheme in schemes)}"

    return check


def not_built(why: str) -> Check:
    """What the real one takes, and this one does not."""

    def check(key: str, value: object) -> Iterator[str]:
        yield f"{key}: not built here: {why}"

    return check


def anything(key: str, value: object) -> Iterator[str]:
    yield from ()


text = of(str, "a text")
flag = of(bool, "true or false")
