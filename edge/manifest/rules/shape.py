"""A checker for closed objects: every key known, required ones there, each value of its kind.

The published schemas (azure-iot-cli-extension azext_iot/assets/azure-iot-edge{agent,hub}-deployment-1.1.json) say
`additionalProperties: false` everywhere; this states the same, in messages that name key, value and what is allowed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from edge.manifest.problem import Findings, Path

Check = Callable[["Walk", Path, Any], None]


@dataclass(frozen=True, slots=True)
class Walk:
    """What every check needs: where findings go, and which values an engine does not know yet (never refused)."""

    findings: Findings
    is_unknown: Callable[[object], bool]

    def check(self, check: Check, path: Path, value: Any) -> None:
        if not self.is_unknown(value):
            check(self, path, value)

    def add(self, path: Path, reason: str, column: int | None = None) -> None:
        self.findings.add(path, reason, column)


def closed(required: Mapping[str, Check], optional: Mapping[str, Check] | None = None) -> Check:
    known = {**required, **(optional or {})}

    def check(walk: Walk, path: Path, value: Any) -> None:
        if not is_object(walk, path, value):
            return
        for key in required:
            if key not in value:
                walk.add(path, f"the key {key!r} is missing")
        for key, item in value.items():
            if key in known:
                walk.check(known[key], (*path, key), item)
            else:
                walk.add((*path, key), f"the key {key!r} is not known here; allowed: {', '.join(known)}")

    return check


def mapping(key_pattern: str, allowed: str, item: Check) -> Check:
    pattern = re.compile(key_pattern)

    def check(walk: Walk, path: Path, value: Any) -> None:
        if not is_object(walk, path, value):
            return
        for key, entry in value.items():
            if not pattern.fullmatch(key):
                walk.add((*path, key), f"the name {key!r} is refused; {allowed}")
            walk.check(item, (*path, key), entry)

    return check


def one_of(*values: str) -> Check:
    def check(walk: Walk, path: Path, value: Any) -> None:
        if value not in values:
            walk.add(path, f"{shown(value)} is refused; allowed: {', '.join(map(repr, values))}")

    return check


def whole(low: int, high: int) -> Check:
    def check(walk: Walk, path: Path, value: Any) -> None:
        number = isinstance(value, int | float) and not isinstance(value, bool) and value == value // 1
        if not number or not low <= value <= high:
            walk.add(path, f"{shown(value)} is refused; a whole number from {low} to {high} is wanted")

    return check


def text(walk: Walk, path: Path, value: Any) -> None:
    if not isinstance(value, str):
        walk.add(path, f"{shown(value)} is refused; text is wanted")


def word(walk: Walk, path: Path, value: Any) -> None:
    if not isinstance(value, str) or not value or re.search(r"\s", value):
        walk.add(path, "text without white space is wanted")  # may be a password: never shown


def is_object(walk: Walk, path: Path, value: Any) -> bool:
    if not isinstance(value, Mapping):
        walk.add(path, f"{shown(value)} is refused; an object is wanted")
        return False
    return True


def an_object(walk: Walk, path: Path, value: Any) -> None:
    is_object(walk, path, value)


def shown(value: Any) -> str:
    """A value short enough for a message."""
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "a list"
    words = repr(value)
    return words if len(words) <= 80 else f"{words[:77]}..."
