"""The twins of a hub: who may write what, and which version that makes.

https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-device-twins
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from standin.core.clock import Clock, iso
from standin.core.store import Store
from standin.iothub.kernel.document_cache import DocumentCache, key_of
from standin.iothub.kernel.errors import BadRequest, device_not_found, module_not_found
from standin.iothub.kernel.etags import check_etag
from standin.iothub.kernel.transactions import Transactions, transactional
from standin.iothub.registry.identity import Identity
from standin.iothub.twins.limits import check_section
from standin.iothub.twins.section import Section, difference, merged, without_reserved
from standin.iothub.twins.twin import TwinRecord

Changed = Callable[[TwinRecord, TwinRecord], None]


class Twins:
    def __init__(self, store: Store, clock: Clock, hub: str, transactions: Transactions) -> None:
        self._cache = DocumentCache(store, "iothub twin", hub, TwinRecord)
        self._clock = clock
        self.transactions = transactions
        self._listeners: list[Changed] = []
        self.reload = self._cache.reload
        self.clear = self._cache.clear

    def listen(self, changed: Changed) -> None:
        """`changed(old, new)` hears, inside the transaction, of what the service or the device writes."""
        self._listeners.append(changed)

    def identity_changed(self, old: Identity | None, new: Identity | None) -> None:
        """An identity brings its twin and takes it away."""
        if old is None and new is not None:
            self.create(new.device, new.module)
        if old is not None and new is None:
            self.delete(old.device, old.module)

    def __iter__(self) -> Iterator[TwinRecord]:
        return iter(self._cache)

    def find(self, device: str, module: str | None = None) -> TwinRecord | None:
        return self._cache.get(key_of(device, module))

    def get(self, device: str, module: str | None = None) -> TwinRecord:
        twin = self.find(device, module)
        if twin is None:
            raise device_not_found(device) if module is None else module_not_found(device, module)
        return twin

    def create(self, device: str, module: str | None) -> TwinRecord:
        stamp = {"$lastUpdated": self._now()}
        section = Section(metadata=stamp)
        twin = TwinRecord(device=device, module=module, desired=section, reported=section)
        self._cache.put(key_of(device, module), twin)
        return twin

    def delete(self, device: str, module: str | None) -> None:
        self._cache.delete(key_of(device, module))

    # -- writes by the service

    @transactional
    def patch(self, device: str, module: str | None, body: Mapping[str, Any], if_match: str | None) -> TwinRecord:
        old = self.get(device, module)
        check_etag(if_match, old.etag)
        tags, desired = _sections(body)
        new = replace(
            old,
            tags=merged(old.tags, tags) if tags else old.tags,
            desired=old.desired.patched(desired, self._now()) if desired else old.desired,
        )
        return self._written(old, new) if tags or desired else old

    @transactional
    def replace(self, device: str, module: str | None, body: Mapping[str, Any], if_match: str | None) -> TwinRecord:
        old = self.get(device, module)
        check_etag(if_match, old.etag)
        tags, desired = _sections(body)
        return self._written(
            old, replace(old, tags=merged({}, tags), desired=old.desired.replaced(desired, self._now()))
        )

    def deploy(self, old: TwinRecord, desired: Mapping[str, Any], configurations: dict[str, str]) -> TwinRecord:
        """An automatic deployment's write, within a transaction; versions only move where something is different."""
        clean = merged({}, desired)
        if difference(old.desired.values, clean):
            new = replace(old, desired=old.desired.replaced(clean, self._now()), configurations=dict(configurations))
            return self._written(old, new)
        if old.configurations == configurations:
            return old
        new = replace(old, configurations=dict(configurations))
        self._cache.put(key_of(old.device, old.module), new)
        return new

    def _written(self, old: TwinRecord, new: TwinRecord) -> TwinRecord:
        check_section("tags", new.tags)
        check_section("desired", new.desired.values)
        return self._put(old, replace(new, version=old.version + 1, writes=old.writes + 1))

    # -- writes by the device

    @transactional
    def report(self, device: str, module: str | None, patch: Mapping[str, Any]) -> TwinRecord:
        """Merges reported properties (null deletes). Raises BadRequest above the twin's limits."""
        old = self.get(device, module)
        reported = old.reported.patched(patch, self._now(), versions=False)
        check_section("reported", reported.values)
        return self._put(old, replace(old, reported=reported, version=old.version + 1))

    def _put(self, old: TwinRecord, new: TwinRecord) -> TwinRecord:
        self._cache.put(key_of(old.device, old.module), new)
        for changed in self._listeners:
            changed(old, new)
        return new

    def _now(self) -> str:
        return iso(self._clock.now())


def _sections(body: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """-> tags and desired properties; what else a twin has (reported, status, ...) is not for the service to set."""
    properties = body.get("properties")
    if properties is not None and not isinstance(properties, Mapping):
        raise BadRequest(f"properties is {type(properties).__name__}, allowed is an object")
    return _section("tags", body.get("tags")), _section("properties.desired", (properties or {}).get("desired"))


def _section(name: str, value: Any) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise BadRequest(f"{name} is {type(value).__name__}, allowed is an object")
    return without_reserved(value)
