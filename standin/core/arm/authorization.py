"""Role assignments at any scope, and the built-in role definitions.

https://learn.microsoft.com/rest/api/authorization/
"""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING, Any

from standin.core.arm.kinds import Resource, ResourceKind
from standin.core.auth import BUILT_IN_ROLES, Roles
from standin.core.clock import iso
from standin.core.errors import BadRequest, Conflict, NotFound

if TYPE_CHECKING:
    from standin.core.world import World

ASSIGNMENT_TYPE = "Microsoft.Authorization/roleAssignments"
_MARKER = "/providers/microsoft.authorization/roleassignments/"
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


class RoleAssignment(ResourceKind):
    type = ASSIGNMENT_TYPE
    tracked = False
    provisioning_state = False
    operation = "none"
    delete_operation = "none"

    async def check(self, world: World, new: Resource, old: Resource | None) -> None:
        if not _GUID.fullmatch(new.name):
            raise BadRequest(
                f"The role assignment ID '{new.name}' is not valid. The role assignment ID must be a GUID.",
                code="InvalidRoleAssignmentId",
            )
        principal = new.properties.get("principalId")
        if not isinstance(principal, str) or not _GUID.fullmatch(principal):
            raise BadRequest(
                f"Principal '{principal}' is not valid: it must be the object id (a GUID) of a principal.",
                code="InvalidPrincipalId",
            )
        role = str(new.properties.get("roleDefinitionId", "")).rsplit("/", 1)[-1].lower()
        if role not in BUILT_IN_ROLES.values():
            raise NotFound(
                f"The specified role definition with ID '{role.replace('-', '')}' does not exist.",
                code="RoleDefinitionDoesNotExist",
            )
        new.properties["scope"] = scope_of(new)
        self._check_same(new, old)
        self._check_unique(world, new, role)

    def _check_same(self, new: Resource, old: Resource | None) -> None:
        for name in ("principalId", "roleDefinitionId"):
            if old is not None and str(old.properties[name]).lower() != str(new.properties[name]).lower():
                raise BadRequest(
                    "Tenant ID, application ID, principal ID, and scope are not allowed to be updated.",
                    code="RoleAssignmentUpdateNotPermitted",
                )

    def _check_unique(self, world: World, new: Resource, role: str) -> None:
        for key, other in world.store.list(Roles.KIND):
            if (
                key != new.key
                and other["scope"].lower() == new.properties["scope"].lower()
                and other["principalId"].lower() == new.properties["principalId"].lower()
                and other["roleDefinitionId"].rsplit("/", 1)[-1].lower() == role
            ):
                raise Conflict("The role assignment already exists.", code="RoleAssignmentExists")

    async def apply(self, world: World, resource: Resource, old: Resource | None) -> None:
        created = old.properties["createdOn"] if old else iso(world.clock.now())
        resource.properties.setdefault("principalType", "ServicePrincipal")
        resource.properties.update(createdOn=created, updatedOn=iso(world.clock.now()))
        world.store.put(
            Roles.KIND,
            resource.key,
            {
                name: resource.properties[name]
                for name in ("scope", "principalId", "roleDefinitionId", "principalType", "createdOn")
            },
        )

    async def remove(self, world: World, resource: Resource) -> None:
        world.store.delete(Roles.KIND, resource.key)


def scope_of(resource: Resource) -> str:
    return resource.id[: resource.key.rindex(_MARKER)]


def role_definition(scope: str, guid: str) -> dict[str, Any] | None:
    for name, known in BUILT_IN_ROLES.items():
        if known == guid.lower():
            return _definition(scope, name, known)
    return None


def role_definitions(scope: str, condition: str) -> list[dict[str, Any]]:
    """`$filter=roleName eq 'AcrPull'` or all."""
    wanted = re.fullmatch(r"\s*roleName\s+eq\s+'([^']*)'\s*", condition)
    return [_definition(scope, n, guid) for n, guid in BUILT_IN_ROLES.items() if wanted is None or wanted[1] == n]


def _definition(scope: str, name: str, guid: str) -> dict[str, Any]:
    return {
        "id": f"{scope}/providers/Microsoft.Authorization/roleDefinitions/{guid}",
        "type": "Microsoft.Authorization/roleDefinitions",
        "name": str(uuid.UUID(guid)),
        "properties": {
            "roleName": name,
            "type": "BuiltInRole",
            "description": "",
            "assignableScopes": ["/"],
            "permissions": [{"actions": [], "notActions": [], "dataActions": [], "notDataActions": []}],
        },
    }
