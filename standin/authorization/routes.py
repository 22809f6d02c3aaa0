"""Lists of role assignments and role definitions at any scope."""

from __future__ import annotations

from collections.abc import Sequence

from standin.authorization.handlers import RoleHandlers
from standin.core.http import Route
from standin.core.obeys import obeys

_ASSIGNMENTS = "/{scope:path}/providers/Microsoft.Authorization/roleAssignments"
_DEFINITIONS = "/{scope:path}/providers/Microsoft.Authorization/roleDefinitions"

_PERMISSIONS = "/{scope:path}/providers/Microsoft.Authorization/permissions"


def arm_routes(handlers: RoleHandlers) -> Sequence[Route]:
    return (
        Route("GET", _ASSIGNMENTS, handlers.assignments, obeys=obeys(query="$filter tenantId $skipToken")),
        Route("GET", _DEFINITIONS, handlers.definitions, obeys=obeys(query="$filter")),
        Route("GET", _DEFINITIONS + "/{guid}", handlers.definition),
        Route("GET", _PERMISSIONS, handlers.permissions),
    )
