"""Who asks, and what they may do: Entra tokens of the stand-in's own making, and role assignments.

Token claims: https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
Built-in roles: https://learn.microsoft.com/azure/role-based-access-control/built-in-roles
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import jwt

from standin.core.clock import Clock
from standin.core.profile import Profile
from standin.core.rbac.built_in import BY_GUID, ROLES
from standin.core.rbac.conditions import Asked, parse
from standin.core.rbac.permissions import Permissions
from standin.core.store import Store

_NAMESPACE = uuid.UUID("5f6c2c0e-2a55-4b2f-9a5e-edee0a1a0001")
TENANT_ID = str(uuid.uuid5(_NAMESPACE, "tenant"))
SUBSCRIPTION_ID = str(uuid.uuid5(_NAMESPACE, "subscription"))
DEPLOYER_OBJECT_ID = str(uuid.uuid5(_NAMESPACE, "deployer"))
DEPLOYER_CLIENT_ID = str(uuid.uuid5(_NAMESPACE, "deployer application"))

_LONG_AGO = "2020-01-01T00:00:00Z"
TOKEN_LIFETIME = timedelta(hours=1)

BUILT_IN_ROLES: Mapping[str, str] = {name: role.guid for name, role in ROLES.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    object_id: str
    kind: str
    """`ServicePrincipal` (the deployer), `User` or `ManagedIdentity`."""
    audience: str
    """What the token was asked for, without a trailing slash: https://management.azure.com, ..."""
    client_id: str = ""


class TokenIssuer:
    """Makes and reads access tokens. HS256 with a key kept in the store: only the stand-in itself must trust them."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def issue(
        self, audience: str, *, object_id: str = DEPLOYER_OBJECT_ID, client_id: str = DEPLOYER_CLIENT_ID, kind: str = ""
    ) -> str:
        now = self._clock.now()
        claims = {
            "aud": audience,
            "iss": f"https://sts.windows.net/{TENANT_ID}/",
            "tid": TENANT_ID,
            "oid": object_id,
            "sub": object_id,
            "appid": client_id,
            "idtyp": "user" if kind == "User" else "app",
            "xms_mirid": kind,
            "ver": "1.0",
            "iat": int(now.timestamp()),
            "nbf": int(now.timestamp()) - 300,
            "exp": int((now + TOKEN_LIFETIME).timestamp()),
        }
        return jwt.encode(claims, self._key(), algorithm="HS256")

    def read(self, token: str) -> Principal | None:
        """None for a token that is not ours, or has expired by the stand-in's clock."""
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                self._key(),
                algorithms=["HS256"],
                options={"verify_aud": False, "verify_exp": False, "verify_nbf": False, "verify_iat": False},
            )
        except (jwt.PyJWTError, RecursionError):
            return None
        if claims["exp"] <= self._clock.timestamp():
            return None
        return Principal(
            object_id=claims["oid"],
            kind=claims.get("xms_mirid") or "ServicePrincipal",
            audience=str(claims["aud"]).rstrip("/"),
            client_id=claims["appid"],
        )

    def _key(self) -> bytes:
        return self._made_once("token key").encode()

    def client_secret(self) -> str:
        """The deployer's client secret: random, made at the first start."""
        return self._made_once("client secret")

    def control_token(self) -> str:
        """What a write to the stand-in's own surface needs: random, made at the first start."""
        return self._made_once("control token")

    def _made_once(self, name: str) -> str:
        return self._store.once("directory", name, lambda: uuid.uuid4().hex + uuid.uuid4().hex)


_BLOB_ROLES = frozenset(guid for name, guid in BUILT_IN_ROLES.items() if name.startswith("Storage Blob Data "))


