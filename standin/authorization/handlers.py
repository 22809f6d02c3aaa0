"""Translates the lists of role assignments and definitions. https://learn.microsoft.com/rest/api/authorization/"""

from __future__ import annotations

import re
from collections.abc import Mapping

from standin.authorization.definitions import role_definition, role_definitions
from standin.authorization.errors import RoleDefinitionDoesNotExist
from standin.authorization.kinds import RoleAssignment, scope_of
from standin.core.arm import Arm
from standin.core.arm.rendering import render
from standin.core.http import Request, Response, json_response

_OF_PRINCIPAL = re.compile(r"(?:principalId|assignedTo)\s*(?:eq\s*|\()'([^']+)'")


class RoleHandlers:
    def __init__(self, arm: Arm, kind: RoleAssignment) -> None:
        self._arm = arm
        self._kind = kind

    async def assignments(self, request: Request, parameters: Mapping[str, str]) -> Response:
        """At the scope and above it; below it too unless `$filter=atScope()`."""
        scope = "/" + parameters["scope"].strip("/").lower()
        condition = request.query.get("$filter", "")
        asked = _OF_PRINCIPAL.search(condition)
        answered = []
        for assignment in self._arm.list(self._kind.type):
            own = scope_of(assignment).lower()
            above = scope == own or scope.startswith(own + "/")
            below = own.startswith(scope + "/") and "atscope()" not in condition.lower()
            of_principal = asked is None or assignment.properties["principalId"].lower() == asked[1].lower()
            if (above or below) and of_principal:
                answered.append(render(self._kind, assignment))
        return json_response({"value": answered})

    async def definitions(self, request: Request, parameters: Mapping[str, str]) -> Response:
        scope = "/" + parameters["scope"].strip("/")
        return json_response({"value": role_definitions(scope, request.query.get("$filter", ""))})

    async def definition(self, request: Request, parameters: Mapping[str, str]) -> Response:
        definition = role_definition("/" + parameters["scope"].strip("/"), parameters["guid"])
        if definition is None:
            raise RoleDefinitionDoesNotExist(parameters["guid"])
        return json_response(definition)
