"""What a deployer must be allowed, and what of it a principal's permissions in Azure leave out.

Azure tells a principal's permissions at a scope in one call, so what is missing is known in a second, not after the
minutes in which a refusal may still be a role that is on its way.
https://learn.microsoft.com/rest/api/authorization/permissions/list-for-resource-group
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cloud.access.roles import ASSIGNED, role_name

PERMISSIONS_VERSION = "2022-04-01"
_RESOURCE_TYPES = (
    "Microsoft.ManagedIdentity/userAssignedIdentities",
    "Microsoft.OperationalInsights/workspaces",
    "Microsoft.Insights/components",
    "Microsoft.Storage/storageAccounts",
    "Microsoft.KeyVault/vaults",
    "Microsoft.ContainerRegistry/registries",
    "Microsoft.ContainerRegistry/registries/scopeMaps",
    "Microsoft.ContainerRegistry/registries/tokens",
    "Microsoft.MachineLearningServices/workspaces",
    "Microsoft.MachineLearningServices/workspaces/models/versions",
    "Microsoft.Devices/IotHubs",
    "Microsoft.Devices/IotHubs/eventHubEndpoints/ConsumerGroups",
    "Microsoft.ContainerInstance/containerGroups",
)
IN_THE_GROUP: tuple[str, ...] = (
    "Microsoft.Resources/subscriptions/resourceGroups/read",
    *(f"{kind}/{verb}" for kind in _RESOURCE_TYPES for verb in ("read", "write", "delete")),
    "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action",
    "Microsoft.ContainerRegistry/registries/generateCredentials/action",
    "Microsoft.ContainerRegistry/registries/pull/read",
    "Microsoft.ContainerRegistry/registries/push/write",
    "Microsoft.MachineLearningServices/workspaces/datastores/read",
    "Microsoft.AlertsManagement/smartDetectorAlertRules/delete",
    "Microsoft.Insights/actionGroups/delete",
    "Microsoft.Authorization/roleAssignments/read",
)
"""Of `up` and `down` at the resource group. Each is in Contributor."""
_WORKSPACE = "Microsoft.MachineLearningServices/workspaces"
FOR_ONLINE_ENDPOINTS: tuple[str, ...] = (
    *(f"{_WORKSPACE}/environments/versions/{verb}" for verb in ("read", "write", "delete")),
    *(f"{_WORKSPACE}/onlineEndpoints/{verb}" for verb in ("read", "write", "delete", "listKeys/action")),
    *(f"{_WORKSPACE}/onlineEndpoints/deployments/{verb}" for verb in ("read", "write", "delete", "getLogs/action")),
)
"""Beside these, where a stack has such endpoints. Each is in Contributor."""
FOR_CLUSTERS: tuple[str, ...] = (
    *(f"{_WORKSPACE}/computes/{verb}" for verb in ("read", "write", "delete")),
    *(
        f"{_WORKSPACE}/{kind}/{verb}"
        for kind in ("jobs", "codes/versions", "data/versions", "environments/versions")
        for verb in ("read", "write")
    ),
    f"{_WORKSPACE}/jobs/cancel/action",
)
"""Beside these, where models of a stack train on clusters. Each is in Contributor."""
FOR_KUBERNETES: tuple[str, ...] = (
    *FOR_ONLINE_ENDPOINTS,
    *(
        f"{kind}/{verb}"
        for kind in (
            f"{_WORKSPACE}/computes",
            "Microsoft.ContainerService/managedClusters",
            "Microsoft.KubernetesConfiguration/extensions",
        )
        for verb in ("read", "write", "delete")
    ),
)
"""Beside these, where a stack has a cluster of Kubernetes. Each is in Contributor."""
FOR_MACHINES: tuple[str, ...] = (
    *(
        f"Microsoft.{kind}/{verb}"
        for kind in (
            "Compute/virtualMachines",
            "Compute/virtualMachines/runCommands",
            "Network/networkInterfaces",
            "Network/networkSecurityGroups",
            "Network/publicIPAddresses",
            "Network/virtualNetworks",
        )
        for verb in ("read", "write", "delete")
    ),
    "Microsoft.Compute/virtualMachines/runCommand/action",
    "Microsoft.Network/networkInterfaces/join/action",
    "Microsoft.Network/networkSecurityGroups/join/action",
    "Microsoft.Network/publicIPAddresses/join/action",
    "Microsoft.Network/virtualNetworks/subnets/join/action",
)
"""Beside these, where a device of the stack is a virtual machine. Each is in Contributor."""
OF_THE_GROUP: tuple[str, ...] = tuple(
    f"Microsoft.Resources/subscriptions/resourceGroups/{verb}" for verb in ("write", "delete")
)
"""Where the program makes the group itself: at the subscription."""
ASSIGNING: tuple[str, ...] = tuple(f"Microsoft.Authorization/roleAssignments/{verb}" for verb in ("write", "delete"))
PURGING: tuple[str, ...] = (
    "Microsoft.KeyVault/locations/deletedVaults/read",
    "Microsoft.KeyVault/locations/deletedVaults/purge/action",
)
"""A deleted vault lies below the subscription, whatever group it was in."""
OF_THE_ROUTER: tuple[str, ...] = ("Microsoft.Network/publicIPAddresses/read",)
"""Where a stack has a cluster of Kubernetes: its address lies in a group that AKS makes."""
AT_THE_HUB: tuple[str, ...] = tuple(
    f"Microsoft.Devices/IotHubs/{what}/{verb}"
    for what in ("devices", "twins", "configurations")
    for verb in ("read", "write")
)
IN_THE_BLOBS: tuple[str, ...] = tuple(
    f"Microsoft.Storage/storageAccounts/blobServices/containers/blobs/{verb}" for verb in ("read", "write", "delete")
)
IN_THE_VAULT: tuple[str, ...] = tuple(
    f"Microsoft.KeyVault/vaults/secrets/{action}"
    for action in ("getSecret/action", "setSecret/action", "delete", "readMetadata/action")
)
"""Where a device of the stack is a virtual machine: its key is written there, and deleted."""
_LIST = re.compile(
    r"@(Request|Resource)\[Microsoft\.Authorization/roleAssignments:(RoleDefinitionId|PrincipalType)\]\s+"
    r"(?:\w+:)?(\w+)\s*(?:\{([^}]*)\}|('[^']*'|[0-9a-f-]{36}))",
    re.IGNORECASE,
)
_VERB = {"request": "write", "resource": "delete"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A role assignment of the principal, as ARM lists it."""

    role: str
    scope: str
    condition: str | None

    def reaches(self, scope: str) -> bool:
        own = self.scope.lower().rstrip("/")
        return f"{scope.lower()}/".startswith(f"{own}/")

    @classmethod
    def of(cls, listed: Mapping[str, Any]) -> Held:
        properties = listed.get("properties") or {}
        role = str(properties.get("roleDefinitionId", "")).rpartition("/")[2].lower()
        scope = str(properties.get("scope", ""))
        return cls(role=role, scope=scope, condition=properties.get("condition") or None)


