"""What a destroyed stack left behind in Azure: its group or what is in somebody else's, what is soft-deleted under its
names, and role assignments that it made.

By names alone, which the stack file gives: the state is empty by then. Nothing is changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from cli.azure import words
from cli.needs.names import deleted_vault_of, workspace_is_soft_deleted
from cli.needs.subscription import Place
from cloud.access.roles import role_name
from cloud.errors import Kind, ServiceError
from cloud.naming import assigned_by
from cloud.purge import API_VERSIONS
from cloud.wording import counted

_GROUPS = "2024-03-01"
_ASSIGNMENTS = "2022-04-01"


@dataclass(frozen=True, kw_only=True)
class Left:
    found: dict[str, list[str]] = field(default_factory=dict)
    """Kind -> what is left of it."""
    unseen: dict[str, str] = field(default_factory=dict)
    """Kind -> why it could not be looked at."""


def left_of(place: Place, stack: str) -> Left:
    left = Left()
    for kind, ask in _ASKED.items():
        try:
            found = list(ask(place, assigned_by(place.names.project, stack)))
        except ServiceError as error:
            if error.kind is not Kind.UNAUTHORISED:
                raise
            left.unseen[kind] = words(error)
        else:
            if found:
                left.found[kind] = found
    return left


def of_their_group(place: Place) -> str | None:
    """Of a group that somebody else made, and that stays; None where the stack made its own."""
    group = place.names.existing_group
    if group is None:
        return None
    others = sum(1 for _ in place.listed(f"{place.group}/resources", _GROUPS))
    within = f"with what is not this stack's ({counted(others, 'resource')})" if others else "empty"
    return f"the resource group {group} stays, as somebody else made it: {within}"


def _group(place: Place, _: str) -> Iterator[str]:
    if place.names.existing_group is None and place.exists(place.group, _GROUPS):
        yield place.names.resource_group


def _in_group(place: Place, _: str) -> Iterator[str]:
    """In a group of somebody else's, which stays: what has this stack's suffix in its name. So has what Azure makes by
    itself, as `Failure Anomalies - <name>`."""
    if place.names.existing_group is not None and place.exists(place.group, _GROUPS):
        for one in place.listed(f"{place.group}/resources", _GROUPS):
            if place.names.suffix in one["name"]:
                yield f"{one['type']} {one['name']}"


def _vault(place: Place, _: str) -> Iterator[str]:
    if place.exists(deleted_vault_of(place), API_VERSIONS["vault"]):
        yield f"{place.names.key_vault}: az keyvault purge -n {place.names.key_vault}"


def _log_analytics(place: Place, _: str) -> Iterator[str]:
    path = f"{place.scope}/providers/Microsoft.OperationalInsights/deletedWorkspaces"
    for one in place.listed(path, API_VERSIONS["logAnalytics"]):
        if str(one["name"]).lower() == place.names.log_analytics.lower():
            by_hand = (
                f"az monitor log-analytics workspace recover, then delete --force, in {place.names.resource_group}"
            )
            yield f"{one['name']}: {by_hand}"


def _workspace(place: Place, _: str) -> Iterator[str]:
    if workspace_is_soft_deleted(place):
        yield f"{place.names.workspace}: delete it for good in the portal (Azure Machine Learning, Recently deleted)"


def _assignments(place: Place, mark: str) -> Iterator[str]:
    """Whoever they are for may be gone already; the program writes into each whose it is."""
    scope = place.scope if place.names.existing_group is None else place.group
    for one in place.listed(f"{scope}/providers/Microsoft.Authorization/roleAssignments", _ASSIGNMENTS):
        properties: Mapping[str, Any] = one["properties"]
        if properties.get("description") == mark:
            role = role_name(str(properties["roleDefinitionId"]))
            yield f"{role} of {properties['principalId']}: az role assignment delete --ids {one['id']}"


_ASKED: Mapping[str, Callable[[Place, str], Iterator[str]]] = {
    "resource group": _group,
    "resources": _in_group,
    "deleted vault": _vault,
    "deleted Log Analytics workspace": _log_analytics,
    "deleted workspace": _workspace,
    "role assignments": _assignments,
}
KINDS = tuple(_ASKED)
