"""The identity with which nodes pull images: one that Azure makes beside the nodes, or one's own.

https://learn.microsoft.com/azure/aks/use-managed-identity#use-a-user-assigned-managed-identity-for-the-kubelet
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from standin.containerservice.errors import InvalidCluster, MissingOperator, OwnKubeletIdentity
from standin.core.arm import Arm, Resource
from standin.core.arm.identity import new_principal
from standin.core.auth import SUBSCRIPTION_ID, Roles

_TYPE = "Microsoft.ManagedIdentity/userAssignedIdentities"
_OPERATORS = ("Managed Identity Operator", "Contributor", "Owner")


class KubeletIdentities:
    def __init__(self, arm: Arm, roles: Roles) -> None:
        self._arm = arm
        self._roles = roles

    def check(self, cluster: Resource) -> None:
        """One's own must be there, and be the cluster's to hand on."""
        asked = _asked(cluster)
        if asked is None or _is_of_azure(asked, cluster):
            return
        identity = self._arm.get(asked)
        if identity is None or identity.type.lower() != _TYPE.lower():
            raise InvalidCluster(f"identityProfile.kubeletidentity.resourceId is {asked!r}: no identity that is there.")
        assigned = (cluster.body.get("identity") or {}).get("userAssignedIdentities") or {}
        if not assigned:
            raise OwnKubeletIdentity
        principals = [str(one["principalId"]) for one in assigned.values()]
        if not any(self._roles.allows(principal, identity.id, _OPERATORS) for principal in principals):
            raise MissingOperator

    def of(self, cluster: Resource, node_group: str, seed: str) -> dict[str, str]:
        asked = _asked(cluster)
        identity = self._arm.get(asked) if asked and not _is_of_azure(asked, cluster) else None
        if identity is not None:
            ids = identity.properties
            return {"resourceId": identity.id, "clientId": ids["clientId"], "objectId": ids["principalId"]}
        where = f"/subscriptions/{SUBSCRIPTION_ID}/resourcegroups/{node_group}/providers/{_TYPE}"
        return {
            "resourceId": f"{where}/{cluster.name}-agentpool",
            "clientId": new_principal(seed + "|kubelet client"),
            "objectId": new_principal(seed + "|kubelet"),
        }


def _asked(cluster: Resource) -> str | None:
    profile = cluster.properties.get("identityProfile") or {}
    kubelet = profile.get("kubeletidentity") if isinstance(profile, Mapping) else None
    asked: Any = kubelet.get("resourceId") if isinstance(kubelet, Mapping) else None
    return asked if isinstance(asked, str) else None


def _is_of_azure(asked: str, cluster: Resource) -> bool:
    """What an answer said, and a body sends back: it lies in the group of the nodes, which only Azure fills."""
    group = str(cluster.properties.get("nodeResourceGroup") or node_group(cluster))
    return f"/resourcegroups/{group}/".lower() in asked.lower()


def node_group(cluster: Resource) -> str:
    """Where nobody says otherwise."""
    return f"MC_{cluster.group}_{cluster.name}_{cluster.location}"[:80]
