"""Role assignments at any scope. https://learn.microsoft.com/rest/api/authorization/role-assignments"""

from __future__ import annotations

import re

from standin.authorization.errors import (
    InvalidPrincipalId,
    InvalidRoleAssignmentId,
    RoleAssignmentExists,
    RoleAssignmentUpdateNotPermitted,
    RoleDefinitionDoesNotExist,
)
from standin.core.arm import Resource, ResourceKind
from standin.core.auth import BUILT_IN_ROLES, Roles
from standin.core.clock import Clock, iso
from standin.core.store import Store

_MARKER = "/providers/microsoft.authorization/roleassignments/"
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


class RoleAssignment(ResourceKind):
    type = "Microsoft.Authorization/roleAssignments"
    tracked = False
    provisioning_state = False
    operation = "none"
    delete_operation = "none"

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def check(self, new: Resource, old: Resource | None) -> None:
        if not _GUID.fullmatch(new.name):
            raise InvalidRoleAssignmentId(new.name)
        principal = new.properties.get("principalId")
        if not isinstance(principal, str) or not _GUID.fullmatch(principal):
            raise InvalidPrincipalId(principal)
        role = str(new.properties.get("roleDefinitionId", "")).rsplit("/", 1)[-1].lower()
        if role not in BUILT_IN_ROLES.values():
            raise RoleDefinitionDoesNotExist(role.replace("-", ""))
        new.properties["scope"] = scope_of(new)
        self._check_same(new, old)
        self._check_unique(new, role)

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
        resource.properties.setdefault("principalType", "ServicePrincipal")
        resource.properties.update(createdOn=created, updatedOn=now)
        self._store.put(
            Roles.KIND,
            resource.key,
            {
                name: resource.properties[name]
                for name in ("scope", "principalId", "roleDefinitionId", "principalType", "createdOn")
            },
        )

    async def remove(self, resource: Resource) -> None:
        self._store.delete(Roles.KIND, resource.key)


def scope_of(resource: Resource) -> str:
    return resource.id[: resource.key.rindex(_MARKER)]
