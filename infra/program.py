"""The composition: which parts an environment has, and what each gets from the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pulumi
from pulumi.runtime import config
from pulumi_azure_native import authorization

from contracts.names import IMAGE_SCORING, IMAGE_SENSOR, model_repository
from infra import outputs
from infra.components.devices.base_deployment import BaseDeployment, BaseDeploymentArgs
from infra.components.devices.edge_device import EdgeDevice, EdgeDeviceArgs
from infra.components.devices.edge_layer import EdgeLayer, EdgeLayerArgs
from infra.components.devices.module_image import ModuleImage, ModuleImageArgs, module_repository
from infra.components.foundation import Foundation, FoundationArgs
from infra.components.iot_hub import IotHub, IotHubArgs
from infra.components.model import Model, ModelArgs
from infra.components.monitoring import Monitoring, MonitoringArgs
from infra.components.operators import Operators, OperatorsArgs
from infra.components.registry import Registry, RegistryArgs
from infra.components.serving.container_group import ContainerGroupEndpoint, ContainerGroupEndpointArgs
from infra.components.serving.image_puller import ImagePuller, ImagePullerArgs
from infra.components.serving.served_at import ServedAt
from infra.components.site import Site
from infra.components.storage import Storage, StorageArgs
from infra.components.vault import Vault, VaultArgs
from infra.components.workspace import Workspace, WorkspaceArgs
from infra.context import build_context, context_digest
from infra.inputs import TrainingInputs, training_inputs
from infra.naming import Names
from infra.refusal import Refusal
from infra.settings import checks
from infra.settings.load import load
from infra.settings.tree import ModelSettings, Settings

_ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """What the clone itself contributes, as digests: no path of this machine gets further."""

    training: Mapping[str, TrainingInputs]
    scoring_context: str
    module_contexts: Mapping[str, str]

    @classmethod
    def of(cls, root: Path, settings: Settings) -> Inputs:
        images = [IMAGE_SENSOR] if settings.sensor.is_built else []
        return cls(
            training={model.name: training_inputs(root, model) for model in settings.models},
            scoring_context=context_digest(build_context(root, IMAGE_SCORING, None)),
            module_contexts={image: context_digest(build_context(root, image, None)) for image in images},
        )


def main(root: Path = _ROOT) -> None:
    """Everything that can be refused is refused before the first resource. `root` is the clone."""
    try:
        given = config.CONFIG.get()
        settings = load(given, [key for key in given if config.is_config_secret(key)])
        checks.check(settings)
        inputs = Inputs.of(root, settings)
    except Refusal as refusal:
        raise pulumi.RunError(str(refusal)) from refusal
    for warning in checks.warnings(settings):
        pulumi.log.warn(warning)
    deploy(settings, inputs)


def deploy(settings: Settings, inputs: Inputs) -> None:
    client = authorization.get_client_config()
    project, environment = pulumi.get_project(), settings.environment
    tags = {"project": project, "environment": environment}
    names = Names.derive(
        project=project, environment=environment, stack=pulumi.get_stack(), subscription_id=client.subscription_id
    )
    foundation = Foundation(
        "foundation",
        FoundationArgs(resource_group_name=names.resource_group, location=settings.location, tags=tags),
    )
    site = Site(
        subscription_id=client.subscription_id,
        tenant_id=client.tenant_id,
        resource_group_name=foundation.group.name,
        location=settings.location,
        tags=tags,
    )
    storage = Storage("storage", StorageArgs(site=site, account_name=names.storage_account, protect=settings.protect))
    registry = _registry(settings, names, site)
    hub = IotHub(
        "hub",
        IotHubArgs(site=site, hub_name=names.iot_hub, settings=settings.iot_hub, protect=settings.protect),
    )
    operators = Operators(
        "operators",
        OperatorsArgs(
            site=site,
            operators=settings.operators,
            deployer_id=client.object_id,
            hub_id=hub.hub.id,
            storage_account_id=storage.account.id,
        ),
    )
    workspace = _workspace(settings, names, site, foundation, storage, registry)
    models = {
        model.name: _model(model, inputs, names, site, registry, workspace, operators) for model in settings.models
    }
    served = _serve(settings, names, site, foundation, registry, models)
    module_images = _module_images(inputs, registry)
    _deploy_to_devices(settings, registry, hub, operators, models, module_images)
    outputs.export(
        settings=settings,
        foundation=foundation,
        workspace=workspace,
        registry=registry,
        hub=hub,
        models=models,
        served=served,
        module_images=module_images,
    )


def _registry(settings: Settings, names: Names, site: Site) -> Registry:
    own_sensor = [module_repository(IMAGE_SENSOR)] if settings.sensor.is_built else []
    on_devices = [model_repository(model.name) for model in settings.models if model.edge]
    return Registry(
        "registry",
        RegistryArgs(
            site=site,
            registry_name=names.container_registry,
            sku=settings.registry.sku,
            device_repositories=[*own_sensor, *on_devices],
            protect=settings.protect,
        ),
    )


def _workspace(
    settings: Settings, names: Names, site: Site, foundation: Foundation, storage: Storage, registry: Registry
) -> Workspace:
    monitoring = Monitoring(
        "monitoring",
        MonitoringArgs(
            site=site,
            log_analytics_name=names.log_analytics,
            application_insights_name=names.application_insights,
            protect=settings.protect,
        ),
    )
    vault = Vault("vault", VaultArgs(site=site, vault_name=names.key_vault, protect=settings.protect))
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


def _model(
    model: ModelSettings,
    inputs: Inputs,
    names: Names,
    site: Site,
    registry: Registry,
    workspace: Workspace,
    operators: Operators,
) -> Model:
    training = inputs.training[model.name]
    return Model(
        model.name,
        ModelArgs(
            site=site,
            model=model.name,
            inputs_digest=training.digest,
            data_key=training.data_key,
            data_sha256=training.data_sha256,
            hyperparameters=model.train.hyperparameters,
            thresholds=model.train.thresholds,
            image_context_digest=inputs.scoring_context,
            login_server=registry.login_server,
            workspace_name=workspace.name,
            workspace_id=names.workspace_id(site.subscription_id),
            workspace_ready=[*workspace.ready, *operators.ready],
        ),
    )


def _serve(
    settings: Settings,
    names: Names,
    site: Site,
    foundation: Foundation,
    registry: Registry,
    models: Mapping[str, Model],
) -> dict[str, ServedAt]:
    puller = ImagePuller(
        "scoring",
        ImagePullerArgs(
            site=site,
            foundation=foundation,
            identity_name=names.identity("scoring"),
            registry=registry,
            settle_seconds=settings.role_settle_seconds,
        ),
    )
    return {
        model.name: ContainerGroupEndpoint(
            model.name,
            ContainerGroupEndpointArgs(
                site=site,
                model=model.name,
                container_group_name=names.container_group(model.name),
                dns_label=names.dns_label(model.name),
                image=models[model.name].image.ref,
                puller=puller,
                cpu=model.serve.cpu,
                memory_gb=model.serve.memory_gb,
            ),
        ).served_at
        for model in settings.models
        if model.serve is not None
    }


def _module_images(inputs: Inputs, registry: Registry) -> dict[str, ModuleImage]:
    return {
        image: ModuleImage(
            image,
            ModuleImageArgs(image=image, login_server=registry.login_server, image_context_digest=digest),
        )
        for image, digest in inputs.module_contexts.items()
    }


def _deploy_to_devices(
    settings: Settings,
    registry: Registry,
    hub: IotHub,
    operators: Operators,
    models: Mapping[str, Model],
    module_images: Mapping[str, ModuleImage],
) -> None:
    for device in settings.devices:
        EdgeDevice(
            device.id,
            EdgeDeviceArgs(
                hub_host=hub.host,
                device_id=device.id,
                tags={**device.tags, checks.ENVIRONMENT_TAG: settings.environment},
                hub_ready=operators.ready,
            ),
        )
    base = BaseDeployment(
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
    sensor = module_images[IMAGE_SENSOR].image.ref if settings.sensor.is_built else settings.sensor.image
    for model in settings.models:
        if model.edge is not None:
            EdgeLayer(
                model.name,
                EdgeLayerArgs(
                    hub_host=hub.host,
                    environment=settings.environment,
                    model=model.name,
                    priority=model.edge.priority,
                    target_condition=model.edge.target_condition,
                    scorer_image=models[model.name].image.ref,
                    sensor_image=sensor,
                    sensor_is_ours=settings.sensor.is_built,
                    sensor_interval_seconds=settings.sensor.interval_seconds,
                    after=[base.deployment],
                ),
            )
