"""Refusals of role assignments. https://learn.microsoft.com/azure/role-based-access-control/troubleshooting

ServiceError
├── InvalidRoleAssignmentId, InvalidPrincipalId, RoleAssignmentUpdateNotPermitted 400
├── UnmatchedPrincipalType, InvalidCondition, InvalidRoleDefinition, RoleDefinitionHasAssignments 400
├── RoleDefinitionDoesNotExist, RoleAssignmentNotFound 404
└── RoleAssignmentExists, RoleDefinitionWithSameNameExists 409
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


class RoleAssignmentNotFound(NotFound):
    code = "RoleAssignmentNotFound"

    def __init__(self, name: str) -> None:
        super().__init__(f"The role assignment '{name.replace('-', '')}' is not found.")


class RoleAssignmentExists(Conflict):
    code = "RoleAssignmentExists"

    def __init__(self) -> None:
        super().__init__("The role assignment already exists.")


class UnmatchedPrincipalType(BadRequest):
    code = "UnmatchedPrincipalType"

    def __init__(self, principal: str, kind: str, given: object) -> None:
        super().__init__(
            f"The PrincipalId '{principal.replace('-', '')}' has type '{kind}', which is different from specified "
            f"PrincipalType '{given}'."
        )


class InvalidCondition(BadRequest):
    code = "InvalidCondition"

    def __init__(self, reason: str) -> None:
        super().__init__(f"The condition of the role assignment is not valid: {reason}")


class InvalidRoleDefinition(BadRequest):
    code = "InvalidRoleDefinition"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)


class RoleDefinitionHasAssignments(BadRequest):
    code = "RoleDefinitionHasAssignments"

    def __init__(self) -> None:
        super().__init__("There are existing role assignments referencing role.")


class RoleDefinitionWithSameNameExists(Conflict):
    code = "RoleDefinitionWithSameNameExists"

    def __init__(self, name: str) -> None:
        super().__init__(f"A custom role with the same name already exists in this directory. Role name: '{name}'.")


class UnsupportedQuery(BadRequest):
    code = "UnsupportedQuery"

    def __init__(self, text: object) -> None:
        super().__init__(
            f"The filter '{text}' is not supported. Supported filters are either 'atScope()' or "
            "'principalId eq '{value}' or assignedTo('{value}')'."
        )
