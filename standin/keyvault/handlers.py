"""Translates the vault's data plane and the deletedVaults of ARM.

https://learn.microsoft.com/rest/api/keyvault/secrets/operation-groups
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from standin.core.arm import Resource
from standin.core.auth import TENANT_ID, Roles
from standin.core.errors import NotFound
from standin.core.http import Request, Response, empty, json_response
from standin.core.rbac.conditions import Asked
from standin.keyvault.errors import ForbiddenByRbac, NoToken
from standin.keyvault.keys import Keys
from standin.keyvault.kinds import is_name
from standin.keyvault.state import Vaults

_ARM = "management.azure.com"
_AUDIENCE = "https://vault.azure.net"
_OFFICERS = ("Key Vault Administrator", "Key Vault Secrets Officer")
_CRYPTO_OFFICERS = ("Key Vault Administrator", "Key Vault Crypto Officer")
_CRYPTO_USERS = ("Key Vault Crypto User", *_CRYPTO_OFFICERS)
_USERS = ("Key Vault Secrets User", *_OFFICERS)


class VaultHandlers:
    def __init__(self, vaults: Vaults, keys: Keys, roles: Roles) -> None:
        self._vaults = vaults
        self._keys = keys
        self._roles = roles

    async def list_secrets(self, request: Request, _: Mapping[str, str]) -> Response:
        vault = self._authorized(request, "readMetadata", _USERS)
        described = [self._vaults.describe_secret(secret, value=False) for secret in self._vaults.secrets(vault)]
        return json_response({"value": described, "nextLink": None})

    async def get_secret(self, request: Request, parameters: Mapping[str, str]) -> Response:
        vault = self._authorized(request, "getSecret", _USERS)
        secret = self._vaults.secret(vault, parameters["secret"])
        return json_response(self._vaults.describe_secret(secret, value=True))

    async def delete_secret(self, request: Request, parameters: Mapping[str, str]) -> Response:
        vault = self._authorized(request, "delete", _OFFICERS)
        secret = self._vaults.delete_secret(vault, parameters["secret"])
        return json_response(self._vaults.describe_deleted_secret(secret))

    async def get_deleted_secret(self, request: Request, parameters: Mapping[str, str]) -> Response:
        vault = self._authorized(request, "readMetadata", _OFFICERS)
        secret = self._vaults.deleted_secret(vault, parameters["secret"])
        return json_response(self._vaults.describe_deleted_secret(secret))

    async def purge_secret(self, request: Request, parameters: Mapping[str, str]) -> Response:
        vault = self._authorized(request, "purge", _OFFICERS)
        self._vaults.purge_secret(vault, parameters["secret"])
        return empty(204)

    async def list_deleted_vaults(self, request: Request, _: Mapping[str, str]) -> Response:
        """Empty, not refused, for whoever may not list them (azure-cli#14091)."""
        asked = Asked(action="Microsoft.KeyVault/deletedVaults/read", request={}, resource={})
        caller = request.principal.object_id if request.principal else ""
        seen = self._vaults.deleted_vaults() if self._roles.permits(asked, caller, request.path) else []
        return json_response({"value": [self._vaults.describe_deleted(vault) for vault in seen]})

    async def get_deleted_vault(self, request: Request, parameters: Mapping[str, str]) -> Response:
        vault = self._vaults.deleted_vault(parameters["vault"], parameters["location"])
        return json_response(self._vaults.describe_deleted(vault))

    async def purge_vault(self, request: Request, parameters: Mapping[str, str]) -> Response:
        """Done at once, but said so only below the subscription, whose rights are others than the purge's."""
        await self._vaults.purge_vault(parameters["vault"], parameters["location"])
        place = f"/subscriptions/{parameters['subscription']}/providers/Microsoft.KeyVault/locations"
        url = f"https://{_ARM}{place}/{parameters['location']}/operationResults/{uuid.uuid4()}"
        return empty(202, {"Location": f"{url}?api-version={request.query['api-version']}", "Retry-After": "1"})

    async def purge_result(self, request: Request, _: Mapping[str, str]) -> Response:
        return empty(200)

    async def check_name(self, request: Request, _: Mapping[str, str]) -> Response:
        name = str(request.json_object().get("name", ""))
        if not is_name(name):
            told = {"reason": "AccountNameInvalid", "message": f"The vault name '{name}' is invalid."}
            return json_response({"nameAvailable": False, **told})
        if self._vaults.is_taken(name):
            told = {"reason": "AlreadyExists", "message": f"The vault name '{name}' is already in use."}
            return json_response({"nameAvailable": False, **told})
        return json_response({"nameAvailable": True})

    async def create_key(self, request: Request, parameters: Mapping[str, str]) -> Response:
        vault = self._authorized(request, "create/action", _CRYPTO_OFFICERS, "keys")
        return json_response(self._keys.create(vault, parameters["key"], request.json_object()))

    async def get_key(self, request: Request, parameters: Mapping[str, str]) -> Response:
        vault = self._authorized(request, "read", _CRYPTO_USERS, "keys")
        return json_response(self._keys.described(vault, parameters["key"]))

    async def use_key(self, request: Request, parameters: Mapping[str, str]) -> Response:
        operation = parameters["operation"].lower()
        vault = self._authorized(request, f"{operation}/action", _CRYPTO_USERS, "keys")
        return json_response(self._keys.apply(vault, parameters["key"], operation, request.json_object()))

    def _authorized(self, request: Request, action: str, roles: tuple[str, ...], what: str = "secrets") -> Resource:
        """The vault of this host, if the caller holds one of the roles on it or on the secret or key itself."""
        principal = request.principal
        if principal is None or principal.audience != _AUDIENCE:
            raise NoToken(TENANT_ID)
        vault = self._vaults.vault(request.host.split(".", 1)[0])
        if vault is None:
            raise NotFound(f"The vault '{request.host}' does not exist.", code="VaultNotFound")
        scope = vault.id + request.path.rstrip("/")
        if not self._roles.allows(principal.object_id, scope, roles):
            raise ForbiddenByRbac(f"Microsoft.KeyVault/vaults/{what}/{action}", vault.name)
        return vault
