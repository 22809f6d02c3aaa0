"""Whether a region has the machines that the stack's clusters are made of, and the subscription the cores.

https://learn.microsoft.com/azure/machine-learning/how-to-manage-quotas
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from cli.needs.machines import family_of, sizes, usages
from cli.needs.need import Need
from cli.needs.subscription import Place

_QUOTAS = "https://learn.microsoft.com/azure/machine-learning/how-to-manage-quotas"


def clusters(place: Place) -> list[Need]:
    """Nothing for a stack without clusters."""
    wanted = list(_clusters(place.config))
    if not wanted:
        return []
    offered, used = sizes(place), usages(place)
    found = [_size(place, name, size, offered) for name, size, _ in wanted]
    cores: dict[str, int] = defaultdict(int)
    for _, size, nodes in wanted:
        if (one := offered.get(size.lower())) is not None:
            cores[str(one.get("family", ""))] += int(one.get("vCPUs") or 0) * nodes
    return [*found, *(_quota(place, family, needed, used.get(family_of(family))) for family, needed in cores.items())]


def _clusters(config: Mapping[str, Any]) -> Iterator[tuple[str, str, int]]:
    """Name, size and most machines, with the defaults of the settings. Nobody has checked the file yet."""
    given = config.get("computes")
    for one in given if isinstance(given, list) else ():
        if isinstance(one, Mapping) and one.get("kind") == "cluster":
            nodes = str(one.get("maxNodes", 1))
            yield str(one.get("name")), str(one.get("size", "Standard_DS3_v2")), int(nodes) if nodes.isdecimal() else 1


def _size(place: Place, name: str, size: str, offered: Mapping[str, Mapping[str, Any]]) -> Need:
    one = offered.get(size.lower())
    told = f"{one.get('vCPUs')} cores, {float(one.get('memoryGB') or 0):g} GB" if one else f"not in {place.location}"
    return Need(
        name=f"size of {name}",
        ok=one is not None,
        found=f"{size}: {told}",
        remedy="another size under edgeway:computes, or another region",
        needed_by="training",
    )


def _quota(place: Place, family: str, needed: int, usage: Mapping[str, Any] | None) -> Need:
    """What runs now is told and not subtracted: it may be the cluster's own."""
    limit, used = (int(usage.get("limit") or 0), int(usage.get("currentValue") or 0)) if usage else (0, 0)
    return Need(
        name=f"quota {family}",
        ok=needed <= limit,
        found=f"{needed} of {limit} cores in {place.location}; {used} in use",
        remedy=f"fewer maxNodes, another size, or ask for more: {_QUOTAS}",
        needed_by="training",
    )
