"""Role assignments and roles of somebody's own making, at any scope.

https://learn.microsoft.com/rest/api/authorization/role-assignments
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from standin.authorization.errors import (
    InvalidCondition,
    InvalidPrincipalId,
    InvalidRoleAssignmentId,
    InvalidRoleDefinition,
    RoleAssignmentExists,
    RoleAssignmentNotFound,
    RoleAssignmentUpdateNotPermitted,
    RoleDefinitionDoesNotExist,
    RoleDefinitionHasAssignments,
    RoleDefinitionWithSameNameExists,
    UnmatchedPrincipalType,
)
from standin.core.arm import Arm, Resource, ResourceKind
from standin.core.auth import BUILT_IN_ROLES, Roles, role_of
from standin.core.clock import Clock, iso
from standin.core.directory import Directory
from standin.core.rbac.conditions import ConditionError, parse
from standin.core.store import Store

_MARKER = "/providers/microsoft.authorization/"
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


_REMEMBERED = ("scope", "principalId", "roleDefinitionId", "principalType", "createdOn", "condition")
_NULL_UNLESS_GIVEN = ("condition", "conditionVersion", "description", "delegatedManagedIdentityResourceId")
_MOST_ACTIONS = ("actions", "notActions", "dataActions", "notDataActions")


class RoleAssignment(ResourceKind):
    type = "Microsoft.Authorization/roleAssignments"
    tracked = False
    system_data = False
    answers_deleted = True
    provisioning_state = False
    operation = "none"
    delete_operation = "none"
    keeps = tuple(
        f"properties.{name}"
        for name in (
            "condition", "conditionVersion", "description", "principalId", "principalType", "roleDefinitionId", "scope"
        )
    )  # fmt: skip

    def __init__(self, arm: Arm, store: Store, clock: Clock, roles: Roles, directory: Directory) -> None:
        self._arm = arm
        self._store = store
        self._clock = clock
        self._roles = roles
        self._directory = directory

    def missing(self, name: str) -> RoleAssignmentNotFound:
        return RoleAssignmentNotFound(name)

    def view(self, resource: Resource) -> dict[str, Any]:
        return {**resource.body, "properties": {**dict.fromkeys(_NULL_UNLESS_GIVEN), **resource.properties}}

    async def check(self, new: Resource, old: Resource | None) -> None:
        if not _GUID.fullmatch(new.name):
            raise InvalidRoleAssignmentId(new.name)
        principal = new.properties.get("principalId")
        if not isinstance(principal, str) or not _GUID.fullmatch(principal):
            raise InvalidPrincipalId(principal)
        role = str(new.properties.get("roleDefinitionId", "")).rsplit("/", 1)[-1].lower()
        if self._roles.role(role) is None:
            raise RoleDefinitionDoesNotExist(role.replace("-", ""))
        self._check_type(principal, new.properties.get("principalType"))
        _check_condition(new.properties)
        new.properties["scope"] = scope_of(new)
        self._check_same(new, old)
        self._check_unique(new, role)

    def _check_type(self, principal: str, given: object) -> None:
        known = self._directory.of_object(principal)
        kind = known.kind if known is not None else self._kind_of_an_identity(principal)
        if kind is not None and given is not None and given != kind:
            raise UnmatchedPrincipalType(principal, kind, given)

    def _kind_of_an_identity(self, principal: str) -> str | None:
        """A managed identity is a service principal; None for who is neither of the directory nor one of these."""
        identities = self._arm.list("Microsoft.ManagedIdentity/userAssignedIdentities")
        ours = any(str(one.properties.get("principalId")).lower() == principal.lower() for one in identities)
        return "ServicePrincipal" if ours else None

    def _check_same(self, new: Resource, old: Resource | None) -> None:
        for name in ("principalId", "roleDefinitionId"):
            if old is not None and str(old.properties[name]).lower() != str(new.properties[name]).lower():
                raise RoleAssignmentUpdateNotPermitted

    def _check_unique(self, new: Resource, role: str) -> None:
        for key, other in self._store.list(Roles.KIND):
            if (
                key != new.key
                and other["scope"].lower() == new.properties["scope"].lower()
                and other["principalId"].lower() == new.properties["principalId"].lower()
                and other["roleDefinitionId"].rsplit("/", 1)[-1].lower() == role
            ):
                raise RoleAssignmentExists

    async def apply(self, resource: Resource, old: Resource | None) -> None:
        now = iso(self._clock.now())
        created = old.properties["createdOn"] if old else now
        known = self._directory.of_object(resource.properties["principalId"])
        resource.properties.setdefault("principalType", known.kind if known else "ServicePrincipal")
        resource.properties.update(createdOn=created, updatedOn=now)
        self._store.put(
            Roles.KIND,
            resource.key,
            {name: resource.properties.get(name) for name in _REMEMBERED},
        )

    async def remove(self, resource: Resource) -> None:
        self._store.delete(Roles.KIND, resource.key)


class RoleDefinition(ResourceKind):
    """One that somebody makes. https://learn.microsoft.com/rest/api/authorization/role-definitions"""

    type = "Microsoft.Authorization/roleDefinitions"
    tracked = False
    system_data = False
    answers_deleted = True
    provisioning_state = False
    operation = "none"
    delete_operation = "none"

    def __init__(self, store: Store) -> None:
        self._store = store

    async def check(self, new: Resource, old: Resource | None) -> None:
        properties = new.properties
        if not _GUID.fullmatch(new.name):
            raise InvalidRoleDefinition(f"The role definition ID '{new.name}' is not valid: it must be a GUID.")
        if new.name.lower() in BUILT_IN_ROLES.values():
            raise InvalidRoleDefinition("A built-in role cannot be changed.")
        for name in ("roleName", "permissions", "assignableScopes"):
            if not properties.get(name):
                raise InvalidRoleDefinition(f"The property '{name}' is required and must not be empty.")
        if not all(
            isinstance(one, dict) and set(one) <= {*_MOST_ACTIONS, "condition", "conditionVersion"}
            for one in properties["permissions"]
        ):
            raise InvalidRoleDefinition(f"permissions is a list of objects of {', '.join(_MOST_ACTIONS)}.")
        for key, other in self._store.list(Roles.CUSTOM):
            if key != new.name.lower() and other["roleName"] == properties["roleName"]:
                raise RoleDefinitionWithSameNameExists(properties["roleName"])

    async def apply(self, resource: Resource, old: Resource | None) -> None:
        resource.properties["type"] = "CustomRole"
        kept = {name: resource.properties[name] for name in ("roleName", "permissions")}
        self._store.put(Roles.CUSTOM, resource.name.lower(), kept)

    async def remove(self, resource: Resource) -> None:
        used = [one for _, one in self._store.list(Roles.KIND) if role_of(one) == resource.name.lower()]
        if used:
            raise RoleDefinitionHasAssignments
        self._store.delete(Roles.CUSTOM, resource.name.lower())


def _check_condition(properties: Mapping[str, Any]) -> None:
    condition = properties.get("condition")
    if not condition:
        properties_version = properties.get("conditionVersion")
        if properties_version:
            raise InvalidCondition("conditionVersion is given without a condition.")
        return
    if properties.get("conditionVersion") != "2.0":
        raise InvalidCondition(f"conditionVersion must be '2.0', got {properties.get('conditionVersion')!r}.")
    try:
        parse(condition)
    except ConditionError as error:
        raise InvalidCondition(str(error)) from error


def scope_of(resource: Resource) -> str:
    return resource.id[: resource.key.rindex(_MARKER)]
