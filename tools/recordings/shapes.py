"""What differs between two JSON bodies in shape: keys, types, how dates, ids and words are spelt.

Values that are made up by either side (names, ids, secrets) are none of it; words are: "Succeeded" or "succeeded".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

What = Literal["status", "header", "missing", "null", "extra", "type", "form", "value"]

_GUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?P<fraction>\.\d+)?(?P<zone>Z|[+-]\d\d:?\d\d)?")
_SCRUBBED_DATE = "2001-02-03T04:05:06Z"
"""Stands in recordings of Azure/azure-service-operator for every date."""
_WORD = re.compile(r"[A-Za-z]{2,40}")
_FREE_KEYS = frozenset({"tags", "environmentVariables", "secret"})
_FREE_WORDS = frozenset({"name", "message", "username", "displayName", "description", "location"})
"""Keys whose values are words of the user's own, or prose."""
_WHO = frozenset({"createdBy", "lastModifiedBy", "updatedBy", "createdByType", "lastModifiedByType"})
"""A recording's client is a person, ours is not."""


@dataclass(frozen=True, slots=True, order=True)
class Difference:
    what: What
    path: str
    recorded: str
    ours: str


def differences(recorded: Any, ours: Any, path: str = "") -> Iterator[Difference]:
    if isinstance(recorded, Mapping) and isinstance(ours, Mapping):
        yield from _of_objects(recorded, ours, path)
    elif isinstance(recorded, list) and isinstance(ours, list):
        if recorded and not ours:
            yield Difference("missing", f"{path}[]", _kind(recorded[0]), "an empty list")
        for theirs, mine in zip(recorded, ours, strict=False):
            yield from differences(theirs, mine, f"{path}[]")
    elif _type(recorded) != _type(ours):
        yield Difference("type", path or ".", _kind(recorded), _kind(ours))
    elif isinstance(recorded, str) and isinstance(ours, str):
        yield from _of_texts(recorded, ours, path)
    elif isinstance(recorded, bool) and recorded != ours:
        yield Difference("value", path, str(recorded).lower(), str(ours).lower())


def _of_objects(recorded: Mapping[str, Any], ours: Mapping[str, Any], path: str) -> Iterator[Difference]:
    if _last(path) in _FREE_KEYS:
        return
    mine = {_key(name): value for name, value in ours.items()}
    theirs = {_key(name): value for name, value in recorded.items()}
    for name, value in theirs.items():
        at = f"{path}.{name}".lstrip(".")
        if name in mine:
            yield from differences(value, mine[name], at)
        else:
            yield Difference("null" if value is None else "missing", at, _kind(value), "")
    for name in mine.keys() - theirs.keys():
        yield Difference("extra", f"{path}.{name}".lstrip("."), "", _kind(mine[name]))


def _of_texts(recorded: str, ours: str, path: str) -> Iterator[Difference]:
    theirs, mine = _form(recorded), _form(ours)
    if _last(path) in _WHO:
        return
    if recorded == _SCRUBBED_DATE and mine.startswith("a date"):
        return
    if theirs != mine and not {theirs, mine} <= {"a word", "a text", "nothing"}:
        yield Difference("form", path, theirs, mine)
    elif theirs == mine == "a word" and recorded != ours and _last(path) not in _FREE_WORDS:
        yield Difference("value", path, recorded, ours)


def _form(text: str) -> str:
    if date := _DATE.fullmatch(text):
        return f"a date in {_fractions(date['fraction'])} with {_zone(date['zone'])}"
    if _GUID.fullmatch(text):
        return "a GUID" if text == text.lower() else "a GUID in capitals"
    if text.lower().startswith("/subscriptions/"):
        return _id(text)
    if text.startswith(("https://", "http://")):
        return "an address"
    return "a word" if _WORD.fullmatch(text) else "a text" if text else "nothing"


def _fractions(text: str | None) -> str:
    """.NET leaves zeros at the end out, so that fewer digits are met, too."""
    digits = len(text or ".") - 1
    return "seconds" if digits == 0 else "milliseconds" if digits <= 3 else "less than a millisecond"


def _zone(zone: str | None) -> str:
    return "Z" if zone == "Z" else "no zone" if zone is None else "an offset"


def _id(text: str) -> str:
    """With its names left out: how the words between them are spelt is part of an id's form."""
    words, shown = iter(text.strip("/").split("/")), list[str]()
    for word in words:
        name = next(words, None)
        shown += [word] if name is None else [word, name if word.lower() == "providers" else "*"]
    return "/" + "/".join(shown)


def _key(name: str) -> str:
    """Ids as keys (of user-assigned identities) are names."""
    return "*" if name.lower().startswith("/subscriptions/") else name


def _last(path: str) -> str:
    return path.rpartition(".")[2].removesuffix("[]")


def _type(value: Any) -> str:
    if isinstance(value, bool):
        return "true or false"
    names = {int: "a number", float: "a number", str: "a text", list: "a list", dict: "an object", type(None): "null"}
    return names.get(type(value), type(value).__name__)


def _kind(value: Any) -> str:
    if isinstance(value, str):
        form = _form(value)
        return f"{value!r}" if form == "a word" else form
    return str(value).lower() if isinstance(value, bool) else _type(value)
