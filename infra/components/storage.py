"""The storage account that is the workspace's default store: Entra only, no shared keys.

https://learn.microsoft.com/azure/machine-learning/how-to-disable-local-auth-storage
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
from pulumi_azure_native import storage

from infra.components.site import Site


@dataclass(frozen=True, kw_only=True)
class StorageArgs:
    site: Site
    account_name: str
    protect: bool


class Storage(pulumi.ComponentResource):
    def __init__(self, name: str, args: StorageArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("edgeway:infra:Storage", name, None, opts)
        site = args.site
        self.account = storage.StorageAccount(
            name,
            account_name=args.account_name,
            resource_group_name=site.resource_group_name,
            location=site.location,
            tags=site.tags,
            kind="StorageV2",
            sku=storage.SkuArgs(name="Standard_LRS"),
            is_hns_enabled=False,  # Azure ML refuses a hierarchical namespace in its default store
            allow_shared_key_access=False,
            allow_blob_public_access=False,
            allow_cross_tenant_replication=False,
            default_to_o_auth_authentication=True,
            minimum_tls_version="TLS1_2",
            enable_https_traffic_only=True,
            public_network_access="Enabled",
            network_rule_set=storage.NetworkRuleSetArgs(
                default_action=storage.DefaultAction.ALLOW, bypass="AzureServices"
            ),
            opts=pulumi.ResourceOptions(
                parent=self, protect=args.protect, replace_on_changes=["isHnsEnabled", "location"]
            ),
        )
        self.register_outputs({})
