"""The composition: which parts an environment has, and what each gets from the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pulumi
from pulumi.runtime import config
from pulumi_azure_native import authorization

from contracts.names import IMAGE_SCORING, IMAGE_SENSOR, SENSOR_REPOSITORY, model_repository
from infra import outputs
from infra.components.access import Access, AccessArgs, Grant, Role
from infra.components.base_deployment import BaseDeployment, BaseDeploymentArgs
from infra.components.edge_device import EdgeDevice, EdgeDeviceArgs
from infra.components.edge_layer import EdgeLayer, EdgeLayerArgs
from infra.components.foundation import Foundation, FoundationArgs
from infra.components.iot_hub import IotHub, IotHubArgs
from infra.components.model import Model, ModelArgs
from infra.components.monitoring import Monitoring, MonitoringArgs
from infra.components.operators import Operators, OperatorsArgs
from infra.components.placement import Placement
from infra.components.registry import Registry, RegistryArgs
from infra.components.scoring import Scoring, ScoringArgs
from infra.components.sensor import SensorImage, SensorImageArgs
from infra.components.storage import Storage, StorageArgs
from infra.components.vault import Vault, VaultArgs
from infra.components.workspace import Workspace, WorkspaceArgs
from infra.context import build_context, context_digest
from infra.inputs import TrainingInputs, training_inputs
from infra.naming import Names
from infra.refusal import Refusal
from infra.settings import checks
from infra.settings.load import load
from infra.settings.tree import Settings

_ROOT = Path(__file__).resolve().parent.parent


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
    Environment(settings, inputs).export()


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """What the clone itself contributes, as digests: no path of this machine gets further."""

    training: Mapping[str, TrainingInputs]
    scoring_context: str
    sensor_context: str

    @classmethod
    def of(cls, root: Path, settings: Settings) -> Inputs:
        return cls(
            training={model.name: training_inputs(root, model) for model in settings.models},
            scoring_context=context_digest(build_context(root, IMAGE_SCORING, None)),
            sensor_context=context_digest(build_context(root, IMAGE_SENSOR, None)),
        )


class Environment:
    def __init__(self, settings: Settings, inputs: Inputs) -> None:
        self._settings, self._inputs = settings, inputs
        client = authorization.get_client_config()
        self._names = Names.derive(
            project=pulumi.get_project(),
            environment=settings.environment,
            stack=pulumi.get_stack(),
            subscription_id=client.subscription_id,
        )
        tags = {"project": pulumi.get_project(), "environment": settings.environment}
        self._foundation = self._make_foundation(tags)
        self._place = Placement(
            subscription_id=client.subscription_id,
            tenant_id=client.tenant_id,
            resource_group_name=self._foundation.group.name,
            location=settings.location,
            tags=tags,
            role_settle_seconds=settings.role_settle_seconds,
            protect=settings.protect,
        )
        self._storage = Storage("storage", StorageArgs(placement=self._place, account_name=self._names.storage_account))
        self._registry = self._make_registry()
        self._hub = self._make_hub()
        self._operators = self._make_operators(client.object_id)
        self._workspace = self._make_workspace()
        self._models = self._make_models()
        self._sensor_image = self._make_sensor_image()
        self._scoring = self._make_scoring()
        self._make_devices()
        self._make_deployments()

    def export(self) -> None:
        outputs.export(
            settings=self._settings,
            foundation=self._foundation,
            workspace=self._workspace,
            registry=self._registry,
            hub=self._hub,
            models=self._models,
            scoring=self._scoring,
            sensor_image=self._sensor_image,
        )

    def _make_foundation(self, tags: Mapping[str, str]) -> Foundation:
        return Foundation(
            "foundation",
            FoundationArgs(
                resource_group_name=self._names.resource_group,
                location=self._settings.location,
                tags=tags,
                workspace_identity_name=self._names.identity("workspace"),
                scoring_identity_name=self._names.identity("scoring"),
            ),
        )

    def _make_registry(self) -> Registry:
        own_sensor = [SENSOR_REPOSITORY] if self._settings.sensor.is_built else []
        on_devices = [model_repository(model.name) for model in self._settings.models if model.edge]
        return Registry(
            "registry",
            RegistryArgs(
                placement=self._place,
                registry_name=self._names.container_registry,
                sku=self._settings.registry.sku,
                device_repositories=[*own_sensor, *on_devices],
            ),
        )

    def _make_hub(self) -> IotHub:
        wanted = self._settings.iot_hub
        return IotHub(
            "hub",
            IotHubArgs(
                placement=self._place,
                hub_name=self._names.iot_hub,
                sku=wanted.sku,
                units=wanted.units,
                partitions=wanted.partitions,
                retention_days=wanted.retention_days,
            ),
        )

    def _make_operators(self, deployer_id: str) -> Operators:
        return Operators(
            "operators",
            OperatorsArgs(
                placement=self._place,
                operators=self._settings.operators,
                deployer_id=deployer_id,
                hub_id=self._hub.hub.id,
                storage_account_id=self._storage.account.id,
            ),
        )

    def _make_workspace(self) -> Workspace:
        monitoring = Monitoring(
            "monitoring",
            MonitoringArgs(
                placement=self._place,
                log_analytics_name=self._names.log_analytics,
                application_insights_name=self._names.application_insights,
            ),
        )
        return Workspace(
            "workspace",
            WorkspaceArgs(
                placement=self._place,
                workspace_name=self._names.workspace,
                identity=self._foundation.workspace_identity,
                storage=self._storage,
                vault=Vault("vault", VaultArgs(placement=self._place, vault_name=self._names.key_vault)),
                registry=self._registry,
                monitoring=monitoring,
            ),
        )

    def _make_models(self) -> dict[str, Model]:
        return {
            model.name: Model(
                model.name,
                ModelArgs(
                    placement=self._place,
                    model=model.name,
                    inputs_digest=self._inputs.training[model.name].digest,
                    data_key=self._inputs.training[model.name].data_key,
                    data_sha256=self._inputs.training[model.name].data_sha256,
                    hyperparameters=model.train.hyperparameters,
                    thresholds=model.train.thresholds,
                    image_context_digest=self._inputs.scoring_context,
                    login_server=self._registry.login_server,
                    workspace_name=self._workspace.name,
                    workspace_id=self._names.workspace_id(self._place.subscription_id),
                    workspace_ready=[*self._workspace.ready, *self._operators.ready],
                ),
            )
            for model in self._settings.models
        }

    def _make_sensor_image(self) -> SensorImage | None:
        if not self._settings.sensor.is_built:
            return None
        return SensorImage(
            "sensor",
            SensorImageArgs(login_server=self._registry.login_server, image_context_digest=self._inputs.sensor_context),
        )

    def _make_scoring(self) -> dict[str, Scoring]:
        identity = self._foundation.scoring_identity
        pull = Access(
            "scoring-pull",
            AccessArgs(
                subscription_id=self._place.subscription_id,
                principal_id=identity.principal_id,
                principal_type="ServicePrincipal",
                grants=[Grant(name="registry", role=Role.ACR_PULL, scope=self._registry.registry.id)],
                settle_seconds=self._place.role_settle_seconds,
            ),
        )
        return {
            model.name: Scoring(
                model.name,
                ScoringArgs(
                    placement=self._place,
                    container_group_name=self._names.container_group(model.name),
                    dns_label=self._names.dns_label(model.name),
                    image=self._models[model.name].image.ref,
                    login_server=self._registry.login_server,
                    identity=identity,
                    pull_ready=[pull.ready],
                    cpu=model.serve.cpu,
                    memory_gb=model.serve.memory_gb,
                ),
            )
            for model in self._settings.models
            if model.serve is not None
        }

    def _make_devices(self) -> None:
        for device in self._settings.devices:
            EdgeDevice(
                device.id,
                EdgeDeviceArgs(
                    hub_host=self._hub.host,
                    device_id=device.id,
                    tags={**device.tags, checks.ENVIRONMENT_TAG: self._settings.environment},
                    hub_ready=self._operators.ready,
                ),
            )

    def _make_deployments(self) -> None:
        base = BaseDeployment(
            "base",
            BaseDeploymentArgs(
                hub_host=self._hub.host,
                environment=self._settings.environment,
                edge_runtime=self._settings.edge_runtime,
                login_server=self._registry.login_server,
                pull_password=self._registry.device_password,
                hub_ready=self._operators.ready,
            ),
        )
        sensor = self._sensor_image.image.ref if self._sensor_image else self._settings.sensor.image
        for model in self._settings.models:
            if model.edge is not None:
                EdgeLayer(
                    model.name,
                    EdgeLayerArgs(
                        hub_host=self._hub.host,
                        environment=self._settings.environment,
                        model=model.name,
                        priority=model.edge.priority,
                        target_condition=model.edge.target_condition,
                        scorer_image=self._models[model.name].image.ref,
                        sensor_image=sensor,
                        sensor_is_ours=self._sensor_image is not None,
                        sensor_interval_seconds=self._settings.sensor.interval_seconds,
                        after=[base.deployment],
                    ),
                )
