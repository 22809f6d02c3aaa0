"""Pools of nodes: what they may be, and what of them can be changed.

https://learn.microsoft.com/azure/aks/manage-node-pools
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from standin.containerservice.errors import InvalidCluster, UnsupportedSize
from standin.core.arm import Resource
from standin.core.errors import BadRequest
from standin.cores import SIZES, size_named

_NAME = re.compile(r"[a-z][a-z0-9]{0,11}")
_MOST_NODES = 1000
_FIXED = ("vmSize", "osDiskSizeGB", "osDiskType", "osSKU", "maxPods", "availabilityZones", "vnetSubnetID")
_DEFAULTS: Mapping[str, Any] = {
    "count": 1,
    "enableAutoScaling": False,
    "enableNodePublicIP": False,
    "maxPods": 250,
    "mode": "System",
    "osDiskSizeGB": 128,
    "osDiskType": "Managed",
    "osSKU": "Ubuntu",
    "osType": "Linux",
    "scaleDownMode": "Delete",
    "type": "VirtualMachineScaleSets",
    "upgradeSettings": {"maxSurge": "10%", "maxUnavailable": "0"},
}


def check_pools(new: Resource, old: Resource | None) -> None:
    pools = new.properties.get("agentPoolProfiles") or []
    if not pools or not any(pool.get("mode", "System") == "System" for pool in pools):
        raise InvalidCluster("agentPoolProfiles must have a pool of the mode 'System'.")
    before = {pool["name"]: pool for pool in (old.properties.get("agentPoolProfiles") or ())} if old else {}
    for pool in pools:
        _check_pool(pool, new.location)
        _check_unchanged(pool, before.get(pool["name"], {}))
    names = [pool["name"] for pool in pools]
    if len(set(names)) < len(names):
        raise InvalidCluster(f"agentPoolProfiles have the names {', '.join(names)}: each may be there once.")


def shown_pool(pool: Mapping[str, Any], version: str) -> dict[str, Any]:
    state = {"provisioningState": "Succeeded", "powerState": {"code": "Running"}}
    versions = {"orchestratorVersion": version, "currentOrchestratorVersion": version}
    return {**_DEFAULTS, **pool, **state, **versions}


def _check_pool(pool: Mapping[str, Any], location: str) -> None:
    name, count, size = pool.get("name"), pool.get("count", 1), pool.get("vmSize")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise InvalidCluster(
            f"The agent pool name {name!r} is not valid: 1 to 12 small letters and digits, beginning with a letter."
        )
    if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= _MOST_NODES:
        raise InvalidCluster(f"count of the agent pool '{name}' is {count!r}: allowed are 1 to {_MOST_NODES}.")
    if size_named(size) is None:
        raise UnsupportedSize(size, location, ",".join(one.name.lower() for one in SIZES))


def _check_unchanged(pool: Mapping[str, Any], before: Mapping[str, Any]) -> None:
    for name in _FIXED:
        if name in pool and name in before and str(pool[name]).lower() != str(before[name]).lower():
            raise BadRequest(
                f"Changing property 'properties.{name}' is not allowed.",
                code="PropertyChangeNotAllowed",
                details={"target": f"properties.{name}"},
            )
