"""The machines that a Kubernetes cluster for Azure ML can be made of.

Microsoft wants 4 cores and 14 GB of a cluster: each of these has them, so that the smallest cluster has, too.
https://learn.microsoft.com/azure/machine-learning/how-to-deploy-kubernetes-extension#prerequisites
https://learn.microsoft.com/azure/virtual-machines/sizes/overview
"""

from __future__ import annotations

from collections.abc import Mapping

from infra.settings.machines.instance_types import InstanceType

_CORES = (4, 8, 16, 32, 48, 64)


def _series(name: str, gb_a_core: int) -> dict[str, InstanceType]:
    return {name.format(cores): InstanceType(cores, cores * gb_a_core) for cores in _CORES}


NODE_SIZES: Mapping[str, InstanceType] = {
    "Standard_DS3_v2": InstanceType(4, 14),
    "Standard_DS4_v2": InstanceType(8, 28),
    "Standard_DS5_v2": InstanceType(16, 56),
    **_series("Standard_D{}s_v3", 4),
    **_series("Standard_D{}s_v5", 4),
    **_series("Standard_D{}as_v4", 4),
    **_series("Standard_D{}as_v5", 4),
    **_series("Standard_E{}s_v5", 8),
}
NODE_SIZES_TOLD = (
    "Standard_DS3_v2 to Standard_DS5_v2, and with 4 to 64 cores Standard_D4s_v3, Standard_D4s_v5, Standard_D4as_v4, "
    "Standard_D4as_v5 and Standard_E4s_v5: Azure ML wants 4 cores and 14 GB of a cluster"
)
