"""Who may speak to the resource manager: a valid token of the right audience, and a role for what is asked.

https://learn.microsoft.com/azure/role-based-access-control/overview
"""

from __future__ import annotations

from standin.core.arm import ids
from standin.core.arm.errors import InvalidToken, MissingSubscriptionAccess
from standin.core.auth import TENANT_ID, Roles
from standin.core.http import Request

_AUDIENCES = ("https://management.azure.com", "https://management.core.windows.net")
_READERS = ("Owner", "Contributor", "Reader")
_WRITERS = ("Owner", "Contributor")
_GRANTERS = ("Owner", "Role Based Access Control Administrator")


def check_access(roles: Roles, request: Request) -> None:
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
    parts = ids.parse(request.path)
    granting = parts is not None and parts.type.lower().startswith("microsoft.authorization/")
    reading = request.method in ("GET", "HEAD")
    needed = _READERS if reading else _GRANTERS if granting else _WRITERS
    scope = request.path if parts is None or not granting else parts.parent
    if not roles.allows(principal.object_id, scope, needed):
        action = f"{parts.type if parts else request.path}/{'read' if reading else 'write'}"
        raise MissingSubscriptionAccess(principal.object_id, action, request.path)
