"""What a region has: sizes for `skus`. https://learn.microsoft.com/rest/api/compute/resource-skus/list"""

from __future__ import annotations

import re
from typing import Any

from standin.core.arm.errors import InvalidFilter
from standin.core.arm.ids import location_name
from standin.cores import SIZES, Size

_FILTER = re.compile(r"location eq '([^']+)'", re.I)
_REGIONS = ("westeurope", "northeurope", "eastus", "westus2", "swedencentral")


def skus(condition: str | None) -> list[dict[str, Any]]:
    """Azure filters by location alone. Raises InvalidFilter."""
    asked = _FILTER.fullmatch(condition.strip()) if condition is not None else None
    if condition is not None and asked is None:
        raise InvalidFilter(condition, "location eq '<region>'")
    regions = [location_name(asked[1])] if asked else _REGIONS
    return [_sku(size, region) for region in regions for size in SIZES if region in _REGIONS]


def _sku(size: Size, location: str) -> dict[str, Any]:
    told = {
        "vCPUs": str(size.cores),
        "MemoryGB": f"{size.memory_gb:g}",
        "CpuArchitectureType": "x64",
        "HyperVGenerations": "V1,V2",
        "PremiumIO": "True",
        **({"GPUs": str(size.gpus)} if size.gpus else {}),
    }
    return {
        "resourceType": "virtualMachines",
        "name": size.name,
        "tier": "Standard",
        "size": size.name.removeprefix("Standard_"),
        "family": size.family.key,
        "locations": [location],
        "locationInfo": [{"location": location, "zones": ["1", "2", "3"], "zoneDetails": []}],
        "capabilities": [{"name": name, "value": value} for name, value in told.items()],
        "restrictions": [],
    }
