"""Cores of virtual machines that clusters take: of a family, and of the region."""

from __future__ import annotations

from standin.containerservice.errors import TooFewCores
from standin.core.arm import Resource
from standin.cores import FAMILIES, Quota
from standin.cores.quota import REGION_CORES, cores_of


class Cores:
    def __init__(self, quota: Quota) -> None:
        self._quota = quota

    def check(self, cluster: Resource) -> None:
        """Raises TooFewCores. What the cluster has already is its own to use again."""
        region = REGION_CORES - self._quota.used(cluster.location, but=cluster.key)
        if (asked := cores_of(cluster)) > region:
            raise TooFewCores.of_region(cluster.location, max(0, region), asked)
        for family in FAMILIES:
            left = family.cores - self._quota.used(cluster.location, family.key, but=cluster.key)
            if (asked := cores_of(cluster, family.key)) > left:
                raise TooFewCores.of_family(family.key, cluster.location, max(0, left), asked)
