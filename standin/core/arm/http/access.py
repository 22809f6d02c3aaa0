"""Who may speak to the resource manager: a valid token of the right audience, and a role for what is asked.

https://learn.microsoft.com/azure/role-based-access-control/overview
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from standin.core.arm.errors import InvalidToken, NotAuthorized
from standin.core.arm.http.actions import action_of
from standin.core.auth import TENANT_ID, Principal, Roles
from standin.core.http import Request
from standin.core.rbac.conditions import Asked

_AUDIENCES = ("https://management.azure.com", "https://management.core.windows.net")
_ASSIGNMENT = "microsoft.authorization/roleassignments/"
# Where operations of resources in a group are followed: their status is for whoever may do anything there.
_STATUS = re.compile(
    r"(.*)/providers/(?!Microsoft\.KeyVault/)[^/]+/locations/[^/]+/(?:mfe)?operation(Statuses|Results)/[^/]+", re.I
)


def check_access(roles: Roles, request: Request) -> None:
    principal = _principal(request)
    action = action_of(request.method, request.path)
    if action is None:
        return
    if (status := _STATUS.fullmatch(request.path)) and roles.reaches(principal.object_id, status[1]):
        return
    asked = Asked(action=action, request=_asked_of(request, action), resource=_there(roles, request, action))
    if not roles.permits(asked, principal.object_id, request.path):
        raise NotAuthorized(principal.object_id, action, request.path)


def _principal(request: Request) -> Principal:
    principal = request.principal
    if principal is None:
        if "authorization" in request.headers:
            raise InvalidToken("The access token is invalid or has expired.")
        problem = InvalidToken("Authentication failed. The 'Authorization' header is missing.")
        problem.code = "AuthenticationFailed"
        problem.headers["WWW-Authenticate"] = (
            f'Bearer authorization_uri="https://login.microsoftonline.com/{TENANT_ID}", error="invalid_token"'
        )
        raise problem
    if principal.audience not in _AUDIENCES:
        problem = InvalidToken(
            "The access token has been obtained for wrong audience or resource "
            f"'{principal.audience}'. It should exactly match with one of the allowed audiences "
            f"'{_AUDIENCES[1]}/','{_AUDIENCES[0]}/'."
        )
        problem.code = "InvalidAuthenticationTokenAudience"
        raise problem
    return principal


def _asked_of(request: Request, action: str) -> dict[str, str]:
    if not action.lower().startswith(_ASSIGNMENT + "write"):
        return {}
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError):
        return {}
    properties = body.get("properties") if isinstance(body, dict) else None
    return _attributes(properties) if isinstance(properties, dict) else {}


def _there(roles: Roles, request: Request, action: str) -> dict[str, str]:
    if not action.lower().startswith(_ASSIGNMENT):
        return {}
    return _attributes(roles.assignment(request.path.rstrip("/")) or {})


def _attributes(properties: Mapping[str, Any]) -> dict[str, str]:
    """As conditions name them; what a body leaves out is no attribute, though Azure looks it up afterwards."""
    found = {name.lower(): str(properties[name]) for name in ("principalType", "principalId") if properties.get(name)}
    if role := properties.get("roleDefinitionId"):
        found["roledefinitionid"] = str(role).rpartition("/")[2]
    return found
