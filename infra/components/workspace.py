"""Azure ML workspace on an identity of its own, whose rights exist before it does.

https://learn.microsoft.com/azure/machine-learning/how-to-identity-based-service-authentication
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import machinelearningservices as ml
from pulumi_azure_native import managedidentity

from infra.components.access import Access, AccessArgs, Grant, Role
from infra.components.foundation import Foundation
from infra.components.monitoring import Monitoring
from infra.components.registry import Registry
from infra.components.site import Site
from infra.components.storage import Storage
from infra.components.vault import Vault
from infra.resources.purge import Purge, PurgeArgs

# What Azure does not change in place.
_CREATE_ONLY = ("hbiWorkspace", "enableDataIsolation", "keyVault", "storageAccount", "kind", "location")


@dataclass(frozen=True, kw_only=True)
class WorkspaceArgs:
    site: Site
    workspace_name: str
    foundation: Foundation
    identity_name: str
    storage: Storage
    vault: Vault
    registry: Registry
    monitoring: Monitoring
    settle_seconds: int
    """How long Azure gets to honour the identity's role assignments before the workspace is made."""
    protect: bool


class Workspace(pulumi.ComponentResource):
    """What lives in the workspace depends on `ready`: it is deleted before the workspace is purged."""

    def __init__(self, name: str, args: WorkspaceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("edgeway:infra:Workspace", name, None, opts)
        self._args = args
        identity = args.foundation.identity("workspace", args.identity_name)
        rights = self._rights(f"{name}-rights", identity)
        self.workspace = self._workspace(name, identity, [rights.ready, args.vault.purge])
        self.purge = Purge(
            name,
            PurgeArgs(kind="workspace", resource_id=self.workspace.id, location=args.site.location),
            pulumi.ResourceOptions(parent=self),
        )
        itself = self._access(
            f"{name}-itself",
            identity,
            [Grant(name="contributor", role=Role.CONTRIBUTOR, scope=self.workspace.id)],
            settle_seconds=0,
            after=[self.purge],
        )
        self.ready: list[pulumi.Resource] = [self.purge, itself.ready]
        self.name: pulumi.Output[str] = self.workspace.name
        self.principal_id: pulumi.Output[str] = identity.principal_id
        """Of the identity that the workspace acts as."""
        self.register_outputs({"name": self.name})

    def _workspace(
        self, name: str, identity: managedidentity.UserAssignedIdentity, after: list[pulumi.Resource]
    ) -> ml.Workspace:
        args, site = self._args, self._args.site
        return ml.Workspace(
            name,
            workspace_name=args.workspace_name,
            resource_group_name=site.resource_group_name,
            location=site.location,
            tags=site.tags,
            kind="Default",
            sku=ml.SkuArgs(name="Basic", tier=ml.SkuTier.BASIC),
            identity=ml.ManagedServiceIdentityArgs(type="UserAssigned", user_assigned_identities=[identity.id]),
            primary_user_assigned_identity=identity.id,
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
                protect=args.protect,
                depends_on=after,
                delete_before_replace=True,
                replace_on_changes=list(_CREATE_ONLY),
            ),
        )

    def _rights(self, name: str, identity: managedidentity.UserAssignedIdentity) -> Access:
        account, vault = self._args.storage.account.id, self._args.vault.vault.id
        insights = self._args.monitoring.application_insights.id
        grants = [
            Grant(name="storage", role=Role.CONTRIBUTOR, scope=account),
            Grant(name="blobs", role=Role.BLOB_DATA_CONTRIBUTOR, scope=account),
            Grant(name="files", role=Role.FILE_DATA_PRIVILEGED_CONTRIBUTOR, scope=account),
            Grant(name="vault", role=Role.CONTRIBUTOR, scope=vault),
            Grant(name="secrets", role=Role.KEY_VAULT_ADMINISTRATOR, scope=vault),
            Grant(name="registry", role=Role.CONTRIBUTOR, scope=self._args.registry.registry.id),
            Grant(name="insights", role=Role.CONTRIBUTOR, scope=insights),
        ]
        # An assignment goes with its scope, and who deploys may not be let delete one that is gone: so they go first
        purges = [self._args.vault.purge, *self._args.monitoring.purges]
        return self._access(name, identity, grants, settle_seconds=self._args.settle_seconds, after=purges)

    def _access(
        self,
        name: str,
        identity: managedidentity.UserAssignedIdentity,
        grants: list[Grant],
        *,
        settle_seconds: int,
        after: Sequence[pulumi.Resource],
    ) -> Access:
        return Access(
            name,
            AccessArgs(
                subscription_id=self._args.site.subscription_id,
                principal_id=identity.principal_id,
                principal_type="ServicePrincipal",
                grants=grants,
                settle_seconds=settle_seconds,
                after=after,
            ),
            pulumi.ResourceOptions(parent=self),
        )
