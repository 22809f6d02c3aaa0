"""The stack's outputs: what the command line and a reader of `pulumi stack output` find an environment by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import pulumi

from infra.components.devices.edge_layer import EdgeLayer
from infra.components.foundation import Foundation
from infra.components.iot_hub import CONSUMER_GROUP, IotHub
from infra.components.model import Model
from infra.components.registry import Registry
from infra.components.serving.served_at import ServedAt
from infra.components.workspace import Workspace
from infra.settings.layers import PlannedLayer, twin
from infra.settings.tree import DeviceSettings, ModelSettings, Settings

if TYPE_CHECKING:  # what only stacks with such a machine import
    from infra.components.machines.edge_machine import EdgeMachine


def export(
    settings: Settings,
    foundation: Foundation,
    workspace: Workspace,
    registry: Registry,
    hub: IotHub,
    models: Mapping[str, Model],
    served: Mapping[str, ServedAt],
    module_images: Mapping[str, pulumi.Output[str]],
    layers: Sequence[tuple[PlannedLayer, EdgeLayer]],
    machines: Mapping[str, EdgeMachine],
) -> None:
    """`served` is by endpoint: the model's name for its first one."""
    group = foundation.group_name
    images = {name: model.ref for name, model in models.items()}
    pulumi.export("environment", settings.environment)
    pulumi.export("location", settings.location)
    pulumi.export("resourceGroup", group)
    pulumi.export("workspace", workspace.name)
    pulumi.export("loginServer", registry.login_server)
    pulumi.export("hub", {"name": hub.name, "host": hub.host, "resourceGroup": group, "consumerGroup": CONSUMER_GROUP})
    pulumi.export("devices", {device.id: _device(device, hub, machines) for device in settings.devices})
    pulumi.export("images", {**images, **module_images})
    pulumi.export("models", {model.name: _model(model, models[model.name]) for model in settings.models})
    pulumi.export("layers", {planned.name: _layer(settings, planned, layer) for planned, layer in layers})
    pulumi.export("scoring", {name: _served(served_at, models[served_at.model]) for name, served_at in served.items()})
    keys = {name: served_at.key for name, served_at in served.items() if served_at.key is not None}
    pulumi.export("scoringKeys", pulumi.Output.secret(keys))


def _device(
    device: DeviceSettings, hub: IotHub, machines: Mapping[str, EdgeMachine]
) -> dict[str, pulumi.Input[object]]:
    """`machine`, where it is one of the stack's: its resource id, and the vault's secret that is the device's key."""
    told: dict[str, pulumi.Input[object]] = {"tags": dict(device.tags), "hub": hub.host}
    if (machine := machines.get(device.id)) is None:
        return told
    return {**told, "machine": {"id": machine.id, "vault": machine.vault_name, "secret": machine.secret_name}}


def _model(settings: ModelSettings, model: Model) -> dict[str, pulumi.Input[object]]:
    return {
        "version": model.run.version,
        "digest": model.run.digest,
        "metrics": model.run.metrics,
        "gate": _gate(model),
        "thresholds": {metric: allowed.as_dict() for metric, allowed in settings.train.allowed_metrics().items()},
    }


def _layer(settings: Settings, planned: PlannedLayer, layer: EdgeLayer) -> dict[str, pulumi.Input[object]]:
    """`devices` are those of the stack; the condition may mean others of the hub too."""
    targeted = [one.id for index, one in enumerate(settings.devices) if planned.targets(twin(settings, index))]
    return {
        "configuration": layer.deployment.configuration_id,
        "models": list(planned.needs.models),
        "devices": targeted,
    }


def _gate(model: Model) -> dict[str, pulumi.Input[object]]:
    """What was measured, beside the least that a place allows."""
    gate = model.gate
    return {
        "memoryPeakMb": gate.memory_peak_mb,
        "memoryMb": model.limits.memory_mb,
        "latencyMs": gate.latency_ms,
        "timeoutMs": model.limits.timeout_ms,
        "startedInSeconds": gate.started_in_seconds,
    }


def _served(served_at: ServedAt, model: Model) -> dict[str, pulumi.Input[object]]:
    """Without what its kind of place has not got."""
    told = {
        "url": served_at.url,
        "ip": served_at.ip,
        "fqdn": served_at.fqdn,
        "model": served_at.model,
        "version": model.run.version,
        "image": model.ref,
        "caPem": served_at.ca_pem,
        "endpointId": served_at.endpoint_id,
        "deployment": served_at.deployment,
    }
    return {name: value for name, value in told.items() if value is not None}
