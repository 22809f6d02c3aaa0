"""One section of a twin (desired, reported): values, when each was last set, and the version that every write moves.

https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-device-twins
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_RESERVED = frozenset({"$version", "$metadata"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Immutable: a write makes a new one, so that a twin handed out stays what it was."""

    values: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
    version: int = 1

    def patched(self, patch: Mapping[str, Any], now: str, *, versions: bool = True) -> Section:
        """`versions`: whether the metadata says which version set a value (desired properties; not reported ones)."""
        clean = without_reserved(patch)
        version = self.version + 1
        stamp: dict[str, Any] = {"$lastUpdated": now} | ({"$lastUpdatedVersion": version} if versions else {})
        metadata = _stamped(self.metadata, clean, stamp)
        return Section(values=merged(self.values, clean), metadata=metadata, version=version)

    def replaced(self, values: Mapping[str, Any], now: str) -> Section:
        """As if by a patch that also deletes what `values` lacks: untouched values keep their time."""
        clean = merged({}, without_reserved(values))
        return self.patched(difference(self.values, clean), now)

    def plain(self) -> dict[str, Any]:
        """What a device gets."""
        return {**copy.deepcopy(self.values), "$version": self.version}

    def full(self) -> dict[str, Any]:
        """What the service API shows."""
        return {**self.values, "$metadata": self.metadata, "$version": self.version}


def without_reserved(values: Mapping[str, Any]) -> dict[str, Any]:
    """A twin that was read is often written back whole; `$version` and `$metadata` are the hub's."""
    return {key: value for key, value in values.items() if key not in _RESERVED}


def merged(values: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """JSON merge: objects merge, null deletes, everything else replaces (arrays as a whole)."""
    result = dict(values)
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, Mapping):
            current = result.get(key)
            result[key] = merged(current if isinstance(current, Mapping) else {}, value)
        else:
            result[key] = copy.deepcopy(value)
    return result


def difference(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """The patch that turns `old` into `new`."""
    patch: dict[str, Any] = dict.fromkeys(old.keys() - new.keys())
    for key, value in new.items():
        if key not in old:
            patch[key] = value
        elif isinstance(value, Mapping) and isinstance(old[key], Mapping):
            if inner := difference(old[key], value):
                patch[key] = inner
        elif not same(old[key], value):
            patch[key] = value
    return patch


def same(left: Any, right: Any) -> bool:
    """JSON equality; Python's == takes True for 1."""
    return json.dumps(left, sort_keys=True) == json.dumps(right, sort_keys=True)


def _stamped(metadata: Mapping[str, Any], patch: Mapping[str, Any], stamp: dict[str, Any]) -> dict[str, Any]:
    result = {**metadata, **stamp}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, Mapping):
            current = result.get(key)
            result[key] = _stamped(current if isinstance(current, Mapping) else {}, value, stamp)
        else:
            result[key] = dict(stamp)
    return result
