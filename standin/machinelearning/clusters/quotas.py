"""Cores that are in use and those that are left, by family of machines and in a region.

https://learn.microsoft.com/azure/machine-learning/how-to-manage-quotas: clusters and managed deployments share them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from standin.core.arm import Arm, Resource
from standin.core.auth import SUBSCRIPTION_ID
from standin.core.store import Store
from standin.machinelearning.clusters.cluster import Cluster
from standin.machinelearning.clusters.sizes import FAMILIES, TOTAL_CORES, Family, Size, reserved, size_named
from standin.machinelearning.errors import TooFewCores

COMPUTES = "Microsoft.MachineLearningServices/workspaces/computes"
_DEPLOYMENTS = "Microsoft.MachineLearningServices/workspaces/onlineEndpoints/deployments"
_CLUSTER = "ml cluster"
_TOTAL = "Total Cluster Dedicated Regional vCPUs"


class Clusters:
    """The nodes of each compute, in the store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def of(self, compute: Resource) -> Cluster:
        return Cluster.read(self._store.get(_CLUSTER, compute.key))

    def save(self, compute: Resource, cluster: Cluster) -> None:
        self._store.put(_CLUSTER, compute.key, cluster.document())

    def forget(self, compute: Resource) -> None:
        self._store.delete(_CLUSTER, compute.key)


class Quotas:
    def __init__(self, arm: Arm, clusters: Clusters) -> None:
        self._arm = arm
        self._clusters = clusters

    def room(self, size: Size, location: str) -> int:
        """How many machines of a size may still be had there."""
        family = size.family.cores - self.used(location, size.family)
        return max(0, min(family, TOTAL_CORES - self.used(location)) // size.cores)

    def used(self, location: str, family: Family | None = None) -> int:
        """Cores of a family, or of all."""
        return sum(
            count * size.cores
            for place, size, count in self._machines()
            if place == location and (family is None or size.family == family)
        )

    def check_cluster(self, size: Size, least: int) -> None:
        """TooFewCores where not one node could ever come up, or not as many as shall always be there."""
        for name, limit in ((f"{size.family.name} family", size.family.cores), ("total", TOTAL_CORES)):
            if limit < size.cores:
                raise TooFewCores.for_one(name, limit, size.cores)
            if limit < size.cores * least:
                raise TooFewCores.for_the_least(name, limit, least, size.cores * least)

    def usages(self, location: str) -> list[dict[str, Any]]:
        """https://learn.microsoft.com/rest/api/azureml/usages/list"""
        total = _usage(location, "dedicatedCores", "", _TOTAL, self.used(location), TOTAL_CORES)
        by_family = [
            _usage(location, "vmFamily", f"/{name.replace(' ', '_')}", name, self.used(location, family), family.cores)
            for family in FAMILIES
            for name in (f"{family.name} Family Cluster Dedicated vCPUs",)
        ]
        return [total, *by_family]

    def _machines(self) -> Iterator[tuple[str, Size, int]]:
        """(region, size, how many) of all that is there."""
        for compute in self._arm.list(COMPUTES):
            size = size_named((compute.properties.get("properties") or {}).get("vmSize"))
            if size is not None:
                yield compute.location, size, len(self._clusters.of(compute).nodes)
        for deployment in self._arm.list(_DEPLOYMENTS):
            size = size_named(deployment.properties.get("instanceType"))
            if size is not None:
                instances = int((deployment.body.get("sku") or {}).get("capacity") or 1)
                yield deployment.location, size, reserved(instances)


def _usage(location: str, kind: str, below: str, name: str, used: int, limit: int) -> dict[str, Any]:
    return {
        "id": f"/subscriptions/{SUBSCRIPTION_ID}/usages{below}",
        "amlWorkspaceLocation": location,
        "type": f"Microsoft.MachineLearningServices/{kind}/usages",
        "currentValue": used,
        "limit": limit,
        "name": {"localizedValue": name, "value": name},
        "unit": "Count",
    }
