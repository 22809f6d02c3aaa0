"""Virtual machines: which sizes a subscription may have in a region, and how many cores; and what the machines of a
stack's devices want of both.

Machines of AKS count among them, those of Azure ML apart.
https://learn.microsoft.com/rest/api/compute/usage/list ; https://learn.microsoft.com/rest/api/compute/resource-skus/list
https://learn.microsoft.com/azure/virtual-machines/trusted-launch#virtual-machines-sizes
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cli.needs.need import Need
from cli.needs.subscription import Place

SKUS_VERSION, _USAGES_VERSION, _MACHINES_VERSION = "2021-07-01", "2024-07-01", "2024-11-01"
_ALL_CORES = "cores"
_QUOTAS = "https://learn.microsoft.com/azure/quotas/per-vm-quota-requests"


@dataclass(frozen=True, kw_only=True)
class _Host:
    """A device whose machine the stack makes, with the defaults of the settings."""

    device: str
    size: str


def virtual_machines(place: Place) -> list[Need]:
    """Nothing for a stack without such devices."""
    wanted = list(_hosts(place.config))
    if not wanted:
        return []
    offered = sizes(place)
    more = [
        (sku, 0 if _is_there(place, one) else cores(sku))
        for one in wanted
        if (sku := offered.get(one.size.lower())) is not None
    ]
    return [
        *(_size(place, one, offered.get(one.size.lower())) for one in wanted),
        *quotas(place, more, "the machines", "another size under host of the devices"),
    ]


def vm_hosts(config: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The devices that have one. Nobody has checked the file yet."""
    given = config.get("devices")
    listed = given if isinstance(given, list) else ()
    return [one for one in listed if isinstance(one, Mapping) and isinstance(one.get("host"), Mapping)]


def sizes(place: Place) -> dict[str, Mapping[str, Any]]:
    """By name, in small letters: those that the subscription may have here."""
    query = {"$filter": f"location eq '{place.location}'"}
    skus = place.listed(f"{place.scope}/providers/Microsoft.Compute/skus", SKUS_VERSION, **query)
    return {
        str(one["name"]).lower(): one
        for one in skus
        if one.get("resourceType") == "virtualMachines"
        and not any(bar.get("type") == "Location" for bar in one.get("restrictions") or ())
    }


def cores(sku: Mapping[str, Any]) -> int:
    return int(_told(sku).get("vCPUs", "0"))


def quotas(
    place: Place, more: Iterable[tuple[Mapping[str, Any], int]], needed_by: str, fewer: str, also: str = ""
) -> list[Need]:
    """Whether so many more cores of each size than those in use may be had, of its family and of all together.
    `fewer` is what to do where not."""
    wanted: dict[str, int] = defaultdict(int)
    for sku, count in more:
        wanted[str(sku.get("family", ""))] += count
        wanted[_ALL_CORES] += count
    path = f"{place.scope}/providers/Microsoft.Compute/locations/{place.location}/usages"
    used = {str(one["name"]["value"]).lower(): one for one in place.listed(path, _USAGES_VERSION)}
    return [
        _quota(place, family, count, used.get(family.lower()), needed_by, fewer, also)
        for family, count in wanted.items()
    ]


def _quota(
    place: Place, family: str, more: int, usage: Mapping[str, Any] | None, needed_by: str, fewer: str, also: str
) -> Need:
    name = "quota of all cores" if family == _ALL_CORES else f"quota {family}"
    remedy = f"{fewer}, or ask for more: {_QUOTAS}"
    if usage is None:
        told = f"{more} cores are wanted in {place.location}; Azure does not tell how many there are"
        return Need(name=name, ok=None, found=told, remedy=remedy, needed_by=needed_by)
    used, limit = int(usage["currentValue"]), int(usage["limit"])
    told = f"{used} of {limit} cores in use in {place.location}, {more} more are wanted{also}"
    return Need(name=name, ok=used + more <= limit, found=told, remedy=remedy, needed_by=needed_by)


def _hosts(config: Mapping[str, Any]) -> Iterator[_Host]:
    for one in vm_hosts(config):
        yield _Host(device=str(one.get("id")), size=str(one["host"].get("size", "Standard_B2s_v2")))


def _is_there(place: Place, host: _Host) -> bool:
    machine = place.resource("Microsoft.Compute/virtualMachines", place.names.machine(host.device))
    return place.exists(machine, _MACHINES_VERSION)


def _size(place: Place, host: _Host, sku: Mapping[str, Any] | None) -> Need:
    told = f"not for this subscription in {place.location}" if sku is None else f"{cores(sku)} cores"
    unfit = "" if sku is None else _unfit(_told(sku))
    return Need(
        name=f"size of {host.device}",
        ok=sku is not None and not unfit,
        found=f"{host.size}: {told}{unfit}",
        remedy="another size under host of the device, or another region",
        needed_by="the machine",
    )


def _unfit(told: Mapping[str, str]) -> str:
    """Why a machine of the size cannot boot what the program gives it."""
    if told.get("CpuArchitectureType", "x64") != "x64":
        return f", of {told['CpuArchitectureType']}: packages and images are for x64"
    if "V2" not in told.get("HyperVGenerations", "V2") or told.get("TrustedLaunchDisabled") == "True":
        return ", without trusted launch, which the program asks for"
    return ""


def _told(sku: Mapping[str, Any]) -> dict[str, str]:
    return {str(one.get("name")): str(one.get("value")) for one in sku.get("capabilities") or ()}
