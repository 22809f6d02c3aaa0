"""Module twins on the device: answered from here, also offline; reported changes wait until the cloud has taken them.

https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-module-twins
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from standin.edgeruntime.hub.domain.store import Store
from standin.edgeruntime.hub.domain.twins import merge

Properties = dict[str, Any]
MAX_DEPTH = 10


class Refused(ValueError):
    """A reported patch that the cloud would refuse."""


class DesiredChange(NamedTuple):
    """What a module has to hear of a change of its desired properties."""

    module: str
    patch: Properties
    version: int


class Report(NamedTuple):
    """What came of a reported patch."""

    patch: Properties
    """As it counts: without `$version`."""
    version: int
    """Of the section, as this device counts it; the cloud's own follows with its answer."""


class Twins:
    """`unsent` is called whenever there is something that the cloud has to hear."""

    def __init__(self, store: Store, *, unsent: Callable[[], None]) -> None:
        self._store = store
        self._unsent = unsent
        self._twins: dict[str, dict[str, Properties]] = store.documents("twin")
        self._pending: dict[str, Properties] = store.documents("pending")
        self._sent: dict[str, Properties] = {}

    def view(self, module: str) -> dict[str, Properties] | None:
        return self._twins.get(module)

    def desired(self, module: str) -> Properties:
        twin = self._twins.get(module)
        return twin["desired"] if twin else {}

    def report(self, module: str, patch: Any) -> Report:
        _check(patch)
        twin = self._twins.setdefault(module, {"desired": {"$version": 1}, "reported": {"$version": 1}})
        patch = {key: value for key, value in patch.items() if key != "$version"}
        version = int(twin["reported"].get("$version", 1)) + 1
        twin["reported"] = merge.apply(twin["reported"], patch) | {"$version": version}
        self._pending[module] = merge.compose(self._pending.get(module, {}), patch)
        self._save(module)
        self._unsent()
        return Report(patch, version)

    def synchronize(self, module: str, desired: Properties, reported: Properties) -> DesiredChange | None:
        """The cloud's view, at every connection: its desired properties hold, and ours that it has not seen yet."""
        known = self._twins.setdefault(module, {"desired": {}, "reported": {}})
        known["reported"] = merge.apply(reported, self._pending.get(module, {}))
        change = self.set_desired(module, desired)
        self._save(module)
        return change

    def set_desired(self, module: str, desired: Properties) -> DesiredChange | None:
        twin = self._twins.setdefault(module, {"desired": {}, "reported": {"$version": 1}})
        old, twin["desired"] = twin["desired"], desired
        if old == desired:
            return None
        self._save(module)
        patch = merge.difference(_bare(old), _bare(desired))
        return DesiredChange(module, patch, int(desired.get("$version", 1)))

    def forget(self, modules: set[str]) -> None:
        """All but these are gone from the cloud."""
        for module in self._twins.keys() - modules:
            self._twins.pop(module)
            self._pending.pop(module, None)
            self._sent.pop(module, None)
            self._store.drop("twin", module)
            self._store.drop("pending", module)

    def take_unsent(self) -> list[tuple[str, Properties]]:
        """Reported patches to send now, one in flight for each module."""
        ready = [(module, patch) for module, patch in self._pending.items() if module not in self._sent]
        for module, patch in ready:
            self._sent[module] = patch
            del self._pending[module]
        return ready

    def confirmed(self, module: str, version: int | None) -> None:
        """The cloud took the patch in flight, or (None) refused it for good."""
        self._sent.pop(module, None)
        twin = self._twins.get(module)
        if twin and version is not None and module not in self._pending:
            twin["reported"]["$version"] = version
        self._save(module)

    def disconnected(self) -> None:
        for module, patch in self._sent.items():
            self._pending[module] = merge.compose(patch, self._pending.get(module, {}))
        self._sent.clear()

    def _save(self, module: str) -> None:
        if module in self._twins:
            self._store.put("twin", module, self._twins[module])
        unconfirmed = merge.compose(self._sent.get(module, {}), self._pending.get(module, {}))
        if unconfirmed:
            self._store.put("pending", module, unconfirmed)
        else:
            self._store.drop("pending", module)


def _bare(section: Properties) -> Properties:
    return {key: value for key, value in section.items() if not key.startswith("$")}


def _check(patch: Any) -> None:
    if not isinstance(patch, dict):
        raise Refused(f"reported properties are a {type(patch).__name__}; allowed: an object")
    _check_value(patch, 0)


def _check_value(value: Any, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise Refused(f"reported properties are nested deeper than {MAX_DEPTH}")
    if isinstance(value, dict):
        for inner in value.values():
            _check_value(inner, depth + 1)
    elif isinstance(value, list):
        if any(inner is None for inner in value):
            raise Refused("reported properties hold null within an array, which IoT Hub refuses")
        for inner in value:
            _check_value(inner, depth + 1)
