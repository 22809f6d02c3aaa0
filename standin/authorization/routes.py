"""Lists of role assignments and role definitions at any scope."""

from __future__ import annotations

from collections.abc import Sequence

from standin.authorization.handlers import RoleHandlers
from standin.core.http import Route

_ASSIGNMENTS = "/{scope:path}/providers/Microsoft.Authorization/roleAssignments"
_DEFINITIONS = "/{scope:path}/providers/Microsoft.Authorization/roleDefinitions"

_PERMISSIONS = "/{scope:path}/providers/Microsoft.Authorization/permissions"


def arm_routes(handlers: RoleHandlers) -> Sequence[Route]:
    return (
        Route("GET", _ASSIGNMENTS, handlers.assignments),
        Route("GET", _DEFINITIONS, handlers.definitions),
        Route("GET", _DEFINITIONS + "/{guid}", handlers.definition),
        Route("GET", _PERMISSIONS, handlers.permissions),
    )
