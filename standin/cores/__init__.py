"""Cores of virtual machines: the sizes that have them, and the quota that all who take some share.

Azure Kubernetes Service and virtual machines take them; Azure ML has a quota of its own.
"""

from __future__ import annotations

from standin.cores.quota import CLUSTERS, MACHINES, Quota
from standin.cores.sizes import FAMILIES, SIZES, Family, Size, size_named

__all__ = ["CLUSTERS", "FAMILIES", "MACHINES", "SIZES", "Family", "Quota", "Size", "size_named"]
