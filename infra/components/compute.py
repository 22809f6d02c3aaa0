"""A cluster of the workspace on which models train, and the identity that its machines act as.

Its jobs read code, data and image, and write logs and outputs, as this identity: it may pull from the registry and use
the workspace's default store, and nothing else.
https://learn.microsoft.com/azure/machine-learning/how-to-create-attach-compute-cluster
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
from infra.components.registry import Registry
from infra.components.site import Site
from infra.components.storage import Storage
from infra.resources.purge import Purge, PurgeArgs
from infra.settings.machines.computes import ClusterSettings

# What Azure does not change in place; of the identity it says nothing, and users report that it keeps the old one
# (hashicorp/terraform-provider-azurerm#25883).
_CREATE_ONLY = (
    "identity",
    "location",
    "properties.disableLocalAuth",
    "properties.properties.enableNodePublicIp",
    "properties.properties.osType",
    "properties.properties.remoteLoginPortPublicAccess",
    "properties.properties.vmPriority",
    "properties.properties.vmSize",
)


@dataclass(frozen=True, kw_only=True)
class ComputeClusterArgs:
    site: Site
    settings: ClusterSettings
    workspace_name: pulumi.Input[str]
    workspace_ready: Sequence[pulumi.Resource]
    foundation: Foundation
    identity_name: str
    registry: Registry
    storage: Storage
    settle_seconds: int
    """How long Azure gets to honour the identity's role assignments before a job uses them."""


class ComputeCluster(pulumi.ComponentResource):
    """What runs on it depends on `ready`."""

    def __init__(self, name: str, args: ComputeClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("edgeway:infra:ComputeCluster", name, None, opts)
        self._args = args
        identity = args.foundation.identity(f"compute-{name}", args.identity_name)
        self.cluster = self._cluster(name, identity)
        access = self._access(name, identity)
        self.name: pulumi.Output[str] = self.cluster.name
        # its delete says that the machines go; azure-native's own says nothing of them
        purge = Purge(
            name,
            PurgeArgs(kind="compute", resource_id=self.cluster.id, location=args.site.location),
            pulumi.ResourceOptions(parent=self),
        )
        self.ready: Sequence[pulumi.Resource] = [purge, access.ready]
        self.register_outputs({"name": self.name})

    def _cluster(self, name: str, identity: managedidentity.UserAssignedIdentity) -> ml.Compute:
        args, settings = self._args, self._args.settings
        return ml.Compute(
            name,
            compute_name=settings.name,
            workspace_name=args.workspace_name,
            resource_group_name=args.site.resource_group_name,
            location=args.site.location,
            tags=args.site.tags,
            identity=ml.ManagedServiceIdentityArgs(type="UserAssigned", user_assigned_identities=[identity.id]),
            properties=ml.AmlComputeArgs(
                compute_type="AmlCompute",
                compute_location=args.site.location,
                disable_local_auth=True,
                properties=ml.AmlComputePropertiesArgs(
                    vm_size=settings.size,
                    vm_priority="Dedicated",
                    os_type="Linux",
                    enable_node_public_ip=True,  # without it the machines reach nothing outside of a virtual network
                    remote_login_port_public_access="Disabled",
                    scale_settings=ml.ScaleSettingsArgs(
                        min_node_count=settings.min_nodes,
                        max_node_count=settings.max_nodes,
                        node_idle_time_before_scale_down=f"PT{settings.idle_seconds}S",
                    ),
                ),
            ),
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=list(args.workspace_ready),
                delete_before_replace=True,
                replace_on_changes=list(_CREATE_ONLY),
                custom_timeouts=pulumi.CustomTimeouts(create="30m", update="30m", delete="30m"),
            ),
        )

    def _access(self, name: str, identity: managedidentity.UserAssignedIdentity) -> Access:
        return Access(
            f"{name}-compute",
            AccessArgs(
                subscription_id=self._args.site.subscription_id,
                principal_id=identity.principal_id,
                principal_type="ServicePrincipal",
                grants=[
                    Grant(name="registry", role=Role.ACR_PULL, scope=self._args.registry.registry.id),
                    Grant(name="blobs", role=Role.BLOB_DATA_CONTRIBUTOR, scope=self._args.storage.account.id),
                ],
                settle_seconds=self._args.settle_seconds,
            ),
            pulumi.ResourceOptions(parent=self),
        )