def missing(permissions: Sequence[Mapping[str, Any]], wanted: Iterable[str], *, data: bool = False) -> list[str]:
    """`permissions` as ARM answers them: one entry a role assignment, each of which must give an action whole."""
    yes, no = ("dataActions", "notDataActions") if data else ("actions", "notActions")
    return [
        action
        for action in wanted
        if not any(_any(one.get(yes) or (), action) and not _any(one.get(no) or (), action) for one in permissions)
    ]


def left_out(held: Sequence[Held], types: Iterable[str], roles: Iterable[str] = ASSIGNED) -> list[str]:
    """What conditions keep from being assigned, though it is: `roleAssignments/write of AcrPull (7f95...)`. `roles` are
    the ids of what is assigned.

    Empty where one of the roles that assign has no condition, or one that constrains something else.
    """
    conditions = [one.condition for one in held if role_name(one.role) in _ASSIGNERS]
    if not conditions or None in conditions:
        return []
    each = [_left_out(condition or "", types, roles) for condition in conditions]
    return [finding for finding in each[0] if all(finding in other for other in each[1:])]


_ASSIGNERS = ("Owner", "User Access Administrator", "Role Based Access Control Administrator")


def _left_out(condition: str, types: Iterable[str], roles: Iterable[str]) -> list[str]:
    wanted = {
        "roledefinitionid": {guid: f"{role_name(guid)} ({guid})" for guid in roles},
        "principaltype": {kind.lower(): f"principals of the type {kind}" for kind in types},
    }
    allowed: dict[tuple[str, str], set[str]] = {}
    refused: dict[tuple[str, str], set[str]] = {}
    for side, attribute, operator, values, single in _LIST.findall(condition):
        into = refused if "not" in operator.lower() else allowed
        given = {value.strip().strip("'").lower() for value in (values or single).split(",")}
        into.setdefault((_VERB[side.lower()], attribute.lower()), set()).update(given)
    return [
        f"Microsoft.Authorization/roleAssignments/{verb} of {told}"
        for verb in _VERB.values()
        for attribute, each in wanted.items()
        for value, told in each.items()
        if value in refused.get((verb, attribute), ())
        or ((verb, attribute) in allowed and value not in allowed[verb, attribute])
    ]


def _any(patterns: Sequence[str], action: str) -> bool:
    return any(covers(pattern, action) for pattern in patterns)


def covers(pattern: str, action: str) -> bool:
    """Whether an action of a role, which may have wildcards, is or has in it this one; in any case.

    What stands between two wildcards is looked for once, from the left: a role may have many, and trying all ways of
    them takes for ever.
    """
    first, *rest = map(re.escape, pattern.split("*"))
    between = "".join(f"(?>.*?{part})" for part in rest[:-1])
    return re.fullmatch(f"{first}{between}.*{rest[-1]}" if rest else first, action, re.IGNORECASE) is not None
