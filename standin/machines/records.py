"""What is remembered of machines: enough to find each again. Not its user data: that lies on its disk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from standin.core.store import Store
from standin.machines.spec import MachineSpec

_KIND = "machine"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    vm_id: str
    resource_id: str
    identities: tuple[str, ...]
    wanted: bool
    """Whether it should run."""
    device: tuple[str, str] | None = None
    """(hub's host, device) whose modules its daemon had started."""


class Records:
    def __init__(self, store: Store) -> None:
        self._store = store

    def all(self) -> list[Record]:
        return [_read(key, value) for key, value in self._store.list(_KIND)]

    def get(self, vm_id: str) -> Record | None:
        value = self._store.get(_KIND, vm_id)
        return None if value is None else _read(vm_id, value)

    def begin(self, spec: MachineSpec) -> None:
        self.put(Record(vm_id=spec.vm_id, resource_id=spec.resource_id, identities=tuple(spec.identities), wanted=True))

    def put(self, record: Record) -> None:
        value = {
            "resourceId": record.resource_id,
            "identities": list(record.identities),
            "wanted": record.wanted,
            "device": None if record.device is None else list(record.device),
        }
        self._store.put(_KIND, record.vm_id, value)

    def forget(self, vm_id: str) -> None:
        self._store.delete(_KIND, vm_id)


def _read(vm_id: str, value: dict[str, Any]) -> Record:
    device = value["device"]
    return Record(
        vm_id=vm_id,
        resource_id=value["resourceId"],
        identities=tuple(value["identities"]),
        wanted=value["wanted"],
        device=None if device is None else (device[0], device[1]),
    )
