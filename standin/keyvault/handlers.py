"""Translates the vault's keys and the deletedVaults of ARM.

https://learn.microsoft.com/rest/api/keyvault/keys/operation-groups
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from standin.core.auth import Roles
from standin.core.http import Request, Response, empty, json_response
from standin.core.rbac.conditions import Asked
from standin.keyvault.access import CRYPTO_OFFICERS, CRYPTO_USERS, VaultAccess
from standin.keyvault.keys import Keys
from standin.keyvault.kinds import is_name
from standin.keyvault.state import Vaults

_ARM = "management.azure.com"


class VaultHandlers:
    def __init__(self, access: VaultAccess, vaults: Vaults, keys: Keys, roles: Roles) -> None:
        self._access = access
        self._vaults = vaults
        self._keys = keys
        self._roles = roles

    async def list_deleted_vaults(self, request: Request, _: Mapping[str, str]) -> Response:
        """Empty, not refused, for whoever may not list them (azure-cli#14091)."""
        asked = Asked(action="Microsoft.KeyVault/deletedVaults/read", request={}, resource={})
        caller = request.principal.object_id if request.principal else ""
        seen = self._vaults.deleted_vaults() if self._roles.permits(asked, caller, request.path) else []
        return json_response({"value": [self._vaults.describe_deleted(vault) for vault in seen]})

    async def list_deleted_hsms(self, request: Request, _: Mapping[str, str]) -> Response:
        """There are none; `az keyvault list-deleted` asks for both."""
        return json_response({"value": []})

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
        vault = self._access.authorized(request, "create/action", CRYPTO_OFFICERS, "keys")
        return json_response(self._keys.create(vault, parameters["key"], request.json_object()))

    async def get_key(self, request: Request, parameters: Mapping[str, str]) -> Response:
        vault = self._access.authorized(request, "read", CRYPTO_USERS, "keys")
        return json_response(self._keys.described(vault, parameters["key"], parameters.get("version", "")))

    async def use_key(self, request: Request, parameters: Mapping[str, str]) -> Response:
        operation, version = parameters["operation"].lower(), parameters.get("version", "")
        vault = self._access.authorized(request, f"{operation}/action", CRYPTO_USERS, "keys")
        return json_response(self._keys.apply(vault, parameters["key"], version, operation, request.json_object()))
