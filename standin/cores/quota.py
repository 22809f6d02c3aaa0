"""How many cores of a region are in use, of each family and together.

https://learn.microsoft.com/azure/azure-resource-manager/management/azure-subscription-service-limits#azure-virtual-machines-limits---azure-resource-manager
A subscription has 20 cores of a family and 20 of a region, and none of a family with GPUs, before it asks for more. A
machine that is deallocated counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from standin.core.arm import Arm, Resource
from standin.cores.sizes import FAMILIES, Size, size_named

CLUSTERS = "Microsoft.ContainerService/managedClusters"
MACHINES = "Microsoft.Compute/virtualMachines"
REGION_CORES = 20


class Quota:
    def __init__(self, arm: Arm) -> None:
        self._arm = arm

    def used(self, location: str, family: str | None = None, *, but: str = "") -> int:
        """`but`: the key of a resource whose own cores do not count, as it is about to change."""
        there = (one for one in self._takers() if one.location == location and one.key != but)
        return sum(_cores(taken_by(one), family) for one in there)

    def usages(self, location: str) -> list[dict[str, Any]]:
        total = _usage("cores", "Total Regional vCPUs", self.used(location), REGION_CORES)
        by_family = [
            _usage(family.key, f"{family.name} Family vCPUs", self.used(location, family.key), family.cores)
            for family in FAMILIES
        ]
        machines = sum(1 for one in self._arm.list(MACHINES) if one.location == location)
        return [total, *by_family, _usage("virtualMachines", "Virtual Machines", machines, _MOST_MACHINES)]

    def _takers(self) -> Iterator[Resource]:
        yield from self._arm.list(CLUSTERS)
        yield from self._arm.list(MACHINES)


def taken_by(resource: Resource) -> Iterator[tuple[Size, int]]:
    """Sizes and how many of each; what is none is passed over."""
    hardware = resource.properties.get("hardwareProfile")
    listed = [(hardware.get("vmSize"), 1)] if isinstance(hardware, Mapping) else []
    pools = resource.properties.get("agentPoolProfiles") or ()
    listed += [(pool.get("vmSize"), int(pool.get("count") or 0)) for pool in pools if isinstance(pool, Mapping)]
    for name, count in listed:
        size = size_named(name)
        if size is not None:
            yield size, count


def cores_of(resource: Resource, family: str | None = None) -> int:
    return _cores(taken_by(resource), family)


def _cores(taken: Iterable[tuple[Size, int]], family: str | None) -> int:
    return sum(size.cores * count for size, count in taken if family in (None, size.family.key))


_MOST_MACHINES = 25000


def _usage(name: str, shown: str, used: int, limit: int) -> dict[str, Any]:
    named = {"value": name, "localizedValue": shown}
    return {"unit": "Count", "currentValue": used, "limit": limit, "name": named}
