"""What who is signed in may do where the stack is, by the actions that Azure itself names: custom roles count too.

https://learn.microsoft.com/rest/api/authorization/permissions/list-for-resource-group
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cli.needs.need import Need
from cli.needs.subscription import Place
from cloud.rights import granting

_VERSION = "2022-04-01"
_MAKE = (
    "Microsoft.ManagedIdentity/userAssignedIdentities/write",
    "Microsoft.Storage/storageAccounts/write",
    "Microsoft.KeyVault/vaults/write",
    "Microsoft.ContainerRegistry/registries/write",
    "Microsoft.MachineLearningServices/workspaces/write",
    "Microsoft.ContainerInstance/containerGroups/write",
    "Microsoft.Devices/IotHubs/write",
)
_GROUP = "Microsoft.Resources/subscriptions/resourceGroups/write"
_ASSIGN = ("Microsoft.Authorization/roleAssignments/write", "Microsoft.Authorization/roleAssignments/delete")
_PURGE = ("Microsoft.KeyVault/locations/deletedVaults/purge/action", "Microsoft.KeyVault/locations/deletedVaults/read")


def rights(place: Place) -> list[Need]:
    """A group of somebody else's is where roles are given; else the group is still to be made, in the subscription."""
    existing = place.names.existing_group is not None
    scope = place.group if existing else place.scope
    held = _permissions(place, scope)
    at_subscription = held if not existing else _permissions(place, place.scope)
    where = "the resource group" if existing else "the subscription"
    make = _MAKE if existing else (_GROUP, *_MAKE)
    assign = _need("right to assign roles", held, _ASSIGN, f"Role Based Access Control Administrator at {where}", "up")
    return [
        _need("right to make resources", held, make, f"Contributor at {where}", "up"),
        assign,
        _data_roles(assign),
        _need("right to purge the vault", at_subscription, _PURGE, "the custom role of docs/azure.md", "down"),
    ]


def _permissions(place: Place, scope: str) -> Sequence[Mapping[str, Any]]:
    answer = place.get(f"{scope}/providers/Microsoft.Authorization/permissions", _VERSION)
    return list(answer.get("value", ()))


def _need(name: str, held: Sequence[Mapping[str, Any]], actions: Sequence[str], remedy: str, needed_by: str) -> Need:
    lacking = [action for action in actions if not granting(held, action)]
    if lacking:
        found = f"no {lacking[0]}" + (f", nor {len(lacking) - 1} more" if len(lacking) > 1 else "")
        return Need(name=name, ok=False, found=found, remedy=f"{remedy}: docs/azure.md, roles", needed_by=needed_by)
    grants = granting(held, actions[0])
    conditioned = all(one.get("condition") for one in grants)
    found = "held, under a condition: docs/azure.md has one that suffices" if conditioned else "held"
    return Need(name=name, ok=True, found=found)


def _data_roles(assign: Need) -> Need:
    """Owner gives no data action; the program gives them to who deploys, where it may."""
    name = "data roles"
    roles = "IoT Hub Data Contributor, Storage Blob Data Contributor"
    if assign.ok:
        return Need(name=name, ok=True, found=f"`up` will assign {roles} to who runs it")
    return Need(name=name, ok=False, found=f"`up` cannot assign {roles}", remedy=assign.remedy, needed_by="up")
