"""The stack's outputs: what the command line and a reader of `pulumi stack output` find an environment by."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi

from infra.components.foundation import Foundation
from infra.components.iot_hub import CONSUMER_GROUP, IotHub
from infra.components.model import Model
from infra.components.registry import Registry
from infra.components.scoring import Scoring
from infra.components.sensor import SensorImage
from infra.components.workspace import Workspace
from infra.settings.tree import Settings


def export(
    *,
    settings: Settings,
    foundation: Foundation,
    workspace: Workspace,
    registry: Registry,
    hub: IotHub,
    models: Mapping[str, Model],
    scoring: Mapping[str, Scoring],
    sensor_image: SensorImage | None,
) -> None:
    group = foundation.group.name
    pulumi.export("environment", settings.environment)
    pulumi.export("location", settings.location)
    pulumi.export("resourceGroup", group)
    pulumi.export("workspace", workspace.name)
    pulumi.export("loginServer", registry.login_server)
    pulumi.export("hub", {"name": hub.name, "host": hub.host, "resourceGroup": group, "consumerGroup": CONSUMER_GROUP})
    pulumi.export("devices", {device.id: {"tags": dict(device.tags), "hub": hub.host} for device in settings.devices})
    sensor = {"sensor": sensor_image.image.ref} if sensor_image else {}
    pulumi.export("images", {**{name: model.image.ref for name, model in models.items()}, **sensor})
    pulumi.export("models", {name: _model(model) for name, model in models.items()})
    pulumi.export("scoring", {name: _scoring(name, part, models[name]) for name, part in scoring.items()})
    keys = {name: part.key.value for name, part in scoring.items()}
    pulumi.export("scoringKeys", pulumi.Output.secret(keys))


def _model(model: Model) -> dict[str, pulumi.Input[object]]:
    return {"version": model.run.version, "digest": model.run.digest, "metrics": model.run.metrics}


def _scoring(name: str, scoring: Scoring, model: Model) -> dict[str, pulumi.Input[object]]:
    return {
        "url": scoring.url,
        "ip": scoring.ip,
        "fqdn": scoring.fqdn,
        "model": name,
        "version": model.run.version,
        "image": model.image.ref,
        "caPem": scoring.certificate.ca_pem,
    }
