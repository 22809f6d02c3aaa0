"""What a vault's data plane decides: secrets, deleted secrets and deleted vaults."""

from __future__ import annotations

from typing import Any

from standin.core.arm import Arm, Resource, ResourceKind
from standin.core.clock import iso
from standin.core.store import Store
from standin.keyvault.errors import DeletedVaultNotFound, SecretNotFound


class Vaults:
    def __init__(self, arm: Arm, store: Store, vault_kind: ResourceKind, secret_kind: ResourceKind) -> None:
        self._arm = arm
        self._store = store
        self._vault = vault_kind
        self._secret = secret_kind

    def vault(self, name: str) -> Resource | None:
        vaults = self._arm.list(self._vault.type)
        return next((vault for vault in vaults if vault.name.lower() == name.lower()), None)

    def is_taken(self, name: str) -> bool:
        """By a vault, or by one that is only soft-deleted."""
        deleted = any(vault.name.lower() == name.lower() for vault in self.deleted_vaults())
        return deleted or self.vault(name) is not None

    def secrets(self, vault: Resource) -> list[Resource]:
        return self._arm.list(self._secret.type, vault.id)

    def secret(self, vault: Resource, name: str) -> Resource:
        secret = self._arm.get(f"{vault.id}/secrets/{name}")
        if secret is None:
            raise SecretNotFound(name)
        return secret

    def delete_secret(self, vault: Resource, name: str) -> Resource:
        secret = self.secret(vault, name)
        with self._store.transaction():
            self._arm.keep_deleted(self._secret, secret)
            self._arm.forget(secret)
        return secret

    def deleted_secrets(self, vault: Resource) -> list[Resource]:
        return [secret for secret in self._arm.deleted(self._secret) if secret.parent_id.lower() == vault.key]

    def deleted_secret(self, vault: Resource, name: str) -> Resource:
        for secret in self.deleted_secrets(vault):
            if secret.name.lower() == name.lower():
                return secret
        raise SecretNotFound(name)

    def purge_secret(self, vault: Resource, name: str) -> None:
        self._arm.forget_deleted(self._secret, self.deleted_secret(vault, name))

    def deleted_vaults(self) -> list[Resource]:
        return self._arm.deleted(self._vault)

    def deleted_vault(self, name: str, location: str) -> Resource:
        for vault in self.deleted_vaults():
            if vault.name.lower() == name.lower() and vault.location == location.replace(" ", "").lower():
                return vault
        raise DeletedVaultNotFound(name)

    async def purge_vault(self, name: str, location: str) -> None:
        vault = self.deleted_vault(name, location)
        for secret in self.deleted_secrets(vault):
            self._arm.forget_deleted(self._secret, secret)
        await self._arm.purge(self._vault, vault)

    def describe_deleted(self, vault: Resource) -> dict[str, Any]:
        subscription = vault.parts.subscription
        return {
            "id": f"/subscriptions/{subscription}/providers/Microsoft.KeyVault/locations/{vault.location}"
            f"/deletedVaults/{vault.name}",
            "name": vault.name,
            "type": "Microsoft.KeyVault/deletedVaults",
            "properties": {
                "vaultId": vault.id,
                "location": vault.location,
                "tags": vault.body.get("tags") or {},
                "deletionDate": vault.private["deletedAt"],
                "scheduledPurgeDate": iso(self._arm.purge_at(self._vault, vault)),
            },
        }