class Roles:
    """Role assignments as they are in force: at the scope or above it, and only once they have propagated."""

    KIND = "role assignment"
    CUSTOM = "role definition"
    """Of roles that somebody made, by their GUID in lower case: `permissions` as the definition has them."""

    def __init__(self, store: Store, clock: Clock, profile: Profile) -> None:
        self._store = store
        self._clock = clock
        self._profile = profile

    def assignments(self, scope: str) -> list[dict[str, Any]]:
        """Those of exactly this scope and of all scopes above it, in force or not."""
        asked = scope.lower().rstrip("/")
        return [
            value
            for _, value in self._store.list(self.KIND)
            if asked == value["scope"].lower() or asked.startswith(value["scope"].lower().rstrip("/") + "/")
        ]

    def allows(self, principal_object_id: str, scope: str, roles: Iterable[str]) -> bool:
        """Whether the principal holds one of the roles (names or GUIDs) at the scope now, or a custom role that covers
        one's data actions.

        The deployer is Owner of the subscription, as the person who sets up the project is; like in Azure that gives
        no data actions, so asking for a data role only must find an assignment.
        """
        guids = {BUILT_IN_ROLES.get(role, role).lower() for role in roles}
        if principal_object_id == DEPLOYER_OBJECT_ID and BUILT_IN_ROLES["Owner"] in guids:
            return True
        return any(self._gives(role_of(held), guids) for held in self._held(principal_object_id, scope))

    def permits(self, asked: Asked, principal_object_id: str, scope: str) -> bool:
        """Whether the principal may do this at the control plane now: one assignment must give it whole."""
        return any(
            permissions.permits(asked.action) and (condition is None or parse(condition)(asked))
            for permissions, condition in self.permissions(principal_object_id, scope)
        )

    def permissions(self, principal_object_id: str, scope: str) -> list[tuple[Permissions, str | None]]:
        """Of each assignment in force: what its role permits, and under which condition."""
        own = [(ROLES["Owner"].permissions, None)] if principal_object_id == DEPLOYER_OBJECT_ID else []
        held = [(self.role(role_of(one)), one.get("condition")) for one in self._held(principal_object_id, scope)]
        return [*own, *((role, condition) for role, condition in held if role is not None)]

    def reaches(self, principal_object_id: str, scope: str) -> bool:
        """Whether the principal holds anything at the scope, above or below it: then it sees that this is there."""
        below = scope.lower().rstrip("/") + "/"
        return bool(self.permissions(principal_object_id, scope)) or any(
            value["scope"].lower().startswith(below)
            and value["principalId"].lower() == principal_object_id.lower()
            and self.in_force(value)
            for _, value in self._store.list(self.KIND)
        )

    def role(self, guid: str) -> Permissions | None:
        """What a role permits, built in or made by somebody; None for one that is not there."""
        if guid in BY_GUID:
            return BY_GUID[guid].permissions
        made = self._store.get(self.CUSTOM, guid)
        return Permissions.of_bodies(made["permissions"]) if made else None

    def assign(self, key: str, *, scope: str, principal: str, role: str) -> None:
        """What a service of Azure assigns by itself: in force at once, under a key of its own."""
        guid = BUILT_IN_ROLES[role]
        document = {"scope": scope, "principalId": principal, "roleDefinitionId": guid, "createdOn": _LONG_AGO}
        self._store.put(self.KIND, key, document)

    def unassign(self, key: str) -> None:
        self._store.delete(self.KIND, key)

    def assignment(self, resource_id: str) -> dict[str, Any] | None:
        return self._store.get(self.KIND, resource_id.lower())

    def _held(self, principal_object_id: str, scope: str) -> list[dict[str, Any]]:
        return [
            value
            for value in self.assignments(scope)
            if value["principalId"].lower() == principal_object_id.lower() and self.in_force(value)
        ]

    def _gives(self, role: str, guids: set[str]) -> bool:
        if role in guids or role in BY_GUID:
            return role in guids
        made = self.role(role)
        wanted = [BY_GUID[guid].permissions for guid in guids if guid in BY_GUID]
        return made is not None and any(one.data_actions and made.covers_data_of(one) for one in wanted)

    def in_force(self, assignment: Mapping[str, Any]) -> bool:
        created = datetime.fromisoformat(assignment["createdOn"])
        blob = role_of(assignment) in _BLOB_ROLES
        lag = self._profile.blob_role_propagation_s if blob else self._profile.role_propagation_s
        now = self._clock.now()
        # one of the future was made before this machine's clock was set back
        return now < created or now >= created + timedelta(seconds=lag)


def role_of(assignment: Mapping[str, Any]) -> str:
    """The GUID of its role, in lower case."""
    return str(assignment["roleDefinitionId"]).rsplit("/", 1)[-1].lower()
