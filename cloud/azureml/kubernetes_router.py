"""Where the router of Azure ML in a Kubernetes cluster is reached: its service has a public IP, which AKS makes beside
the cluster's machines and marks with the service's name.

https://learn.microsoft.com/azure/machine-learning/how-to-kubernetes-inference-routing-azureml-fe
https://cloud-provider-azure.sigs.k8s.io/topics/loadbalancer/
"""

from __future__ import annotations

from typing import Any

from cloud.arm import Arm
from cloud.reading import listed

CLUSTERS_VERSION, ADDRESSES_VERSION = "2025-09-01", "2024-05-01"
_TAG, _SERVICE = "k8s-azure-service", "azureml/azureml-fe"


def router_address(arm: Arm, cluster_id: str) -> str | None:
    """None while it has none. Raises ServiceError."""
    cluster = arm.get(cluster_id, CLUSTERS_VERSION).body or {}
    group = str((cluster.get("properties") or {}).get("nodeResourceGroup") or "")
    subscription = cluster_id.partition("/resourceGroups/")[0]
    path = f"{subscription}/resourceGroups/{group}/providers/Microsoft.Network/publicIPAddresses"
    for one in listed(lambda *asked, **query: arm.get(*asked, **query).body or {}, path, ADDRESSES_VERSION):
        if _is_routers(one.get("tags") or {}):
            return (one.get("properties") or {}).get("ipAddress") or None
    return None


def _is_routers(tags: dict[str, Any]) -> bool:
    """A public IP that services share names them all."""
    return _SERVICE in str(tags.get(_TAG, "")).split(",")
