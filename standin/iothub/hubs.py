"""Every IoT Hub of this stand-in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from standin.core.clock import Clock, iso
from standin.core.profile import Profile
from standin.core.store import Store
from standin.iothub.hub import Hub
from standin.iothub.kernel.document_cache import DocumentCache
from standin.iothub.kernel.hub_record import HubRecord

_HELD = "iothub name held"
EdgeDeviceCallback = Callable[[Hub, str], None]


class Hubs:
    """Hubs come to life when first asked for, and again after a restart. `folder` is for their message logs."""

    def __init__(self, store: Store, clock: Clock, profile: Profile, folder: Path) -> None:
        self._store = store
        self._clock = clock
        self._profile = profile
        self._folder = folder
        self._cache = DocumentCache(store, "iothub", "hub", HubRecord)
        self._callbacks: list[EdgeDeviceCallback] = []
        self._hubs = {record.name.lower(): self._hub(record) for record in self._cache}

    def _hub(self, record: HubRecord) -> Hub:
        return Hub(
            record,
            store=self._store,
            clock=self._clock,
            profile=self._profile,
            folder=self._folder,
            edge_changed=self._edge_changed,
        )

    def start(self) -> None:
        for hub in self.all():
            hub.start()

    async def stop(self) -> None:
        for hub in self.all():
            await hub.stop()
        self._hubs.clear()

    # -- who asks

    def get(self, host_name: str) -> Hub | None:
        """By `<hub>.azure-devices.net`, in any case."""
        host = host_name.lower()
        return next((hub for hub in self._hubs.values() if hub.host.lower() == host), None)

    def by_namespace(self, host_name: str) -> Hub | None:
        """By the host of its Event Hub-compatible endpoint."""
        host = host_name.lower()
        return next((hub for hub in self._hubs.values() if hub.record.namespace.lower() == host), None)

    def named(self, name: str) -> Hub | None:
        return self._hubs.get(name.lower())

    def all(self) -> list[Hub]:
        return list(self._hubs.values())

    def on_edge_device(self, callback: EdgeDeviceCallback) -> None:
        """Calls back with (hub, device id) for each edge device there is, and whenever one comes, changes or goes;
        `hub.identity(device)` is None, or no longer `.edge`, where it went."""
        self._callbacks.append(callback)
        for hub in self.all():
            for identity in hub.registry.edge_devices():
                callback(hub, identity.device)

    def _edge_changed(self, hub: Hub, device: str) -> None:
        for callback in self._callbacks:
            callback(hub, device)

    # -- hubs come and go

    def put(self, record: HubRecord) -> Hub:
        """Idempotent: a hub that is there adopts the record."""
        self._cache.put(record.name, record)
        hub = self.named(record.name)
        if hub is None:
            hub = self._hubs[record.name.lower()] = self._hub(record)
        else:
            hub.adopt(record)
        return hub

    def has_name(self, name: str) -> bool:
        """Whether a hub has it, or had it a short while ago: Azure frees names late."""
        freed = self._store.get(_HELD, name.lower())
        held = timedelta(seconds=self._profile.hub_name_held_s)
        is_held = freed is not None and self._clock.now() < datetime.fromisoformat(freed["since"]) + held
        return is_held or self.named(name) is not None

    async def remove(self, name: str) -> None:
        hub = self.named(name)
        if hub is None:
            return
        await hub.destroy()
        self._cache.delete(hub.name)
        if self._profile.hub_name_held_s:
            self._store.put(_HELD, name.lower(), {"since": iso(self._clock.now())})
        del self._hubs[name.lower()]
