"""Who somebody is to a registry and what they may do there."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from datetime import datetime

from standin.containerregistry import passwords
from standin.containerregistry.errors import NotAuthenticated
from standin.containerregistry.names import ISSUER, REGISTRIES, login_server
from standin.containerregistry.scopes import (
    ABAC_MODE,
    ABAC_ROLES,
    EVERYTHING,
    LEGACY_ROLES,
    NOTHING,
    Rights,
    Scope,
    everywhere,
    grant,
    parse_actions,
)
from standin.containerregistry.signer import Keys
from standin.core.arm import Arm, Resource
from standin.core.auth import Roles, TokenIssuer
from standin.core.clock import Clock
from standin.core.store import Store

REFRESH_TOKEN_USER = "00000000-0000-0000-0000-000000000000"  # noqa: S105 (a user name)
_PASSWORDS = "containerregistry passwords"
# https://learn.microsoft.com/azure/container-registry/container-registry-disable-authentication-as-arm
_AUDIENCES = (
    "https://containerregistry.azure.net",
    "https://management.azure.com",
    "https://management.core.windows.net",
)

# Azure makes these in every registry; tokens may name them.
SYSTEM_SCOPE_MAPS: Mapping[str, frozenset[str]] = {
    "_repositories_pull": frozenset({"pull"}),
    "_repositories_pull_metadata_read": frozenset({"pull", "metadata_read"}),
    "_repositories_push": frozenset({"pull", "push"}),
    "_repositories_push_metadata_write": frozenset({"pull", "push", "metadata_read", "metadata_write"}),
    "_repositories_admin": EVERYTHING,
}


class Registries:
    def __init__(self, arm: Arm, keys: Keys, *, store: Store, clock: Clock, roles: Roles, issuer: TokenIssuer) -> None:
        self._arm = arm
        self._keys = keys
        self._store = store
        self._clock = clock
        self._roles = roles
        self._issuer = issuer

    # -- who

    def all(self) -> list[Resource]:
        return self._arm.list(REGISTRIES)

    def of_server(self, server: str) -> Resource | None:
        """The registry that answers at this host and port."""
        return next((registry for registry in self.all() if login_server(registry) == server.lower()), None)

    def of_name(self, name: str) -> Resource | None:
        """Names are global in Azure, whatever the group."""
        return next((registry for registry in self.all() if registry.name.lower() == name.lower()), None)

    def authenticate(self, registry: Resource, user: str, password: str) -> str:
        """The subject behind a user name and password: `principal:<object id>`, `token:<name>` or `admin:`."""
        if user == REFRESH_TOKEN_USER:
            return self.subject_of(registry, password)
        if user.lower() == registry.name.lower() and self._is_admin(registry, password):
            return "admin:"
        token = self._arm.get(f"{registry.id}/tokens/{user}")
        if token is None or token.properties.get("status") == "disabled":
            raise NotAuthenticated
        if not passwords.valid(self.slots(token).values(), password, now=self._clock.now()):
            raise NotAuthenticated
        return f"token:{token.name}"

    def _is_admin(self, registry: Resource, password: str) -> bool:
        held = self.admin_passwords(registry).values() if self.admin_enabled(registry) else ()
        return any(hmac.compare_digest(password.encode(), value.encode()) for value in held)

    def subject_of(self, registry: Resource, refresh_token: str) -> str:
        subject = self._keys.signer().refresh_subject(refresh_token, issuer=ISSUER, service=login_server(registry))
        if subject is None:
            raise NotAuthenticated
        return subject

    def exchange(self, registry: Resource, entra_token: str) -> str:
        """A refresh token for the holder of an Entra token."""
        principal = self._issuer.read(entra_token)
        if principal is None or principal.audience not in _AUDIENCES:
            raise NotAuthenticated
        return self.refresh_token(registry, principal.object_id)

    def refresh_token(self, registry: Resource, object_id: str) -> str:
        return self._keys.signer().refresh_token(
            issuer=ISSUER, service=login_server(registry), subject=f"principal:{object_id}"
        )

    # -- what

    def access_token(self, registry: Resource, subject: str, scopes: list[Scope]) -> str:
        access = grant(self.rights(registry, subject), scopes)
        return self._keys.signer().access_token(
            issuer=ISSUER, service=login_server(registry), subject=subject, access=access
        )

    def rights(self, registry: Resource, subject: str) -> Rights:
        kind, _, name = subject.partition(":")
        if kind == "principal":
            return self._rights_of_principal(registry, name)
        if kind == "token":
            return self._rights_of_token(registry, name)
        return everywhere(EVERYTHING) if kind == "admin" and self.admin_enabled(registry) else NOTHING

    def _rights_of_principal(self, registry: Resource, object_id: str) -> Rights:
        abac = registry.properties.get("roleAssignmentMode") == ABAC_MODE
        held: frozenset[str] = frozenset()
        for role, actions in (ABAC_ROLES if abac else LEGACY_ROLES).items():
            if self._roles.allows(object_id, registry.id, [role]):
                held |= actions
        return everywhere(held)

    def _rights_of_token(self, registry: Resource, name: str) -> Rights:
        token = self._arm.get(f"{registry.id}/tokens/{name}")
        if token is None or token.properties.get("status") == "disabled":
            return NOTHING
        map_id = str(token.properties.get("scopeMapId", ""))
        system = SYSTEM_SCOPE_MAPS.get(map_id.rpartition("/")[2])
        if system is not None:
            return everywhere(system)
        scope_map = self._arm.get(map_id) if map_id else None
        return parse_actions(scope_map.properties.get("actions", [])) if scope_map else NOTHING

    # -- passwords

    def generate(self, token: Resource, *, name: str | None, expiry: datetime | None) -> list[dict[str, str]]:
        """Makes one password or both anew; their values are in the answer and nowhere else."""
        now = self._clock.now()
        slots = self.slots(token)
        made = []
        for slot_name in passwords.chosen(name):
            value = passwords.generate()
            slots[slot_name] = passwords.slot(value, created=now, expiry=expiry)
            made.append({**passwords.listed({slot_name: slots[slot_name]})[0], "value": value})
        self._store.put(_PASSWORDS, token.key, dict(slots))
        return made

    def slots(self, token: Resource) -> dict[str, passwords.Slot]:
        slots: dict[str, passwords.Slot] = self._store.get(_PASSWORDS, token.key) or {}
        return slots

    def forget_passwords(self, token: Resource) -> None:
        self._store.delete(_PASSWORDS, token.key)

    def admin_enabled(self, registry: Resource) -> bool:
        return bool(registry.properties.get("adminUserEnabled"))

    def admin_passwords(self, registry: Resource) -> dict[str, str]:
        """Azure lists these at any time, so they are derived from the key file instead of kept."""
        generations: dict[str, int] = registry.private.get("admin", {})
        key = self._keys.signer().derive
        return {
            name: key(f"admin|{registry.key}|{registry.created_at}|{name}|{generations.get(name, 0)}")
            for name in ("password", "password2")
        }
