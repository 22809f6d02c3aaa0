"""Cores of virtual machines that clusters take: of a family, and of the region. Azure ML has quotas of its own.

https://learn.microsoft.com/azure/azure-resource-manager/management/azure-subscription-service-limits#azure-virtual-machines-limits---azure-resource-manager
A subscription has 20 cores of a family and 20 of a region, and none of a family with GPUs, before it asks for more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from standin.containerservice.errors import TooFewCores
from standin.containerservice.sizes import FAMILIES, Size, size_named
from standin.core.arm import Arm, Resource

CLUSTERS = "Microsoft.ContainerService/managedClusters"
REGION_CORES = 20


class Cores:
    def __init__(self, arm: Arm) -> None:
        self._arm = arm

    def check(self, cluster: Resource) -> None:
        """Raises TooFewCores. What the cluster has already is its own to use again."""
        wanted = list(nodes_of(cluster.body))
        region = REGION_CORES - self._used(cluster.location, but=cluster.key)
        if (asked := _cores(wanted)) > region:
            raise TooFewCores.of_region(cluster.location, max(0, region), asked)
        for family in FAMILIES:
            left = family.cores - self._used(cluster.location, family.key, but=cluster.key)
            if (asked := _cores(wanted, family.key)) > left:
                raise TooFewCores.of_family(family.key, cluster.location, max(0, left), asked)

    def usages(self, location: str) -> list[dict[str, Any]]:
        total = _usage("cores", "Total Regional vCPUs", self._used(location), REGION_CORES)
        by_family = [
            _usage(family.key, f"{family.name} Family vCPUs", self._used(location, family.key), family.cores)
            for family in FAMILIES
        ]
        return [total, *by_family]

    def _used(self, location: str, family: str | None = None, *, but: str = "") -> int:
        there = [one for one in self._arm.list(CLUSTERS) if one.location == location and one.key != but]
        return sum(_cores(nodes_of(cluster.body), family) for cluster in there)


def nodes_of(body: Mapping[str, Any]) -> Iterator[tuple[Size, int]]:
    """Size and number of each pool; a pool that is none is passed over."""
    for pool in (body.get("properties") or {}).get("agentPoolProfiles") or ():
        size = size_named(pool.get("vmSize"))
        if size is not None:
            yield size, int(pool.get("count") or 0)


def _cores(pools: Iterable[tuple[Size, int]], family: str | None = None) -> int:
    return sum(size.cores * count for size, count in pools if family in (None, size.family.key))


def _usage(name: str, shown: str, used: int, limit: int) -> dict[str, Any]:
    named = {"value": name, "localizedValue": shown}
    return {"unit": "Count", "currentValue": used, "limit": limit, "name": named}
