"""The device's module identities, as the cloud last told them: their keys sign and check tokens offline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from standin.edgeruntime.hub.domain.identities.tokens import Unauthorized, check_token, sign
from standin.edgeruntime.hub.domain.store import Store

EDGE_HUB_MODULE = "$edgeHub"


class UnknownIdentity(Exception):
    """The workload API is asked to sign for an identity that the device does not have."""


@dataclass(frozen=True, slots=True)
class Identity:
    module: str
    generation_id: str
    primary_key: str
    secondary_key: str
    enabled: bool

    @property
    def keys(self) -> list[str]:
        return [key for key in (self.primary_key, self.secondary_key) if key]


class Identities:
    def __init__(self, hub: str, device: str, store: Store) -> None:
        self._hub = hub
        self._device = device
        self._store = store
        self._known = {module: Identity(**value) for module, value in store.documents("identity").items()}

    @property
    def modules(self) -> list[str]:
        return sorted(name for name in self._known if not name.startswith("$"))

    def enabled(self, module: str) -> bool:
        known = self._known.get(module)
        return known is not None and known.enabled

    def replace(self, identities: list[Mapping[str, Any]]) -> None:
        """The cloud's list, which leaves out those that are gone."""
        fresh = {identity.module: identity for identity in (Identity(**dict(value)) for value in identities)}
        for module in self._known.keys() - fresh.keys():
            self._store.drop("identity", module)
        for module, identity in fresh.items():
            if self._known.get(module) != identity:
                self._store.put("identity", module, asdict(identity))
        self._known = fresh

    def authenticate(self, module: str, token: str) -> float:
        """When the token expires, in seconds since 1970; Unauthorized."""
        identity = self._known.get(module)
        if identity is None or module == EDGE_HUB_MODULE:
            raise Unauthorized("no such identity on this device")
        if not identity.enabled:
            raise Unauthorized("the identity is disabled")
        return check_token(token, f"{self._hub}/devices/{self._device}/modules/{module}", identity.keys)

    def sign(self, module: str, generation_id: str, key_id: str, data: bytes) -> str:
        identity = self._known.get(module)
        if identity is None or identity.generation_id != generation_id:
            raise UnknownIdentity(f"no identity {module!r} of generation {generation_id!r}")
        return sign(identity.secondary_key if key_id == "secondary" else identity.primary_key, data)
