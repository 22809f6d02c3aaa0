"""Kubernetes clusters that are attached: never changed, but detached and attached anew.

https://learn.microsoft.com/azure/machine-learning/how-to-attach-kubernetes-to-workspace
Azure/azureml-examples#3030: an attached cluster "doesn't support update". microsoft/edge-ai makes it anew for the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from standin.core.arm import Arm, Resource, ids
from standin.core.auth import Roles
from standin.core.errors import BadRequest
from standin.core.rbac.conditions import Asked
from standin.kubernetesconfiguration import Routers
from standin.machinelearning.errors import InvalidCompute, KubernetesFixed
from standin.machinelearning.kinds.instance_types import check_instance_types, with_default

KUBERNETES = "Kubernetes"
CLUSTERS = "Microsoft.ContainerService/managedClusters"
_NAME = re.compile(r"[a-zA-Z](?![a-zA-Z0-9-]*-\d+$)[a-zA-Z0-9\-]{1,15}", re.ASCII)
_FIELDS = (
    "defaultInstanceType", "extensionInstanceReleaseTrain", "extensionPrincipalId", "instanceTypes", "namespace",
)  # fmt: skip
# What a user-assigned identity of the workspace must be able to do on the cluster, and what is told where it cannot.
_NEEDED = (
    ("Microsoft.ContainerService/managedClusters/read", "Reader", "Failed to find the cluster"),
    (
        "Microsoft.KubernetesConfiguration/extensions/write",
        "Kubernetes Extension Contributor",
        "AzureML extension is not installed in the cluster",
    ),
    (
        "Microsoft.ContainerService/managedClusters/listClusterAdminCredential/action",
        "Azure Kubernetes Service Cluster Admin Role",
        "Internal server error",
    ),
)


def is_attached(compute: Resource) -> bool:
    return bool(compute.properties.get("computeType") == KUBERNETES)


class AttachedClusters:
    def __init__(self, arm: Arm, roles: Roles, routers: Routers) -> None:
        self._arm = arm
        self._roles = roles
        self._routers = routers

    def check(self, new: Resource, old: Resource | None) -> None:
        """Refuses what no cluster could be attached as."""
        if not _NAME.fullmatch(new.name):
            raise InvalidCompute(
                f"The compute name '{new.name}' is not valid: 2 to 16 letters, digits and '-', beginning with a letter "
                "and not ending in '-' and digits."
            )
        inner = new.properties.setdefault("properties", {})
        if strange := sorted(name for name in inner if name not in _FIELDS):
            raise InvalidCompute(f"properties.{strange[0]} is nothing of an attached cluster: {', '.join(_FIELDS)}.")
        self._check_id(new.properties.get("resourceId"))
        _check_namespace(inner.setdefault("namespace", "default"))
        check_instance_types(inner)
        if old is not None:
            _check_unchanged(new, old)

    def _check_id(self, cluster_id: object) -> None:
        parts = ids.parse(cluster_id) if isinstance(cluster_id, str) else None
        if parts is None or parts.type.lower() != CLUSTERS.lower() or self._arm.get(parts.text) is None:
            raise InvalidCompute(f"resourceId is {cluster_id!r}: it must be the ARM id of a {CLUSTERS} that is there.")

    def attach(self, compute: Resource) -> None:
        """Raises BadRequest, as an attaching fails."""
        cluster_id = str(compute.properties["resourceId"])
        cluster = self._arm.require(cluster_id)
        self._check_rights(compute, cluster)
        if cluster.properties.get("disableLocalAccounts"):
            raise BadRequest(f"The cluster '{cluster.name}' has no local accounts: Azure ML does not support it.")
        extension = self._routers.of_cluster(cluster_id)
        if extension is None:
            raise BadRequest(f"AzureML extension is not installed in the cluster '{cluster.name}'.")
        principal = extension.properties["aksAssignedIdentity"]["principalId"]
        inner = compute.properties["properties"]
        if inner.setdefault("extensionPrincipalId", principal) != principal:
            raise BadRequest(f"extensionPrincipalId is not that of the extension '{extension.name}' ({principal}).")
        inner.setdefault("extensionInstanceReleaseTrain", "stable")
        inner["instanceTypes"] = with_default(inner.get("instanceTypes") or {})

    def _check_rights(self, compute: Resource, cluster: Resource) -> None:
        """A system-assigned identity of the workspace gets what it needs by itself."""
        workspace = self._arm.require(compute.parent_id)
        assigned = (workspace.body.get("identity") or {}).get("userAssignedIdentities") or {}
        if "systemassigned" in str((workspace.body.get("identity") or {}).get("type")).lower() or not assigned:
            return
        primary = str(workspace.properties.get("primaryUserAssignedIdentity") or next(iter(assigned))).lower()
        principal = next((str(one["principalId"]) for name, one in assigned.items() if name.lower() == primary), "")
        for action, role, said in _NEEDED:
            if not self._roles.permits(Asked(action=action, request={}, resource={}), principal, cluster.id):
                raise BadRequest(
                    f"{said}: the workspace's identity {principal} needs '{role}' on the cluster '{cluster.name}'."
                )


def _check_namespace(namespace: object) -> None:
    """An attaching makes none and looks for none: workloads fail then. Here are those that are there from the start."""
    if namespace not in ("default", "azureml"):
        raise InvalidCompute(
            f"namespace is {namespace!r}: there are 'default' and 'azureml'. Another one must be made in the cluster."
        )


def _check_unchanged(new: Resource, old: Resource) -> None:
    before, after = ({**one.body, "properties": _said(one.properties)} for one in (old, new))
    for name in ("identity", "properties"):
        if before.get(name) != after.get(name):
            raise KubernetesFixed(new.name, name)


def _said(properties: Mapping[str, Any]) -> dict[str, Any]:
    """What somebody may want otherwise, in one form."""
    inner = properties.get("properties") or {}
    return {
        "resourceId": str(properties.get("resourceId")).lower(),
        "disableLocalAuth": properties.get("disableLocalAuth"),
        "namespace": inner.get("namespace"),
        "defaultInstanceType": inner.get("defaultInstanceType"),
        "instanceTypes": with_default(inner.get("instanceTypes") or {}),
    }
