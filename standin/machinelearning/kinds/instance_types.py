"""Instance types of an attached cluster: how much of a node a replica asks for, and gets at the most.

https://learn.microsoft.com/azure/machine-learning/how-to-manage-kubernetes-instance-types
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from standin.machinelearning.errors import InvalidCompute

DEFAULT = "defaultinstancetype"
_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?")
_OF_AZURE: Mapping[str, Any] = {
    "resources": {
        "requests": {"cpu": "100m", "memory": "2Gi"},
        "limits": {"cpu": "2", "memory": "2Gi"},
    }
}
_CPU = re.compile(r"(\d+)m|(\d+(?:\.\d+)?)")
_MEMORY = re.compile(r"(\d+(?:\.\d+)?)([KMGT]i?)?")
_UNITS: Mapping[str, int] = {
    "": 1,
    **{f"{letter}i": 1024**power for power, letter in enumerate("KMGT", 1)},
    **{letter: 1000**power for power, letter in enumerate("KMGT", 1)},
}
_GIB = 1024**3


@dataclass(frozen=True, slots=True)
class Amount:
    cpu: float
    """Cores."""
    memory_gb: float
    """GiB."""

    def fits(self, other: Amount) -> bool:
        return self.cpu <= other.cpu and self.memory_gb <= other.memory_gb


def amount_of(given: Mapping[str, Any]) -> Amount:
    """Raises ValueError, which names the field and the value."""
    return Amount(_cpu(given.get("cpu")), _memory(given.get("memory")))


def _cpu(value: object) -> float:
    found = _CPU.fullmatch(value) if isinstance(value, str) else None
    cores = (int(found[1]) / 1000 if found[1] else float(found[2])) if found else 0
    if cores <= 0:
        raise ValueError(f'cpu is {value!r}: it must be a text such as "500m" or "1"')
    return cores


def _memory(value: object) -> float:
    found = _MEMORY.fullmatch(value) if isinstance(value, str) else None
    size = float(found[1]) * _UNITS[found[2] or ""] if found else 0
    if size < 1000**2:
        raise ValueError(f'memory is {value!r}: it must be a text such as "512Mi" or "1Gi", of 1 MB or more')
    return size / _GIB


def with_default(types: Mapping[str, Any]) -> dict[str, Any]:
    return {DEFAULT: dict(_OF_AZURE), **types}


def check_instance_types(inner: Mapping[str, Any]) -> None:
    """Raises InvalidCompute."""
    types = inner.get("instanceTypes") or {}
    for name, described in types.items():
        where = f"instanceTypes['{name}']"
        if not _NAME.fullmatch(name):
            raise InvalidCompute(f"{where}: a name has small letters, digits, '-' and '.', 63 at the most.")
        if described.get("nodeSelector"):
            raise InvalidCompute(f"{where}.nodeSelector: the stand-in's nodes have no labels.")
        try:
            requests, limits = (amount_of(_part(described, part)) for part in ("requests", "limits"))
        except ValueError as problem:
            raise InvalidCompute(f"{where}.resources: {problem}.") from problem
        if not requests.fits(limits):
            raise InvalidCompute(f"{where}.resources: requests must be less than or equal to limits.")
    default = inner.get("defaultInstanceType")
    if default is not None and default not in with_default(types):
        raise InvalidCompute(f"defaultInstanceType is {default!r}, and instanceTypes are {', '.join(types) or 'none'}.")


def _part(described: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = (described.get("resources") or {}).get(name) or {}
    if any(value not in (None, "0", "") for key, value in part.items() if key not in ("cpu", "memory")):
        raise ValueError(f"{name} asks for more than cpu and memory: the stand-in's nodes have no GPUs")
    return part
