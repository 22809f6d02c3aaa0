"""The machines of the stack's online endpoints: twice as many as serve, for as long as a change runs."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from cli.needs.machines import Wanted
from cli.needs.subscription import Place
from cloud.azureml.online_endpoint import API_VERSION
from cloud.errors import ServiceError, is_missing

_RESERVED = 1.2
"""Azure keeps a fifth more of most sizes for its upgrades."""
_INSTANCE_TYPE, _INSTANCES = "Standard_DS2_v2", 1
"""The program's defaults."""


def machines_of_endpoints(place: Place) -> Iterator[Wanted]:
    for model, endpoint in online_endpoints(place.config):
        yield Wanted(
            by=f"endpoint of {model} while it changes over",
            size=str(endpoint.get("instanceType", _INSTANCE_TYPE)),
            machines=2 * _counted(endpoint.get("instances", _INSTANCES)),
            running=_running(place, model),
            elsewhere="another instanceType",
        )


def online_endpoints(config: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each with its model's name. Nobody has checked the file yet."""
    for model in config.get("models") or ():
        for endpoint in model.get("endpoints") or ():
            if isinstance(endpoint, Mapping) and endpoint.get("kind") == "online":
                yield str(model.get("name")), endpoint


def _counted(instances: object) -> int:
    text = str(instances)
    return math.ceil((int(text) if text.isdecimal() else _INSTANCES) * _RESERVED)


def _running(place: Place, model: str) -> int:
    """Of all its deployments, as Azure counts them."""
    workspace = place.resource("Microsoft.MachineLearningServices/workspaces", place.names.workspace)
    path = f"{workspace}/onlineEndpoints/{place.names.online_endpoint(model)}/deployments"
    try:
        deployments = list(place.listed(path, API_VERSION))
    except ServiceError as error:
        if is_missing(error):
            return 0
        raise
    return sum(_counted((one.get("sku") or {}).get("capacity") or 0) for one in deployments)
