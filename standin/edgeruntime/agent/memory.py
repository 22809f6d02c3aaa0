"""What the agent remembers of a device over restarts of the stand-in, and of its modules over their containers."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from standin.core.store import Store
from standin.edgeruntime.agent.restarts import Record

DEVICE = "edge.device"
MODULE = "edge.module"


class Memory:
    def __init__(self, store: Store, host: str, device: str) -> None:
        self._store = store
        self._key = f"{host.lower()}/{device}"
        self._device: dict[str, Any] = store.get(DEVICE, self._key) or {}
        prefix = f"{self._key}/"
        self.records = {key.removeprefix(prefix): _read(value) for key, value in store.list(MODULE, prefix)}

    @property
    def powered(self) -> bool | None:
        """None: nobody has switched it yet."""
        value = self._device.get("powered")
        return None if value is None else bool(value)

    @property
    def seen(self) -> dict[str, Any]:
        """The desired properties as last seen."""
        return dict(self._device.get("seen", {}))

    @property
    def in_force(self) -> dict[str, Any]:
        """The last desired properties that made sense; empty before the first deployment."""
        return dict(self._device.get("inForce", {}))

    @property
    def powered_on(self) -> str:
        return str(self._device.get("poweredOn", ""))

    def settle(self, *, slug: str, powered_on: str) -> None:
        self._write(slug=slug, poweredOn=self._device.get("poweredOn") or powered_on)

    def set_power(self, powered: bool, *, powered_on: str) -> None:
        self._write(powered=powered, poweredOn=powered_on)
        if powered:
            for name, record in self.records.items():
                self.remember(name, replace(record, resting=True))

    def see(self, desired: dict[str, Any]) -> None:
        if desired != self._device.get("seen"):
            self._write(seen=desired)

    def put_in_force(self, desired: dict[str, Any]) -> None:
        if desired != self._device.get("inForce"):
            self._write(inForce=desired)

    def record(self, module: str) -> Record:
        return self.records.get(module, Record())

    def remember(self, module: str, record: Record) -> None:
        if self.records.get(module) != record:
            self.records[module] = record
            self._store.put(MODULE, f"{self._key}/{module}", _written(record))

    def forget_module(self, module: str) -> None:
        if self.records.pop(module, None):
            self._store.delete(MODULE, f"{self._key}/{module}")

    def forget(self) -> None:
        self._store.delete(DEVICE, self._key)
        self._store.delete_all(MODULE, f"{self._key}/")
        self._device, self.records = {}, {}

    def _write(self, **values: Any) -> None:
        self._device |= values
        self._store.put(DEVICE, self._key, self._device)


def _written(record: Record) -> dict[str, Any]:
    return {
        "restarts": record.restarts,
        "lastRestart": record.last_restart.isoformat() if record.last_restart else None,
        "ended": record.ended.isoformat() if record.ended else None,
        "ending": record.ending,
        "resting": record.resting,
    }


def _read(value: dict[str, Any]) -> Record:
    return Record(
        restarts=value["restarts"],
        last_restart=datetime.fromisoformat(value["lastRestart"]) if value["lastRestart"] else None,
        ended=datetime.fromisoformat(value["ended"]) if value["ended"] else None,
        ending=value["ending"],
        resting=value["resting"],
    )
