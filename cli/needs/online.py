"""Whether the region has room for the stack's online endpoints: twice their machines, for as long as a change runs.

https://learn.microsoft.com/azure/machine-learning/how-to-manage-quotas
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from cli.needs.machines import family_of, sizes, usages
from cli.needs.need import Need
from cli.needs.subscription import Place
from cloud.azureml.online_endpoint import API_VERSION

_RESERVED = 1.2
"""Azure keeps a fifth more of most sizes for its upgrades."""
_INSTANCE_TYPE, _INSTANCES = "Standard_DS2_v2", 1
"""The program's defaults."""


def online_quota(place: Place) -> list[Need]:
    """One line a family of machines. Nothing for a stack without such an endpoint."""
    endpoints = [*online_endpoints(place.config)]
    if not endpoints:
        return []
    offered, used = sizes(place), usages(place)
    needed: dict[str, int] = defaultdict(int)
    unknown = []
    for model, endpoint in endpoints:
        size = offered.get(str(endpoint.get("instanceType", _INSTANCE_TYPE)).lower())
        if size is None:
            unknown.append(str(endpoint.get("instanceType", _INSTANCE_TYPE)))
            continue
        # what serves already is among those in use
        times = 1 if place.exists(_id(place, model), API_VERSION) else 2
        instances = math.ceil(int(endpoint.get("instances", _INSTANCES)) * _RESERVED)
        needed[str(size["family"])] += times * instances * int(size["vCPUs"])
    found = [_need(place, family, cores, used.get(family_of(family))) for family, cores in sorted(needed.items())]
    return [*found, *(_not_offered(place, size) for size in sorted(set(unknown)))]


def online_endpoints(config: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each with its model's name. Nobody has checked the file yet."""
    for model in config.get("models") or ():
        for endpoint in model.get("endpoints") or ():
            if isinstance(endpoint, Mapping) and endpoint.get("kind") == "online":
                yield str(model.get("name")), endpoint


def _need(place: Place, family: str, cores: int, usage: Mapping[str, Any] | None) -> Need:
    name, by = f"quota {family}", "the online endpoint"
    remedy = "ask for more (ml.azure.com, Quota), less instances, or another instanceType"
    if usage is None:
        told = f"{cores} cores are wanted in {place.location}; Azure does not tell how many there are"
        return Need(name=name, ok=None, found=told, remedy=remedy, needed_by=by)
    used, limit = int(usage["currentValue"]), int(usage["limit"])
    told = f"{used} of {limit} cores in use in {place.location}, {cores} more are wanted while a model changes over"
    return Need(name=name, ok=used + cores <= limit, found=told, remedy=remedy, needed_by=by)


def _not_offered(place: Place, size: str) -> Need:
    told = f"{place.location} does not have it"
    remedy = "another instanceType, or another edgeway:location before the first `up`"
    return Need(name=f"size {size}", ok=False, found=told, remedy=remedy, needed_by="the online endpoint")


def _id(place: Place, model: str) -> str:
    workspace = place.resource("Microsoft.MachineLearningServices/workspaces", place.names.workspace)
    return f"{workspace}/onlineEndpoints/{place.names.online_endpoint(model)}"
