"""The machines that Azure ML serves from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class InstanceType:
    cores: int
    memory_gb: float
    """Of the machine; what Azure runs beside the container takes some of it."""


_GENERAL = {2: 8, 4: 16, 8: 32, 16: 64, 32: 128, 48: 192, 64: 256, 96: 384}
_IN_MEMORY = {2: 16, 4: 32, 8: 64, 16: 128, 32: 256, 48: 384, 64: 432}
_COMPUTE = {2: 4, 4: 8, 8: 16, 16: 32, 32: 64, 48: 96, 64: 128, 72: 144}


def _series(name: str, sizes: Mapping[int, float]) -> dict[str, InstanceType]:
    return {name.format(cores): InstanceType(cores, memory_gb) for cores, memory_gb in sizes.items()}


# What Azure lists for managed endpoints, but for GPUs and machines for large disks.
# https://learn.microsoft.com/azure/machine-learning/reference-managed-online-endpoints-vm-sku-list
INSTANCE_TYPES: Mapping[str, InstanceType] = {
    "Standard_DS1_v2": InstanceType(1, 3.5),
    "Standard_DS2_v2": InstanceType(2, 7),
    "Standard_DS3_v2": InstanceType(4, 14),
    "Standard_DS4_v2": InstanceType(8, 28),
    "Standard_DS5_v2": InstanceType(16, 56),
    **_series("Standard_D{}as_v4", _GENERAL),
    **_series("Standard_D{}a_v4", _GENERAL),
    **_series("Standard_E{}s_v3", _IN_MEMORY),
    **_series("Standard_F{}s_v2", _COMPUTE),
}
LISTED = (
    "Standard_DS1_v2 to Standard_DS5_v2, and with their number of cores Standard_D2as_v4, Standard_D2a_v4 (to 96), "
    "Standard_E2s_v3 (to 64) and Standard_F2s_v2 (to 72): what Azure lists for managed online endpoints, without GPUs"
)
