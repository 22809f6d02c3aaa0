"""Sizes of virtual machines, by the families in which quotas count them: those that somebody here asks for.

https://learn.microsoft.com/azure/virtual-machines/sizes/overview
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Family:
    name: str
    key: str
    """As quotas of Microsoft.Compute name it."""
    cores: int = 20


@dataclass(frozen=True, slots=True)
class Size:
    name: str
    family: Family
    cores: int
    memory_gb: float
    gpus: int = 0


_DSV2 = Family("Standard DSv2", "standardDSv2Family")
_DSV3 = Family("Standard DSv3", "standardDSv3Family")
_DSV5 = Family("Standard DSv5", "standardDSv5Family")
_DASV5 = Family("Standard DASv5", "standardDASv5Family")
_BSV2 = Family("Standard BSv2", "standardBsv2Family")
_ESV3 = Family("Standard ESv3", "standardESv3Family")
_FSV2 = Family("Standard FSv2", "standardFSv2Family")
_T4 = Family("Standard NCASv3_T4", "Standard NCASv3_T4 Family", cores=0)
FAMILIES = (_DSV2, _DSV3, _DSV5, _DASV5, _BSV2, _ESV3, _FSV2, _T4)

SIZES = (
    Size("Standard_DS2_v2", _DSV2, 2, 7),
    Size("Standard_DS3_v2", _DSV2, 4, 14),
    Size("Standard_DS4_v2", _DSV2, 8, 28),
    Size("Standard_D2s_v3", _DSV3, 2, 8),
    Size("Standard_D4s_v3", _DSV3, 4, 16),
    Size("Standard_D8s_v3", _DSV3, 8, 32),
    Size("Standard_D2s_v5", _DSV5, 2, 8),
    Size("Standard_D4s_v5", _DSV5, 4, 16),
    Size("Standard_D8s_v5", _DSV5, 8, 32),
    Size("Standard_D2as_v5", _DASV5, 2, 8),
    Size("Standard_D4as_v5", _DASV5, 4, 16),
    Size("Standard_B2ts_v2", _BSV2, 2, 1),
    Size("Standard_B2ls_v2", _BSV2, 2, 4),
    Size("Standard_B2s_v2", _BSV2, 2, 8),
    Size("Standard_B4s_v2", _BSV2, 4, 16),
    Size("Standard_E2s_v3", _ESV3, 2, 16),
    Size("Standard_E4s_v3", _ESV3, 4, 32),
    Size("Standard_F2s_v2", _FSV2, 2, 4),
    Size("Standard_F4s_v2", _FSV2, 4, 8),
    Size("Standard_NC4as_T4_v3", _T4, 4, 28, gpus=1),
    Size("Standard_NC8as_T4_v3", _T4, 8, 56, gpus=1),
)
_BY_NAME: Mapping[str, Size] = {size.name.lower(): size for size in SIZES}


def size_named(name: object) -> Size | None:
    return _BY_NAME.get(str(name).lower())
