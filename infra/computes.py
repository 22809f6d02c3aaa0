"""The computes of a stack: the clusters that models train on, and those of Kubernetes that serve them."""

from __future__ import annotations

from cloud.naming import Names
from infra.components.access import Grant, Role
from infra.components.compute import ComputeCluster, ComputeClusterArgs
from infra.components.foundation import Foundation
from infra.components.registry import Registry
from infra.components.serving.image_puller import ImagePuller, ImagePullerArgs
from infra.components.serving.kubernetes_cluster import KubernetesCluster, KubernetesClusterArgs
from infra.components.serving.kubernetes_compute import KubernetesCompute, KubernetesComputeArgs
from infra.components.site import Site
from infra.components.storage import Storage
from infra.components.workspace import Workspace
from infra.settings.machines.computes import KubernetesClusterSettings
from infra.settings.tree import Settings


def training_clusters(
    settings: Settings,
    names: Names,
    site: Site,
    foundation: Foundation,
    storage: Storage,
    registry: Registry,
    workspace: Workspace,
) -> dict[str, ComputeCluster]:
    """By name."""
    return {
        compute.name: ComputeCluster(
            compute.name,
            ComputeClusterArgs(
                site=site,
                settings=compute,
                workspace_name=workspace.name,
                workspace_ready=workspace.ready,
                foundation=foundation,
                identity_name=names.identity(compute.name),
                registry=registry,
                storage=storage,
                settle_seconds=settings.role_settle_seconds,
            ),
        )
        for compute in settings.training_clusters
    }


def kubernetes_clusters(
    settings: Settings,
    names: Names,
    site: Site,
    foundation: Foundation,
    storage: Storage,
    registry: Registry,
    workspace: Workspace,
) -> dict[str, KubernetesCompute]:
    """By name. They share the identity that pulls images and reads models."""
    if not settings.kubernetes_clusters:
        return {}
    reader = Grant(name="blobs", role=Role.BLOB_DATA_READER, scope=storage.account.id)
    puller = ImagePuller(
        "kubernetes",
        ImagePullerArgs(
            site=site,
            foundation=foundation,
            identity_name=names.identity("kubernetes"),
            registry=registry,
            settle_seconds=settings.role_settle_seconds,
            grants=[reader],
        ),
    )
    return {
        one.name: _attached(one, settings, names, site, registry, workspace, puller)
        for one in settings.kubernetes_clusters
    }


def _attached(
    compute: KubernetesClusterSettings,
    settings: Settings,
    names: Names,
    site: Site,
    registry: Registry,
    workspace: Workspace,
    puller: ImagePuller,
) -> KubernetesCompute:
    cluster = KubernetesCluster(
        compute.name,
        KubernetesClusterArgs(
            site=site,
            settings=compute,
            cluster_name=names.kubernetes_cluster(compute.name),
            node_group=names.node_group(compute.name),
            host=compute.host or names.kubernetes_host(compute.name),
            uptime_sla=settings.is_production,
        ),
    )
    return KubernetesCompute(
        compute.name,
        KubernetesComputeArgs(
            site=site,
            compute_name=compute.name,
            cluster=cluster,
            workspace_name=workspace.name,
            workspace_principal_id=workspace.principal_id,
            workspace_ready=workspace.ready,
            registry=registry,
            puller=puller,
            settle_seconds=settings.role_settle_seconds,
        ),
    )
