"""Translates the lists of role assignments and definitions. https://learn.microsoft.com/rest/api/authorization/"""

from __future__ import annotations

import re
from collections.abc import Mapping

from standin.authorization.definitions import role_definition, role_definitions, selected
from standin.authorization.errors import RoleDefinitionDoesNotExist, UnsupportedQuery
from standin.authorization.kinds import RoleAssignment, RoleDefinition, scope_of
from standin.core.arm import Arm, Resource
from standin.core.arm.rendering import render
from standin.core.auth import TENANT_ID, Roles
from standin.core.http import Request, Response, json_response

_CLAUSE = re.compile(
    r"(?P<here>atScope\(\))|principalId\s+eq\s+'(?P<held>[^']+)'|assignedTo\(\s*'(?P<assigned>[^']+)'\s*\)", re.I
)


class RoleHandlers:
    def __init__(self, arm: Arm, kind: RoleAssignment, definitions: RoleDefinition, roles: Roles) -> None:
        self._arm = arm
        self._kind = kind
        self._definitions = definitions
        self._roles = roles

    async def assignments(self, request: Request, parameters: Mapping[str, str]) -> Response:
        """At the scope and above it; below it too unless `$filter=atScope()`."""
        scope = "/" + parameters["scope"].strip("/").lower()
        if request.query.get("tenantId", TENANT_ID) != TENANT_ID or "$skipToken" in request.query:
            raise UnsupportedQuery(request.raw_query)
        here, principal = _filter(request.query.get("$filter"))
        answered = []
        for assignment in self._arm.list(self._kind.type):
            own = scope_of(assignment).lower()
            above = _covers(own, scope)
            below = own.startswith(scope + "/") and not here
            of_principal = principal is None or assignment.properties["principalId"].lower() == principal
            if (above or below) and of_principal:
                answered.append(render(self._kind, assignment))
        return json_response({"value": answered})

    async def definitions(self, request: Request, parameters: Mapping[str, str]) -> Response:
        """Built in, and those that were made at the scope or above it."""
        scope = "/" + parameters["scope"].strip("/")
        made = [render(self._definitions, one) for one in self._made() if _covers(scope_of(one), scope)]
        all_of_them = [*role_definitions(scope), *made]
        return json_response({"value": selected(all_of_them, request.query.get("$filter", ""))})

    async def definition(self, request: Request, parameters: Mapping[str, str]) -> Response:
        guid = parameters["guid"].lower()
        made = next((one for one in self._made() if one.name.lower() == guid), None)
        definition = role_definition("/" + parameters["scope"].strip("/"), guid)
        if made is not None:
            definition = render(self._definitions, made)
        if definition is None:
            raise RoleDefinitionDoesNotExist(guid)
        return json_response(definition)

    async def permissions(self, request: Request, parameters: Mapping[str, str]) -> Response:
        """What the caller may do at the scope, one entry for each of its assignments."""
        caller = request.principal.object_id if request.principal else ""
        held = self._roles.permissions(caller, "/" + parameters["scope"].strip("/"))
        return json_response({"value": [permissions.body() for permissions, _ in held]})

    def _made(self) -> list[Resource]:
        return self._arm.list(self._definitions.type)


def _filter(text: str | None) -> tuple[bool, str | None]:
    """Whether at the scope and above alone, and of which principal."""
    here, principal = False, None
    for clause in re.split(r"\s+and\s+", text.strip(), flags=re.I) if text is not None else ():
        found = _CLAUSE.fullmatch(clause)
        if found is None:
            raise UnsupportedQuery(text)
        here = here or found["here"] is not None
        principal = (found["held"] or found["assigned"] or principal or "").lower() or None
    return here, principal


def _covers(own: str, scope: str) -> bool:
    own, scope = own.lower(), scope.lower()
    return scope == own or scope.startswith(own + "/")
