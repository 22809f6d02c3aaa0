"""Refusals of role assignments. https://learn.microsoft.com/azure/role-based-access-control/troubleshooting

ServiceError
├── InvalidRoleAssignmentId, InvalidPrincipalId, RoleAssignmentUpdateNotPermitted 400
├── RoleDefinitionDoesNotExist 404
└── RoleAssignmentExists 409
"""

from __future__ import annotations

from standin.core.errors import BadRequest, Conflict, NotFound


class InvalidRoleAssignmentId(BadRequest):
    code = "InvalidRoleAssignmentId"

    def __init__(self, name: str) -> None:
        super().__init__(f"The role assignment ID '{name}' is not valid. The role assignment ID must be a GUID.")


class InvalidPrincipalId(BadRequest):
    code = "InvalidPrincipalId"

    def __init__(self, principal: object) -> None:
        super().__init__(f"Principal '{principal}' is not valid: it must be the object id (a GUID) of a principal.")


class RoleAssignmentUpdateNotPermitted(BadRequest):
    code = "RoleAssignmentUpdateNotPermitted"

    def __init__(self) -> None:
        super().__init__("Tenant ID, application ID, principal ID, and scope are not allowed to be updated.")


class RoleDefinitionDoesNotExist(NotFound):
    code = "RoleDefinitionDoesNotExist"

    def __init__(self, definition: str) -> None:
        super().__init__(f"The specified role definition with ID '{definition}' does not exist.")


class RoleAssignmentExists(Conflict):
    code = "RoleAssignmentExists"

    def __init__(self) -> None:
        super().__init__("The role assignment already exists.")
