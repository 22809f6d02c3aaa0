"""The device's module identities and their keys, as the cloud last told them: they sign and check SAS tokens offline.

https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-security#sas-tokens
"""

from __future__ import annotations

import base64
import binascii
import hmac
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import quote_plus, unquote

from standin.edgeruntime.hub.domain.store import Store

EDGE_HUB_MODULE = "$edgeHub"
SCHEME = "SharedAccessSignature "


class Unauthorized(Exception):
    """A client may not connect; the message says why, for the log."""


class UnknownIdentity(Exception):
    """The workload API is asked to sign for an identity that the device does not have."""


@dataclass(frozen=True, slots=True)
class Identity:
    module: str
    generation_id: str
    primary_key: str
    secondary_key: str
    enabled: bool


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

    def authenticate(self, client_id: str, username: str, password: str) -> float:
        """Returns when the token expires."""
        device, _, module = client_id.partition("/")
        identity = self._known.get(module)
        if device != self._device or identity is None or module == EDGE_HUB_MODULE:
            raise Unauthorized("no such identity on this device")
        if not identity.enabled:
            raise Unauthorized("the identity is disabled")
        host, _, rest = username.partition("/")
        if host.lower() != self._hub.lower() or not rest.startswith(f"{client_id}/?api-version="):
            raise Unauthorized("the user name does not name the client")
        if not password.startswith(SCHEME):
            raise Unauthorized("no SAS token (X.509 clients are not supported)")
        return self._check(identity, password[len(SCHEME) :])

    def _check(self, identity: Identity, token: str) -> float:
        fields = dict(part.split("=", 1) for part in token.split("&") if "=" in part)
        try:
            audience, signature, expiry = fields["sr"], unquote(fields["sig"]), fields["se"]
            expires = float(expiry)
        except (KeyError, ValueError):
            raise Unauthorized("the SAS token is malformed") from None
        wanted = f"{self._hub}/devices/{self._device}/modules/{identity.module}"
        if unquote(audience).lower() != wanted.lower():
            raise Unauthorized("the SAS token is for another audience")
        data = f"{audience}\n{expiry}".encode()
        if not any(hmac.compare_digest(sign(key, data), signature) for key in _keys(identity)):
            raise Unauthorized("the SAS token's signature is wrong")
        if expires < time.time():
            raise Unauthorized("the SAS token has expired")
        return expires

    def sign(self, module: str, generation_id: str, key_id: str, data: bytes) -> str:
        identity = self._known.get(module)
        if identity is None or identity.generation_id != generation_id:
            raise UnknownIdentity(f"no identity {module!r} of generation {generation_id!r}")
        return sign(identity.secondary_key if key_id == "secondary" else identity.primary_key, data)


def _keys(identity: Identity) -> list[str]:
    return [key for key in (identity.primary_key, identity.secondary_key) if key]


def sign(key: str, data: bytes) -> str:
    try:
        secret = base64.b64decode(key, validate=True)
    except binascii.Error:
        raise Unauthorized("the identity's key is not base64") from None
    return base64.b64encode(hmac.digest(secret, data, "sha256")).decode()


def make_token(resource: str, key: str, *, lifetime_s: int) -> str:
    audience, expiry = quote_plus(resource), str(int(time.time()) + lifetime_s)
    signature = quote_plus(sign(key, f"{audience}\n{expiry}".encode()))
    return f"{SCHEME}sr={audience}&sig={signature}&se={expiry}"
