"""Key Vault of the workspace: RBAC only, purged on destroy.

https://learn.microsoft.com/azure/key-vault/general/rbac-guide
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
from pulumi_azure_native import keyvault

from infra import pinned
from infra.components.placement import Placement
from infra.resources.purge import Purge, PurgeArgs

_RETENTION_DAYS = 7  # the least; it can never be changed


@dataclass(frozen=True, kw_only=True)
class VaultArgs:
    placement: Placement
    vault_name: str


class Vault(pulumi.ComponentResource):
    def __init__(self, name: str, args: VaultArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("edgeway:infra:Vault", name, None, opts)
        place = args.placement
        self.vault = pinned.Vault(
            name,
            vault_name=args.vault_name,
            resource_group_name=place.resource_group_name,
            location=place.location,
            tags=place.tags,
            # No purge protection: it cannot be turned off again, and would keep the name for the retention period.
            properties=keyvault.VaultPropertiesArgs(
                tenant_id=place.tenant_id,
                sku=keyvault.SkuArgs(family="A", name=keyvault.SkuName.STANDARD),
                enable_rbac_authorization=True,
                enable_soft_delete=True,
                soft_delete_retention_in_days=_RETENTION_DAYS,
                public_network_access="Enabled",
            ),
            opts=pulumi.ResourceOptions(
                parent=self,
                protect=place.protect,
                replace_on_changes=["properties.softDeleteRetentionInDays", "location"],
                delete_before_replace=True,
            ),
        )
        self.purge = Purge(
            name,
            PurgeArgs(kind="vault", resource_id=self.vault.id, location=place.location),
            pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({})
