"""Whether the region has the machines of the stack's Kubernetes clusters, and the subscription their cores; and whether
each cluster has room for what it serves: twice its replicas, for as long as a model changes over.

Machines of AKS count as virtual machines, apart from those of Azure ML.
https://learn.microsoft.com/rest/api/compute/usage/list ; https://learn.microsoft.com/rest/api/compute/resource-skus/list
https://learn.microsoft.com/azure/aks/upgrade-cluster#customize-node-surge-upgrade
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cli.needs.need import Need
from cli.needs.subscription import Place

_SKUS_VERSION, _USAGES_VERSION, _CLUSTERS_VERSION = "2021-07-01", "2024-07-01", "2025-09-01"
_SURGE = 0.1
"""Of its machines, those that come beside the others while AKS upgrades them; one at the least."""
_OF_AZURE_ML = 4
"""Cores of a cluster that Microsoft wants for the extension itself."""
_ALL_CORES = "cores"
_QUOTAS = "https://learn.microsoft.com/azure/quotas/per-vm-quota-requests"


@dataclass(frozen=True, kw_only=True)
class _Cluster:
    name: str
    size: str
    nodes: int
    asked_cores: float
    """By replicas, of all endpoints on it."""


def kubernetes(place: Place) -> list[Need]:
    """Nothing for a stack without such clusters."""
    wanted = list(_clusters(place.config))
    if not wanted:
        return []
    offered = _sizes(place)
    found = [_size(place, one, offered.get(one.size.lower())) for one in wanted]
    more: dict[str, int] = defaultdict(int)
    for one in wanted:
        if (sku := offered.get(one.size.lower())) is not None:
            cores = _more_machines(place, one) * _cores(sku)
            more[str(sku.get("family", ""))] += cores
            more[_ALL_CORES] += cores
    used = {str(one["name"]["value"]).lower(): one for one in _usages(place)}
    quotas = [_quota(place, family, cores, used.get(family.lower())) for family, cores in more.items()]
    rooms = [_room(one, _cores(sku)) for one in wanted if (sku := offered.get(one.size.lower()))]
    return [*found, *quotas, *rooms]


def kubernetes_clusters(config: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Nobody has checked the file yet."""
    given = config.get("computes")
    listed = given if isinstance(given, list) else ()
    return [one for one in listed if isinstance(one, Mapping) and one.get("kind") == "kubernetes"]


def _clusters(config: Mapping[str, Any]) -> Iterator[_Cluster]:
    """With the defaults of the settings."""
    for one in kubernetes_clusters(config):
        name = str(one.get("name"))
        yield _Cluster(
            name=name,
            size=str(one.get("size", "Standard_D4s_v3")),
            nodes=int(one.get("nodes", 3)),
            asked_cores=sum(
                int(endpoint.get("replicas", 2)) * float(endpoint.get("cpu", 0.5))
                for model in config.get("models") or ()
                for endpoint in model.get("endpoints") or ()
                if endpoint.get("kind") == "kubernetes" and endpoint.get("compute") == name
            ),
        )


def _more_machines(place: Place, cluster: _Cluster) -> int:
    """Those of a cluster that is there are among the ones in use."""
    surge = max(1, math.ceil(cluster.nodes * _SURGE))
    there = place.resource("Microsoft.ContainerService/managedClusters", place.names.kubernetes_cluster(cluster.name))
    return surge if place.exists(there, _CLUSTERS_VERSION) else cluster.nodes + surge


def _sizes(place: Place) -> dict[str, Mapping[str, Any]]:
    """By name, in small letters: those that the subscription may have here."""
    query = {"$filter": f"location eq '{place.location}'"}
    skus = place.listed(f"{place.scope}/providers/Microsoft.Compute/skus", _SKUS_VERSION, **query)
    return {
        str(one["name"]).lower(): one
        for one in skus
        if one.get("resourceType") == "virtualMachines"
        and not any(bar.get("type") == "Location" for bar in one.get("restrictions") or ())
    }


def _usages(place: Place) -> Iterator[Mapping[str, Any]]:
    return place.listed(f"{place.scope}/providers/Microsoft.Compute/locations/{place.location}/usages", _USAGES_VERSION)


def _cores(sku: Mapping[str, Any]) -> int:
    told = {str(one.get("name")): str(one.get("value")) for one in sku.get("capabilities") or ()}
    return int(told.get("vCPUs", "0"))


def _size(place: Place, cluster: _Cluster, sku: Mapping[str, Any] | None) -> Need:
    told = f"{_cores(sku)} cores" if sku else f"not for this subscription in {place.location}"
    return Need(
        name=f"size of {cluster.name}",
        ok=sku is not None,
        found=f"{cluster.size}: {told}",
        remedy="another size under edgeway:computes, or another region",
        needed_by="the cluster",
    )


def _quota(place: Place, family: str, cores: int, usage: Mapping[str, Any] | None) -> Need:
    name = "quota of all cores" if family == _ALL_CORES else f"quota {family}"
    remedy = f"fewer nodes, another size, or ask for more: {_QUOTAS}"
    if usage is None:
        told = f"{cores} cores are wanted in {place.location}; Azure does not tell how many there are"
        return Need(name=name, ok=None, found=told, remedy=remedy, needed_by="the cluster")
    used, limit = int(usage["currentValue"]), int(usage["limit"])
    told = f"{used} of {limit} cores in use in {place.location}, {cores} more are wanted, AKS's upgrades among them"
    return Need(name=name, ok=used + cores <= limit, found=told, remedy=remedy, needed_by="the cluster")


def _room(cluster: _Cluster, cores: int) -> Need:
    free = cluster.nodes * cores - _OF_AZURE_ML
    asked = 2 * cluster.asked_cores
    return Need(
        name=f"room in {cluster.name}",
        ok=asked <= free,
        found=f"{asked:g} of {free:g} cores are wanted by replicas while models change over; {_OF_AZURE_ML} more are "
        "Azure ML's own",
        remedy="more nodes, a larger size, or less replicas or cpu of the endpoints",
        needed_by="the change over",
    )
