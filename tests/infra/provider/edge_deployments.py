"""Inputs of an edge deployment, and what a hub holds of it."""

from __future__ import annotations

from typing import Any

from cloud.iot_hub import Configuration, IotHub
from infra.provider.types.edge_deployment import EdgeDeployment
from tests.edge.manifest.manifests import layer
from tests.infra.provider.recorder import Recorder, checked

RESOURCE = EdgeDeployment()
AGENT = "$edgeAgent"
SENSOR = "properties.desired.modules.sensor"


def deployment_news(host: str, name: str, /, **more: Any) -> dict[str, Any]:
    given = {
        "hubHost": host,
        "name": name,
        "kind": "layer",
        "content": layer(),
        "targetCondition": "tags.model = 'anomaly' or tags.model = 'mnist'",
        "priority": 20,
    }
    return {**given, **more}


def deployment(host: str, name: str, **more: Any) -> dict[str, Any]:
    return checked(RESOURCE, deployment_news(host, name, **more))


def other(content: dict[str, Any]) -> dict[str, Any]:
    content["sensor"]["properties.desired"]["SendInterval"] = 7
    return content


def labelled(host: str, name: str) -> dict[str, Configuration]:
    found = IotHub(Recorder(), host).configurations()
    return {one.id: one for one in found if one.labels.get("edgewayDeployment") == name}


def priorities(host: str, name: str) -> dict[str, int]:
    return {id: one.priority for id, one in labelled(host, name).items()}
