"""Who is connected, and when each identity was last heard of.

https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-identity-registry#device-and-module-identity-properties
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from standin.core.clock import Clock, iso
from standin.iothub.kernel.transactions import Afterwards
from standin.iothub.registry.identity import Identity
from standin.iothub.registry.state import IdentityRegistry

_NEVER = "0001-01-01T00:00:00Z"


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """Whether an identity is connected now, when that last changed, and when it last was heard of."""

    connected: bool = False
    changed: str = _NEVER
    last_activity: str = _NEVER


class Presences:
    """Not kept over a restart: whoever is connected says so again."""

    def __init__(self, clock: Clock, registry: IdentityRegistry, afterwards: Afterwards) -> None:
        self._clock = clock
        self._registry = registry
        self._afterwards = afterwards
        self._by_identity: dict[tuple[str, str | None], Presence] = {}

    def of(self, device: str, module: str | None) -> Presence:
        return self._by_identity.get((device, module), Presence())

    def connection(self, device: str, module: str | None, connected: bool) -> None:
        now = iso(self._clock.now())
        old = self.of(device, module)
        changed = now if connected is not old.connected else old.changed
        self._by_identity[device, module] = Presence(connected=connected, changed=changed, last_activity=now)

    def heard(self, device: str, module: str | None) -> None:
        self._by_identity[device, module] = replace(self.of(device, module), last_activity=iso(self._clock.now()))

    def identity_changed(self, old: Identity | None, new: Identity | None) -> None:
        if old is not None and new is None:
            device, module = old.device, old.module
            self._afterwards(lambda: self._forget(device, module))

    def _forget(self, device: str, module: str | None) -> None:
        """Unless the identity came back within the transaction."""
        if self._registry.find(device, module) is None:
            self._by_identity.pop((device, module), None)
