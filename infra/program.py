"""The composition: which parts an environment has, and what each gets from the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pulumi
from pulumi.runtime import config

from clone.errors import CloneError
from clone.hyperparameters import declared_hyperparameters
from cloud.naming import Names
from edge.layers import LayerFileError, catalogue
from infra import outputs
from infra.architectures import check_architectures
from infra.clone_inputs import CloneInputs
from infra.components.devices.base_deployment import BaseDeployment, BaseDeploymentArgs
from infra.components.devices.edge_layer import EdgeLayer, EdgeLayerArgs
from infra.components.foundation import Foundation, FoundationArgs, GroupRefused, check_existing
from infra.components.iot_hub import IotHub, IotHubArgs
from infra.components.model import Model
from infra.components.monitoring import Monitoring, MonitoringArgs
from infra.components.operators import Operators, OperatorsArgs
from infra.components.registry import Registry, RegistryArgs
from infra.components.site import Site
from infra.components.storage import Storage, StorageArgs
from infra.components.vault import Vault, VaultArgs
from infra.components.workspace import Workspace, WorkspaceArgs
from infra.computes import kubernetes_clusters, training_clusters
from infra.deployer import Deployer
from infra.devices import device_repositories, make_devices, make_machines, module_images
from infra.feeds import check_feeds
from infra.models import make_models
from infra.serving import in_groups, in_kubernetes, online
from infra.settings import checks
from infra.settings.hyperparameters import in_their_types
from infra.settings.layers import PlannedLayer
from infra.settings.load import SettingsError, load
from infra.settings.tree import Settings
from pluginbase.terminal import wrapped

_ROOT = Path(__file__).resolve().parent.parent


def main(root: Path = _ROOT) -> None:
    """Everything that can be refused is refused before the first resource. `root` is the clone."""
    try:
        checks.check_project(pulumi.get_project())
        given = config.CONFIG.get()
        secret = [key for key in given if config.is_config_secret(key)]
        settings = load(given, secret)
        declared = declared_hyperparameters(root, [model.name for model in settings.models])
        layers = checks.check(settings, catalogue(), secret, declared, root / f"Pulumi.{pulumi.get_stack()}.yaml")
        settings = in_their_types(settings, declared)
        inputs = CloneInputs.of(root, settings, layers)
        check_feeds(root, layers, inputs.training)
        check_architectures(settings, layers)
        if settings.existing_group:
            check_existing(settings.existing_group, settings.location)
    except (SettingsError, CloneError, LayerFileError, GroupRefused) as refusal:
        raise pulumi.RunError(str(refusal)) from refusal
    for warning in checks.warnings(settings, layers):
        pulumi.log.warn(wrapped(warning))
    deploy(settings, layers, inputs)


def deploy(settings: Settings, layers: Sequence[PlannedLayer], inputs: CloneInputs) -> None:
    """Each part gets those before it: a wrong order is a NameError."""
    deployer = Deployer.signed_in()
    names = Names.derive(
        project=pulumi.get_project(),
        environment=settings.environment,
        stack=pulumi.get_stack(),
        subscription_id=deployer.subscription_id,
        existing_group=settings.existing_group,
    )
    tags = {"project": pulumi.get_project(), "environment": settings.environment}
    foundation = _foundation(settings, names, tags)
    site = Site(
        subscription_id=deployer.subscription_id,
        tenant_id=deployer.tenant_id,
        resource_group_name=foundation.group_name,
        location=settings.location,
        tags=tags,
    )
    storage = Storage("storage", StorageArgs(site=site, account_name=names.storage_account, protect=settings.protect))
    registry = _registry(settings, layers, names, site)
    hub = _hub(settings, names, site)
    vault = Vault("vault", VaultArgs(site=site, vault_name=names.key_vault, protect=settings.protect))
    operators = _operators(settings, site, deployer, hub, storage, vault)
    workspace = _workspace(settings, names, site, foundation, storage, vault, registry)
    ready = [*workspace.ready, *operators.ready]
    clusters = training_clusters(settings, names, site, foundation, storage, registry, workspace)
    kubernetes = kubernetes_clusters(settings, names, site, foundation, storage, registry, workspace)
    models = make_models(settings, layers, inputs, names, site, registry, workspace, ready, clusters)
    served = {
        **in_groups(settings, names, site, foundation, registry, models),
        **online(settings, names, site, foundation, registry, storage, workspace, models),
        **in_kubernetes(settings, names, site, workspace, kubernetes, models),
    }
    images = module_images(inputs, registry, models)
    base = _base(settings, registry, hub, operators)
    deployed = _layers(layers, hub, base, models, images)
    devices = make_devices(settings, names, hub, operators, vault)
    hosts = make_machines(settings, names, site, foundation, hub, vault, devices)
    outputs.export(settings, foundation, workspace, registry, hub, models, served, images, deployed, hosts)


def _foundation(settings: Settings, names: Names, tags: Mapping[str, str]) -> Foundation:
    group, exists = names.resource_group, bool(settings.existing)
    args = FoundationArgs(group=group, exists=exists, location=settings.location, tags=tags)
    return Foundation("foundation", args)


def _hub(settings: Settings, names: Names, site: Site) -> IotHub:
    args = IotHubArgs(site=site, hub_name=names.iot_hub, settings=settings.iot_hub, protect=settings.protect)
    return IotHub("hub", args)


def _operators(
    settings: Settings, site: Site, deployer: Deployer, hub: IotHub, storage: Storage, vault: Vault
) -> Operators:
    return Operators(
        "operators",
        OperatorsArgs(
            site=site,
            operators=settings.operators,
            deployer=None if settings.operators else deployer.as_operator(),
            hub_id=hub.hub.id,
            storage_account_id=storage.account.id,
            vault_id=vault.vault.id if settings.vm_hosts else None,
        ),
    )


def _registry(settings: Settings, layers: Sequence[PlannedLayer], names: Names, site: Site) -> Registry:
    return Registry(
        "registry",
        RegistryArgs(
            site=site,
            registry_name=names.container_registry,
            settings=settings.registry,
            device_repositories=device_repositories(layers, names.container_registry),
            protect=settings.protect,
        ),
    )


def _workspace(
    settings: Settings,
    names: Names,
    site: Site,
    foundation: Foundation,
    storage: Storage,
    vault: Vault,
    registry: Registry,
) -> Workspace:
    monitoring = Monitoring(
        "monitoring",
        MonitoringArgs(
            site=site,
            log_analytics_name=names.log_analytics,
            application_insights_name=names.application_insights,
            group_stays=bool(settings.existing),
            protect=settings.protect,
        ),
    )
    return Workspace(
        "workspace",
        WorkspaceArgs(
            site=site,
            workspace_name=names.workspace,
            foundation=foundation,
            identity_name=names.identity("workspace"),
            storage=storage,
            vault=vault,
            registry=registry,
            monitoring=monitoring,
            settle_seconds=settings.role_settle_seconds,
            protect=settings.protect,
        ),
    )


def _base(settings: Settings, registry: Registry, hub: IotHub, operators: Operators) -> BaseDeployment:
    return BaseDeployment(
        "base",
        BaseDeploymentArgs(
            hub_host=hub.host,
            environment=settings.environment,
            edge_runtime=settings.edge_runtime,
            login_server=registry.login_server,
            pull_password=registry.device_password,
            hub_ready=operators.ready,
        ),
    )


def _layers(
    layers: Sequence[PlannedLayer],
    hub: IotHub,
    base: BaseDeployment,
    models: Mapping[str, Model],
    module_images: Mapping[str, pulumi.Output[str]],
) -> list[tuple[PlannedLayer, EdgeLayer]]:
    images = {**{name: model.ref for name, model in models.items()}, **module_images}
    return [(layer, _layer(layer, hub, base, images)) for layer in layers]


def _layer(
    layer: PlannedLayer, hub: IotHub, base: BaseDeployment, images: Mapping[str, pulumi.Output[str]]
) -> EdgeLayer:
    content = layer.content(images)
    return EdgeLayer(
        layer.name,
        EdgeLayerArgs(
            hub_host=hub.host,
            deployment=layer.deployment,
            content=pulumi.Output.secret(content) if layer.layer.secrets else content,
            target_condition=layer.target_condition,
            priority=layer.priority,
            labels=layer.labels,
            after=[base.deployment],
        ),
    )
