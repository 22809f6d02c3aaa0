"""The places that serve a stack's models over HTTPS: which of its endpoints is which component."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cloud.naming import Names
from infra.components.access import Grant, Role
from infra.components.foundation import Foundation
from infra.components.model import Model
from infra.components.registry import Registry
from infra.components.serving.container_group import ContainerGroupEndpoint, ContainerGroupEndpointArgs
from infra.components.serving.image_puller import ImagePuller, ImagePullerArgs
from infra.components.serving.kubernetes_compute import KubernetesCompute
from infra.components.serving.kubernetes_endpoint import KubernetesEndpoint, KubernetesEndpointArgs
from infra.components.serving.online_endpoint import OnlineEndpoint, OnlineEndpointArgs
from infra.components.serving.served_at import ServedAt
from infra.components.site import Site
from infra.components.storage import Storage
from infra.components.workspace import Workspace
from infra.settings.endpoints import Endpoint, endpoints
from infra.settings.serving import ContainerGroupSettings, KubernetesSettings, OnlineSettings
from infra.settings.tree import LOCAL, Settings


def in_groups(
    settings: Settings,
    names: Names,
    site: Site,
    foundation: Foundation,
    registry: Registry,
    models: Mapping[str, Model],
) -> dict[str, ServedAt]:
    """By the endpoint's name. Nothing is made for a stack that serves nothing."""
    planned = [one for one in endpoints(settings.models) if isinstance(one.settings, ContainerGroupSettings)]
    if not planned:
        return {}
    puller = _puller("scoring", settings, names, site, foundation, registry)
    return {one.name: _container_group(one, names, site, puller, models[one.model]) for one in planned}


def online(
    settings: Settings,
    names: Names,
    site: Site,
    foundation: Foundation,
    registry: Registry,
    storage: Storage,
    workspace: Workspace,
    models: Mapping[str, Model],
) -> dict[str, ServedAt]:
    """As `in_groups`, in the workspace: Azure mounts the registered model, which lies in its storage."""
    planned = [one for one in endpoints(settings.models) if isinstance(one.settings, OnlineSettings)]
    if not planned:
        return {}
    reader = Grant(name="blobs", role=Role.BLOB_DATA_READER, scope=storage.account.id)
    puller = _puller("online", settings, names, site, foundation, registry, [reader])
    return {
        one.name: _online_endpoint(one, settings, names, site, workspace, puller, models[one.model]) for one in planned
    }


def in_kubernetes(
    settings: Settings,
    names: Names,
    site: Site,
    workspace: Workspace,
    clusters: Mapping[str, KubernetesCompute],
    models: Mapping[str, Model],
) -> dict[str, ServedAt]:
    """As `online`, on the stack's clusters."""
    return {
        one.name: _kubernetes_endpoint(one, settings, names, site, workspace, clusters, models[one.model])
        for one in endpoints(settings.models)
        if isinstance(one.settings, KubernetesSettings)
    }


def _kubernetes_endpoint(
    endpoint: Endpoint,
    settings: Settings,
    names: Names,
    site: Site,
    workspace: Workspace,
    clusters: Mapping[str, KubernetesCompute],
    model: Model,
) -> ServedAt:
    assert isinstance(endpoint.settings, KubernetesSettings)
    compute = clusters[endpoint.settings.compute]
    return KubernetesEndpoint(
        endpoint.model,
        KubernetesEndpointArgs(
            site=site,
            model=endpoint.model,
            endpoint_name=names.kubernetes_endpoint(endpoint.model),
            workspace_name=workspace.name,
            workspace_id=names.workspace_id(site.subscription_id),
            workspace_ready=workspace.ready,
            built=model,
            puller=compute.puller,
            size=endpoint.settings,
            hold_seconds=endpoint.settings.held_seconds(local=settings.environment == LOCAL),
            compute=compute,
        ),
    ).served_at


def _puller(
    name: str,
    settings: Settings,
    names: Names,
    site: Site,
    foundation: Foundation,
    registry: Registry,
    grants: Sequence[Grant] = (),
) -> ImagePuller:
    return ImagePuller(
        name,
        ImagePullerArgs(
            site=site,
            foundation=foundation,
            identity_name=names.identity(name),
            registry=registry,
            settle_seconds=settings.role_settle_seconds,
            grants=grants,
        ),
    )


def _online_endpoint(
    endpoint: Endpoint,
    settings: Settings,
    names: Names,
    site: Site,
    workspace: Workspace,
    puller: ImagePuller,
    model: Model,
) -> ServedAt:
    assert isinstance(endpoint.settings, OnlineSettings)
    return OnlineEndpoint(
        endpoint.model,
        OnlineEndpointArgs(
            site=site,
            model=endpoint.model,
            endpoint_name=names.online_endpoint(endpoint.model),
            workspace_name=workspace.name,
            workspace_id=names.workspace_id(site.subscription_id),
            workspace_ready=workspace.ready,
            built=model,
            puller=puller,
            size=endpoint.settings,
            hold_seconds=endpoint.settings.held_seconds(local=settings.environment == LOCAL),
        ),
    ).served_at


def _container_group(endpoint: Endpoint, names: Names, site: Site, puller: ImagePuller, model: Model) -> ServedAt:
    assert isinstance(endpoint.settings, ContainerGroupSettings)
    return ContainerGroupEndpoint(
        endpoint.model,
        ContainerGroupEndpointArgs(
            site=site,
            model=endpoint.model,
            container_group_name=names.container_group(endpoint.model),
            dns_label=names.dns_label(endpoint.model),
            built=model,
            puller=puller,
            size=endpoint.settings,
        ),
    ).served_at
