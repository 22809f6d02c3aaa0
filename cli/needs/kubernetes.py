"""Whether the region has the machines of the stack's Kubernetes clusters, and the subscription their cores; and whether
each cluster has room for what it serves: twice its replicas, for as long as a model changes over.

Machines of AKS count as virtual machines, apart from those of Azure ML.
https://learn.microsoft.com/azure/aks/upgrade-cluster#customize-node-surge-upgrade
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cli.needs.need import Need
from cli.needs.subscription import Place
from cli.needs.virtual_machines import cores, quotas, sizes

_CLUSTERS_VERSION = "2025-09-01"
_SURGE = 0.1
"""Of its machines, those that come beside the others while AKS upgrades them; one at the least."""
_OF_AZURE_ML = 4
"""Cores of a cluster that Microsoft wants for the extension itself."""


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
    offered = sizes(place)
    found = [_size(place, one, offered.get(one.size.lower())) for one in wanted]
    more = [
        (sku, _more_machines(place, one) * cores(sku))
        for one in wanted
        if (sku := offered.get(one.size.lower())) is not None
    ]
    also = ", AKS's upgrades among them"
    rooms = [_room(one, cores(sku)) for one in wanted if (sku := offered.get(one.size.lower()))]
    return [*found, *quotas(place, more, "the cluster", "fewer nodes, another size", also), *rooms]


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


def _size(place: Place, cluster: _Cluster, sku: Mapping[str, Any] | None) -> Need:
    told = f"{cores(sku)} cores" if sku else f"not for this subscription in {place.location}"
    return Need(
        name=f"size of {cluster.name}",
        ok=sku is not None,
        found=f"{cluster.size}: {told}",
        remedy="another size under edgeway:computes, or another region",
        needed_by="the cluster",
    )


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
