"""Sizes of virtual machines, and how many cores of each family a new subscription has.

https://learn.microsoft.com/rest/api/azureml/virtual-machine-sizes/list
https://learn.microsoft.com/azure/machine-learning/how-to-manage-quotas: 24 to 300 cores of a family by kind of
subscription, none of one with GPUs before they are asked for. The stand-in has the least: what fits here fits anywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

CLUSTER = "AmlCompute"
ENDPOINT = "MIR"
TOTAL_CORES = 100


@dataclass(frozen=True, slots=True)
class Family:
    name: str
    """As quotas are spelt: "Standard DSv2"."""
    key: str
    """As sizes name it."""
    cores: int = 24
    gpus: int = 0
    """Of one machine."""
    types: tuple[str, ...] = (CLUSTER, "ComputeInstance", ENDPOINT)


@dataclass(frozen=True, slots=True)
class Size:
    name: str
    family: Family
    cores: int
    memory_gb: float
    scratch_mb: int
    types: tuple[str, ...]

    def shown(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "family": self.family.key,
            "vCPUs": self.cores,
            "gpus": self.family.gpus,
            "osVhdSizeMB": 1047552,
            "maxResourceVolumeMB": self.scratch_mb,
            "memoryGB": self.memory_gb,
            "lowPriorityCapable": False,
            "premiumIO": True,
            "supportedComputeTypes": list(self.types),
        }


_DSV2 = Family("Standard DSv2", "standardDSv2Family")
_DSV3 = Family("Standard DSv3", "standardDSv3Family", types=(CLUSTER, "ComputeInstance"))
_DASV4 = Family("Standard DASv4", "standardDASv4Family")
_ESV3 = Family("Standard ESv3", "standardESv3Family")
_FSV2 = Family("Standard FSv2", "standardFSv2Family")
_T4 = Family("Standard NCASv3_T4", "Standard NCASv3_T4 Family", cores=0, gpus=1)
_A100 = Family("Standard NCADSA100v4", "standardNCADSA100v4Family", cores=0, gpus=1)
FAMILIES = (_DSV2, _DSV3, _DASV4, _ESV3, _FSV2, _T4, _A100)

_ROWS: tuple[tuple[str, Family, int, float, int], ...] = (
    ("Standard_DS1_v2", _DSV2, 1, 3.5, 7168),
    ("Standard_DS2_v2", _DSV2, 2, 7, 14336),
    ("Standard_DS3_v2", _DSV2, 4, 14, 28672),
    ("Standard_DS4_v2", _DSV2, 8, 28, 57344),
    ("Standard_DS5_v2", _DSV2, 16, 56, 114688),
    ("Standard_DS11_v2", _DSV2, 2, 14, 28672),
    ("Standard_DS12_v2", _DSV2, 4, 28, 57344),
    ("Standard_D2s_v3", _DSV3, 2, 8, 16384),
    ("Standard_D4s_v3", _DSV3, 4, 16, 32768),
    ("Standard_D8s_v3", _DSV3, 8, 32, 65536),
    ("Standard_D2as_v4", _DASV4, 2, 8, 16384),
    ("Standard_D4as_v4", _DASV4, 4, 16, 32768),
    ("Standard_D8as_v4", _DASV4, 8, 32, 65536),
    ("Standard_E2s_v3", _ESV3, 2, 16, 32768),
    ("Standard_E4s_v3", _ESV3, 4, 32, 65536),
    ("Standard_F2s_v2", _FSV2, 2, 4, 16384),
    ("Standard_F4s_v2", _FSV2, 4, 8, 32768),
    ("Standard_F8s_v2", _FSV2, 8, 16, 65536),
    ("Standard_F16s_v2", _FSV2, 16, 32, 131072),
    ("Standard_NC4as_T4_v3", _T4, 4, 28, 180224),
    ("Standard_NC8as_T4_v3", _T4, 8, 56, 368640),
    ("Standard_NC16as_T4_v3", _T4, 16, 110, 368640),
    ("Standard_NC24ads_A100_v4", _A100, 24, 220, 65536),
)
# Too small for an endpoint: https://learn.microsoft.com/azure/machine-learning/reference-managed-online-endpoints-vm-sku-list
_NO_ENDPOINT = ("Standard_DS1_v2", "Standard_DS11_v2", "Standard_DS12_v2")


def _types(name: str, family: Family) -> tuple[str, ...]:
    return tuple(one for one in family.types if one != ENDPOINT or name not in _NO_ENDPOINT)


SIZES = tuple(
    Size(name, family, cores, memory, scratch, _types(name, family)) for name, family, cores, memory, scratch in _ROWS
)
_BY_NAME: Mapping[str, Size] = {size.name.lower(): size for size in SIZES}


def size_named(name: object) -> Size | None:
    """In any case: Azure's own pages write both Standard_DS3_v2 and STANDARD_DS3_V2."""
    return _BY_NAME.get(str(name).lower())


def reserved(instances: int) -> int:
    """Machines that a managed deployment takes of the quota: a fifth more than its instances, rounded up, is kept for
    upgrades. MicrosoftLearning/mslearn-azure-ml#30 shows it: eight cores for one machine of four.
    https://learn.microsoft.com/azure/machine-learning/how-to-manage-quotas#virtual-machine-quota-allocation-for-deployment
    """
    return -(-instances * 12 // 10)
