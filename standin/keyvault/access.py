"""Who may do what at a vault: a token for vaults, and a role on the vault or on the thing itself.

https://learn.microsoft.com/azure/key-vault/general/rbac-guide
"""

from __future__ import annotations

from standin.core.arm import Resource
from standin.core.auth import TENANT_ID, Roles
from standin.core.errors import NotFound
from standin.core.http import Request
from standin.keyvault.errors import ForbiddenByRbac, InvalidVersion, NoToken
from standin.keyvault.state import Vaults

_AUDIENCE = "https://vault.azure.net"
OFFICERS = ("Key Vault Administrator", "Key Vault Secrets Officer")
USERS = ("Key Vault Secrets User", *OFFICERS)
CRYPTO_OFFICERS = ("Key Vault Administrator", "Key Vault Crypto Officer")
CRYPTO_USERS = ("Key Vault Crypto User", *CRYPTO_OFFICERS)
VERSIONS = (
    "2015-06-01", "2016-10-01", "7.0-preview", "7.0", "7.1-preview", "7.1", "7.2-preview", "7.2", "7.3-preview", "7.3",
    "7.4-preview.1", "7.4", "7.5-preview.1", "7.5", "7.6-preview.1", "7.6-preview.2", "7.6", "2025-06-01-preview",
    "2025-07-01", "2026-01-01-preview", "2026-03-01-preview", "2026-04-01", "2026-05-01-preview", "2026-07-01-preview",
)  # fmt: skip
"""Of the vault's own surface. https://learn.microsoft.com/rest/api/keyvault/"""


class VaultAccess:
    def __init__(self, vaults: Vaults, roles: Roles) -> None:
        self._vaults = vaults
        self._roles = roles

    def authorized(self, request: Request, action: str, roles: tuple[str, ...], what: str = "secrets") -> Resource:
        """The vault of this host, if the caller holds one of the roles on it or on the secret or key itself."""
        principal = request.principal
        if principal is None or principal.audience != _AUDIENCE:
            raise NoToken(TENANT_ID)
        if (version := request.query.get("api-version", "")) not in VERSIONS:
            raise InvalidVersion(version, VERSIONS)
        vault = self._vaults.vault(request.host.split(".", 1)[0])
        if vault is None:
            raise NotFound(f"The vault '{request.host}' does not exist.", code="VaultNotFound")
        scope = vault.id + request.path.rstrip("/")
        if not self._roles.allows(principal.object_id, scope, roles):
            raise ForbiddenByRbac(f"Microsoft.KeyVault/vaults/{what}/{action}", vault.name)
        return vault
