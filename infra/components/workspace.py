"""Azure ML workspace on an identity of its own, whose rights exist before it does.

https://learn.microsoft.com/azure/machine-learning/how-to-identity-based-service-authentication
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
from pulumi_azure_native import machinelearningservices as ml
from pulumi_azure_native import managedidentity

from infra.components.access import Access, AccessArgs, Grant, Role
from infra.components.monitoring import Monitoring
from infra.components.placement import Placement
from infra.components.registry import Registry
from infra.components.storage import Storage
from infra.components.vault import Vault
from infra.resources.purge import Purge, PurgeArgs


@dataclass(frozen=True, kw_only=True)
class WorkspaceArgs:
    placement: Placement
    workspace_name: str
    identity: managedidentity.UserAssignedIdentity
    storage: Storage
    vault: Vault
    registry: Registry
    monitoring: Monitoring


class Workspace(pulumi.ComponentResource):
    """What lives in the workspace depends on `ready`: it is deleted before the workspace is purged."""

    def __init__(self, name: str, args: WorkspaceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("edgeway:infra:Workspace", name, None, opts)
        place = args.placement
        rights = self._rights(name, args)
        self.workspace = ml.Workspace(
            name,
            workspace_name=args.workspace_name,
            resource_group_name=place.resource_group_name,
            location=place.location,
            tags=place.tags,
            kind="Default",
            sku=ml.SkuArgs(name="Basic", tier=ml.SkuTier.BASIC),
            identity=ml.ManagedServiceIdentityArgs(type="UserAssigned", user_assigned_identities=[args.identity.id]),
            primary_user_assigned_identity=args.identity.id,
            storage_account=args.storage.account.id,
            key_vault=args.vault.vault.id,
            container_registry=args.registry.registry.id,
            application_insights=args.monitoring.application_insights.id,
            system_datastores_auth_mode="Identity",  # the storage account has no shared keys
            public_network_access="Enabled",
            v1_legacy_mode=False,
            hbi_workspace=False,
            enable_data_isolation=False,
            managed_network=ml.ManagedNetworkSettingsArgs(isolation_mode="Disabled"),
            opts=pulumi.ResourceOptions(
                parent=self,
                protect=place.protect,
                depends_on=[rights.ready, args.vault.purge],
                delete_before_replace=True,
                replace_on_changes=[
                    "hbiWorkspace",
                    "enableDataIsolation",
                    "keyVault",
                    "storageAccount",
                    "kind",
                    "location",
                ],
            ),
        )
        self.purge = Purge(
            name,
            PurgeArgs(kind="workspace", resource_id=self.workspace.id, location=place.location),
            pulumi.ResourceOptions(parent=self),
        )
        itself = Access(
            f"{name}-itself",
            AccessArgs(
                subscription_id=place.subscription_id,
                principal_id=args.identity.principal_id,
                principal_type="ServicePrincipal",
                grants=[Grant(name="contributor", role=Role.CONTRIBUTOR, scope=self.workspace.id)],
                settle_seconds=0,
                after=[self.purge],
            ),
            pulumi.ResourceOptions(parent=self),
        )
        self.ready: list[pulumi.Resource] = [self.purge, itself.ready]
        self.name: pulumi.Output[str] = self.workspace.name
        self.register_outputs({"name": self.name})

    def _rights(self, name: str, args: WorkspaceArgs) -> Access:
        account, vault = args.storage.account.id, args.vault.vault.id
        return Access(
            f"{name}-rights",
            AccessArgs(
                subscription_id=args.placement.subscription_id,
                principal_id=args.identity.principal_id,
                principal_type="ServicePrincipal",
                grants=[
                    Grant(name="storage", role=Role.CONTRIBUTOR, scope=account),
                    Grant(name="blobs", role=Role.BLOB_DATA_CONTRIBUTOR, scope=account),
                    Grant(name="files", role=Role.FILE_DATA_PRIVILEGED_CONTRIBUTOR, scope=account),
                    Grant(name="vault", role=Role.CONTRIBUTOR, scope=vault),
                    Grant(name="secrets", role=Role.KEY_VAULT_ADMINISTRATOR, scope=vault),
                    Grant(name="registry", role=Role.CONTRIBUTOR, scope=args.registry.registry.id),
                    Grant(name="insights", role=Role.CONTRIBUTOR, scope=args.monitoring.application_insights.id),
                ],
                settle_seconds=args.placement.role_settle_seconds,
                after=[args.vault.purge],
            ),
            pulumi.ResourceOptions(parent=self),
        )
