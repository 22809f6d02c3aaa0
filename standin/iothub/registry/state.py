"""The identity registry of a hub: which devices and modules there are, and with which keys.

https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-identity-registry
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable
from dataclasses import replace

from standin.core.clock import Clock, iso
from standin.core.store import Store
from standin.iothub.kernel.document_cache import DocumentCache, key_of
from standin.iothub.kernel.errors import Conflict, Forbidden, device_not_found, module_not_found
from standin.iothub.kernel.etags import check_etag, new_etag
from standin.iothub.kernel.transactions import Transactions, transactional
from standin.iothub.registry.identity import MANAGED_BY, SYSTEM_MODULES, Identity
from standin.iothub.registry.requests import IdentityRequest

_MODULES_LIMIT = 50
_EPOCH_TICKS = 621355968000000000

Changed = Callable[[Identity | None, Identity | None], None]


class IdentityRegistry:
    def __init__(self, store: Store, clock: Clock, hub: str, transactions: Transactions) -> None:
        self._cache = DocumentCache(store, "iothub identity", hub, Identity)
        self._modules: dict[str, set[str]] = {}
        self._clock = clock
        self.transactions = transactions
        self._listeners: list[Changed] = []
        self.reload()

    def listen(self, changed: Changed) -> None:
        """`changed(old, new)` hears, inside the transaction, of every identity that comes (`old` is None), changes, or
        goes (`new` is None)."""
        self._listeners.append(changed)

    def _tell(self, old: Identity | None, new: Identity | None) -> None:
        for changed in self._listeners:
            changed(old, new)

    def reload(self) -> None:
        self._cache.reload()
        self._modules = {}
        for identity in self._cache:
            if identity.module is not None:
                self._modules.setdefault(identity.device, set()).add(identity.module)

    def clear(self) -> None:
        self._cache.clear()
        self._modules.clear()

    # -- reading

    def find(self, device: str, module: str | None = None) -> Identity | None:
        return self._cache.get(key_of(device, module))

    def get(self, device: str, module: str | None = None) -> Identity:
        identity = self.find(device, module)
        if identity is None:
            raise device_not_found(device) if module is None else module_not_found(device, module)
        return identity

    def devices(self) -> list[Identity]:
        return sorted((one for one in self._cache if one.module is None), key=lambda one: one.device)

    def edge_devices(self) -> list[Identity]:
        return [identity for identity in self.devices() if identity.edge]

    def modules(self, device: str) -> list[Identity]:
        return [self.get(device, module) for module in sorted(self._modules.get(device, ()))]

    # -- writing

    @transactional
    def put_device(self, device: str, requested: IdentityRequest, if_match: str | None) -> Identity:
        old = self.find(device)
        if if_match is None:
            if old is not None:
                raise Conflict(f"A device with ID '{device}' is already registered.")
            return self._create_device(device, requested)
        if old is None:
            raise device_not_found(device)
        check_etag(if_match, old.etag)
        new = self._updated(old, requested)
        self._put(old, replace(new, edge=requested.edge, device_scope=self._scope(device, requested, old)))
        self._settle_edge(device, requested.edge)
        return self.get(device)

    def _create_device(self, device: str, requested: IdentityRequest) -> Identity:
        blank = self._blank(device, None)
        scope = self._scope(device, requested, None)
        created = replace(self._updated(blank, requested), edge=requested.edge, device_scope=scope)
        self._put(None, created)
        self._settle_edge(device, requested.edge)
        return self.get(device)

    def _scope(self, device: str, requested: IdentityRequest, old: Identity | None) -> str | None:
        """An edge device's own scope is the hub's to give, and stays."""
        if not requested.edge:
            return requested.device_scope
        if old is not None and old.edge:
            return old.device_scope
        return f"ms-azure-iot-edge://{device}-{self._ticks()}"

    def _settle_edge(self, device: str, edge: bool) -> None:
        for module in SYSTEM_MODULES:
            if edge:
                self.ensure_module(device, module, MANAGED_BY)
            elif self.find(device, module) is not None:
                self.delete(device, module, None)

    @transactional
    def put_module(self, device: str, module: str, requested: IdentityRequest, if_match: str | None) -> Identity:
        self.get(device)
        old = self.find(device, module)
        if if_match is None and old is not None:
            message = f"A module with ID '{module}' on device '{device}' is already registered."
            raise Conflict(message, code="ModuleAlreadyExistsOnDevice")
        if if_match is not None and old is None:
            raise module_not_found(device, module)
        if old is None:
            return self._create_module(device, module, requested)
        check_etag(if_match, old.etag)
        return self._put(old, replace(self._updated(old, requested), managed_by=requested.managed_by))

    @transactional
    def ensure_module(self, device: str, module: str, managed_by: str | None) -> Identity:
        identity = self.find(device, module)
        if identity is not None:
            return identity
        self.get(device)
        return self._create_module(device, module, IdentityRequest(managed_by=managed_by))

    def _create_module(self, device: str, module: str, requested: IdentityRequest) -> Identity:
        if len(self._modules.get(device, ())) >= _MODULES_LIMIT:
            message = f"Device '{device}' has {_MODULES_LIMIT} modules, which is the most it may have."
            raise Forbidden(message, code="TooManyModulesOnDevice")
        created = replace(self._updated(self._blank(device, module), requested), managed_by=requested.managed_by)
        self._modules.setdefault(device, set()).add(module)
        return self._put(None, created)

    @transactional
    def delete(self, device: str, module: str | None, if_match: str | None) -> None:
        """A device takes its modules with it."""
        old = self.get(device, module)
        check_etag(if_match, old.etag)
        if module is None:
            for one in self.modules(device):
                self._delete(one)
        self._delete(old)

    def remove_module(self, device: str, module: str) -> None:
        """One that is already gone is no error."""
        if self.find(device, module) is not None:
            self.delete(device, module, None)

    def _delete(self, identity: Identity) -> None:
        self._cache.delete(key_of(identity.device, identity.module))
        if identity.module is not None:
            self._modules.get(identity.device, set()).discard(identity.module)
        self._tell(identity, None)

    def _put(self, old: Identity | None, new: Identity) -> Identity:
        self._cache.put(key_of(new.device, new.module), new)
        self._tell(old, new)
        return new

    def _blank(self, device: str, module: str | None) -> Identity:
        return Identity(
            device=device,
            module=module,
            # 18 digits that tell an identity from an earlier one of the same name
            generation_id=str(self._ticks()),
            etag="",
            primary_key=_new_key(),
            secondary_key=_new_key(),
        )

    def _updated(self, old: Identity, requested: IdentityRequest) -> Identity:
        moved = requested.status != old.status
        return replace(
            old,
            etag=new_etag(),
            primary_key=requested.primary_key or old.primary_key,
            secondary_key=requested.secondary_key or old.secondary_key,
            status=requested.status,
            status_reason=requested.status_reason,
            status_updated=iso(self._clock.now()) if moved else old.status_updated,
            parent_scopes=requested.parent_scopes,
        )

    def _ticks(self) -> int:
        return _EPOCH_TICKS + int(self._clock.timestamp() * 10_000_000) + secrets.randbelow(1000)


def _new_key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()
