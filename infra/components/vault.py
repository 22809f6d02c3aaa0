"""Key Vault of the workspace: RBAC only, purged on destroy.

https://learn.microsoft.com/azure/key-vault/general/rbac-guide
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
from pulumi_azure_native import keyvault

from infra.components.site import Site
from infra.pinned import pinned
from infra.resources.purge import Purge, PurgeArgs

_API_VERSION = "v20260201"  # every control-plane version before it is retired on 2027-02-27
_RETENTION_DAYS = 7  # the least; it can never be changed


@dataclass(frozen=True, kw_only=True)
class VaultArgs:
    site: Site
    vault_name: str
    protect: bool


class Vault(pulumi.ComponentResource):
    def __init__(self, name: str, args: VaultArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("edgeway:infra:Vault", name, None, opts)
        site = args.site
        self.vault = pinned(keyvault.Vault, _API_VERSION)(
            name,
            vault_name=args.vault_name,
            resource_group_name=site.resource_group_name,
            location=site.location,
            tags=site.tags,
            # No purge protection: it cannot be turned off again, and would keep the name for the retention period.
            properties=keyvault.VaultPropertiesArgs(
                tenant_id=site.tenant_id,
                sku=keyvault.SkuArgs(family="A", name=keyvault.SkuName.STANDARD),
                enable_rbac_authorization=True,
                enable_soft_delete=True,
                soft_delete_retention_in_days=_RETENTION_DAYS,
                public_network_access="Enabled",
            ),
            opts=pulumi.ResourceOptions(
                parent=self,
                protect=args.protect,
                replace_on_changes=["properties.softDeleteRetentionInDays", "location"],
                delete_before_replace=True,
            ),
        )
        self.purge = Purge(
            name,
            PurgeArgs(kind="vault", resource_id=self.vault.id, location=site.location),
            pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({})
