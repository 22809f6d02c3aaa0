"""A Kubernetes cluster attached to the workspace, so that endpoints can be made on it.

Azure refuses to change an attachment (microsoft/edge-ai replaces it for the same reason): each change is another one,
and the endpoints on it go with it.
Rights, each the least that Microsoft names: the machines pull images; the identity of the attachment pulls, and reads
models; the workspace's own, which is one that somebody made, looks at the cluster, at its extension, and comes in.
https://learn.microsoft.com/azure/machine-learning/how-to-attach-kubernetes-to-workspace
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import machinelearningservices as ml

from infra.components.access import Access, AccessArgs, Grant, Role
from infra.components.registry import Registry
from infra.components.serving.image_puller import ImagePuller
from infra.components.serving.kubernetes_cluster import KubernetesCluster
from infra.components.site import Site
from infra.resources.purge import Purge, PurgeArgs
from infra.settings.serving import DEFAULT_INSTANCE_TYPE

_NAMESPACE = "default"
"""The one that is there before anybody has made one: Azure ML makes none."""

# What Azure fills in, and others change in the cluster: where a refresh brings it, nothing is made anew for it.
_OF_OTHERS = ("extensionInstanceReleaseTrain", "instanceTypes", "relayConnectionString", "serviceBusConnectionString")


@dataclass(frozen=True, kw_only=True)
class KubernetesComputeArgs:
    site: Site
    compute_name: str
    cluster: KubernetesCluster
    workspace_name: pulumi.Input[str]
    workspace_principal_id: pulumi.Output[str]
    workspace_ready: Sequence[pulumi.Resource]
    registry: Registry
    puller: ImagePuller
    settle_seconds: int
    """How long Azure gets to honour the roles before the cluster is attached."""


class KubernetesCompute(pulumi.ComponentResource):
    """What is served on it depends on `ready`."""

    def __init__(self, name: str, args: KubernetesComputeArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("edgeway:infra:KubernetesCompute", name, None, opts)
        self._args = args
        cluster = args.cluster
        pull = [Grant(name="registry", role=Role.ACR_PULL, scope=args.registry.registry.id)]
        enter = [
            Grant(name="cluster", role=Role.READER, scope=cluster.id),
            Grant(name="extension", role=Role.KUBERNETES_EXTENSION_CONTRIBUTOR, scope=cluster.id),
            Grant(name="admin", role=Role.AKS_CLUSTER_ADMIN, scope=cluster.id),
        ]
        rights = [
            self._access(f"{name}-machines", cluster.puller_id, pull),
            self._access(f"{name}-workspace", args.workspace_principal_id, enter),
        ]
        self.compute = self._compute(name, rights)
        purge = Purge(
            name,
            PurgeArgs(kind="attachment", resource_id=self.compute.id, location=args.site.location),
            pulumi.ResourceOptions(parent=self),
        )
        self.id: pulumi.Output[str] = self.compute.id
        self.cluster = cluster
        self.puller = args.puller
        # with its certificate: a renewed one must be there before anybody asks by the CA that signed it
        self.ready: Sequence[pulumi.Resource] = [purge, cluster.extension, *args.puller.ready]
        self.register_outputs({"id": self.id})

    def _compute(self, name: str, rights: Sequence[Access]) -> ml.Compute:
        args = self._args
        return ml.Compute(
            name,
            compute_name=args.compute_name,
            workspace_name=args.workspace_name,
            resource_group_name=args.site.resource_group_name,
            location=args.site.location,
            tags=args.site.tags,
            identity=ml.ManagedServiceIdentityArgs(
                type="UserAssigned", user_assigned_identities=[args.puller.identity.id]
            ),
            properties=ml.KubernetesArgs(
                compute_type="Kubernetes",
                compute_location=args.site.location,
                resource_id=args.cluster.id,
                properties=ml.KubernetesPropertiesArgs(
                    namespace=_NAMESPACE,
                    default_instance_type=DEFAULT_INSTANCE_TYPE,
                    extension_principal_id=args.cluster.extension_principal_id,
                ),
            ),
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[
                    *args.workspace_ready,
                    *args.puller.ready,
                    *(access.ready for access in rights),
                    args.cluster.extension,
                ],
                delete_before_replace=True,
                ignore_changes=[f"properties.properties.{name}" for name in _OF_OTHERS],
                replace_on_changes=["identity", "location", "properties", "tags"],
                custom_timeouts=pulumi.CustomTimeouts(create="30m", delete="30m"),
            ),
        )

    def _access(self, name: str, principal_id: pulumi.Output[str], grants: Sequence[Grant]) -> Access:
        return Access(
            name,
            AccessArgs(
                subscription_id=self._args.site.subscription_id,
                principal_id=principal_id,
                principal_type="ServicePrincipal",
                grants=grants,
                settle_seconds=self._args.settle_seconds,
            ),
            pulumi.ResourceOptions(parent=self),
        )
