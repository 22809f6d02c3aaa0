"""The machines that a stack wants of Azure ML: whether the region has their sizes, and the subscription the cores.

Azure ML counts cores by family of sizes, apart from those of virtual machines; clusters and endpoints share them.
https://learn.microsoft.com/rest/api/azureml/usages/list ; https://learn.microsoft.com/rest/api/azureml/virtual-machine-sizes/list
https://learn.microsoft.com/azure/machine-learning/how-to-manage-quotas
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cli.needs.need import Need
from cli.needs.subscription import Place
from cloud.azureml.online_endpoint import API_VERSION

_QUOTAS = "https://learn.microsoft.com/azure/machine-learning/how-to-manage-quotas"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Machines of one size, as many as it may be at once."""

    by: str
    """`cluster cpu-cluster`: what they are of, as it is told."""
    size: str
    machines: int
    running: int
    """How many of them are there now."""
    elsewhere: str
    """What to change where the region does not have the size."""


def machine_needs(place: Place, wanted: Sequence[Wanted]) -> list[Need]:
    if not wanted:
        return []
    offered = {str(one["name"]).lower(): one for one in _asked(place, "vmSizes")}
    used = {family_of(one["name"]["value"]): one for one in _asked(place, "usages")}
    families: dict[str, list[Wanted]] = defaultdict(list)
    for one in wanted:
        if (size := offered.get(one.size.lower())) is not None:
            families[str(size.get("family", ""))].append(one)
    cores = {name: int(size.get("vCPUs") or 0) for name, size in offered.items()}
    quotas = [_quota(place, family, each, cores, used.get(family_of(family))) for family, each in families.items()]
    return [*(_size(place, one, offered.get(one.size.lower())) for one in wanted), *quotas]


def family_of(name: object) -> str:
    """Sizes say `standardDSv2Family`, usages `Standard DSv2 Family Cluster Dedicated vCPUs`."""
    return re.sub(r"family|cluster|dedicated|vcpus|[^a-z0-9]", "", str(name).lower())


def _asked(place: Place, what: str) -> list[Mapping[str, Any]]:
    path = f"{place.scope}/providers/Microsoft.MachineLearningServices/locations/{place.location}/{what}"
    return list(place.listed(path, API_VERSION))


def _size(place: Place, wanted: Wanted, size: Mapping[str, Any] | None) -> Need:
    has = f"{size.get('vCPUs')} cores, {float(size.get('memoryGB') or 0):g} GB" if size else f"not in {place.location}"
    return Need(
        name=f"size of {wanted.by}",
        ok=size is not None,
        found=f"{wanted.size}: {has}",
        remedy=f"{wanted.elsewhere}, or another edgeway:location before the first `up`",
        needed_by=wanted.by,
    )


def _quota(
    place: Place, family: str, wanted: Sequence[Wanted], cores: Mapping[str, int], usage: Mapping[str, Any] | None
) -> Need:
    """What runs of the stack's own is among what is in use, and not wanted twice."""
    by = {one.by: one.machines * cores[one.size.lower()] for one in wanted}
    own = sum(one.running * cores[one.size.lower()] for one in wanted)
    total, each = sum(by.values()), ", ".join(f"{count} for {what}" for what, count in by.items())
    told, ok = f"{total} cores in {place.location} are wanted ({each}); Azure does not tell how many there are", None
    if usage is not None:
        limit, used = int(usage.get("limit") or 0), int(usage.get("currentValue") or 0)
        ok = max(0, used - own) + total <= limit
        told = f"{total} of {limit} cores in {place.location} are wanted ({each}); {used} in use, {own} by this stack"
    remedy = f"fewer machines, another size, or ask for more: {_QUOTAS}"
    return Need(name=f"quota {family}", ok=ok, found=told, remedy=remedy, needed_by=", ".join(by))
