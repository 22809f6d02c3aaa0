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
from standin.core.store import Store

_NAMESPACE = uuid.UUID("5f6c2c0e-2a55-4b2f-9a5e-edee0a1a0001")
TENANT_ID = str(uuid.uuid5(_NAMESPACE, "tenant"))
SUBSCRIPTION_ID = str(uuid.uuid5(_NAMESPACE, "subscription"))
DEPLOYER_OBJECT_ID = str(uuid.uuid5(_NAMESPACE, "deployer"))
DEPLOYER_CLIENT_ID = str(uuid.uuid5(_NAMESPACE, "deployer application"))

TOKEN_LIFETIME = timedelta(hours=1)

BUILT_IN_ROLES: Mapping[str, str] = {
    "Owner": "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
    "Contributor": "b24988ac-6180-42a0-ab88-20f7382dd24c",
    "Reader": "acdd72a7-3385-48ef-bd42-f606fba81ae7",
    "Role Based Access Control Administrator": "f58310d9-a9f6-439a-9e8d-f62e7b41a168",
    "AcrPull": "7f951dda-4ed3-4680-a7ca-43fe172d538d",
    "AcrPush": "8311e382-0749-4cb8-b61a-304f252e45ec",
    "AcrDelete": "c2f4ef07-c644-48eb-af81-4b1b4947fb11",
    "Container Registry Repository Reader": "b93aa761-3e63-49ed-ac28-beffa264f7ac",
    "Container Registry Repository Writer": "2a1e307c-b015-4ebd-883e-5b7698a07328",
    "Storage Blob Data Owner": "b7e6dc6d-f1e8-4753-8033-0f276bb0955b",
    "Storage Blob Data Contributor": "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
    "Storage Blob Data Reader": "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1",
    "Storage File Data Privileged Contributor": "69566ab7-960f-475b-8e7c-b3118f30c6bd",
    "Key Vault Administrator": "00482a5a-887f-4fb3-b363-3b7fe8e74483",
    "Key Vault Secrets Officer": "b86a8fe4-44ce-4948-aee5-eccb2c155cd7",
    "Key Vault Secrets User": "4633458b-17de-408a-b874-0445c86b69e6",
    "Key Vault Crypto User": "12338af0-0e69-4776-bea7-57ae8d297424",
    "AzureML Data Scientist": "f6c7c914-8db3-469d-8ca1-694a8f32e121",
    "Managed Identity Operator": "f1a07417-d97a-45cb-824c-7a7467783830",
    "Monitoring Metrics Publisher": "3913510d-42f4-4e42-8a64-420c390055eb",
    "IoT Hub Data Contributor": "4fc6c259-987e-4a07-842e-c321cc9d413f",
    "IoT Hub Data Reader": "b447c946-2db7-41ec-983d-d8bf3b1c77e3",
    "IoT Hub Registry Contributor": "4ea46cd5-c1b2-4a8e-910b-273211f9ce47",
    "IoT Hub Twin Contributor": "494bdba2-168f-4f31-a0a1-191d2f7c028c",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    object_id: str
    kind: str
    """`ServicePrincipal` (the deployer) or `ManagedIdentity`."""
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
            "idtyp": "app",
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
        except jwt.PyJWTError:
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
        return self._store_secret("token key").encode()

    def client_secret(self) -> str:
        """The deployer's client secret: random, made at the first start."""
        return self._store_secret("client secret")

    def _store_secret(self, name: str) -> str:
        saved = self._store.get("directory", name)
        if saved is None:
            saved = {"value": uuid.uuid4().hex + uuid.uuid4().hex}
            self._store.put("directory", name, saved)
        return str(saved["value"])


_BLOB_ROLES = frozenset(guid for name, guid in BUILT_IN_ROLES.items() if name.startswith("Storage Blob Data "))


class Roles:
    """Role assignments as they are in force: at the scope or above it, and only once they have propagated."""

    KIND = "role assignment"

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
        """Whether the principal holds one of the roles (names or GUIDs) at the scope now.

        The deployer is Owner of the subscription, as the person who sets up the project is; like in Azure that gives
        no data actions, so asking for a data role only must find an assignment.
        """
        guids = {BUILT_IN_ROLES.get(role, role).lower() for role in roles}
        if principal_object_id == DEPLOYER_OBJECT_ID and BUILT_IN_ROLES["Owner"] in guids:
            return True
        return any(
            value["principalId"].lower() == principal_object_id.lower()
            and value["roleDefinitionId"].rsplit("/", 1)[-1].lower() in guids
            and self.in_force(value)
            for value in self.assignments(scope)
        )

    def in_force(self, assignment: Mapping[str, Any]) -> bool:
        created = datetime.fromisoformat(assignment["createdOn"])
        role = assignment["roleDefinitionId"].rsplit("/", 1)[-1].lower()
        blob = role in _BLOB_ROLES
        lag = self._profile.blob_role_propagation_s if blob else self._profile.role_propagation_s
        return self._clock.now() >= created + timedelta(seconds=lag)
