"""Who may do what on a hub's service API: rights of shared access policies, roles of Entra principals.

https://learn.microsoft.com/azure/iot-hub/authenticate-authorize-sas#service-access
https://learn.microsoft.com/azure/iot-hub/authenticate-authorize-azure-ad
"""

from __future__ import annotations

from dataclasses import dataclass

from standin.core.auth import Roles
from standin.core.http import Request
from standin.iothub.hub import Hub
from standin.iothub.kernel.errors import Unauthorized
from standin.iothub.kernel.hub_record import REGISTRY_READ, REGISTRY_WRITE, SERVICE
from standin.iothub.kernel.tokens import TokenError, parse_token

_AUDIENCE = "https://iothubs.azure.net"
_CONTRIBUTOR, _READER = "IoT Hub Data Contributor", "IoT Hub Data Reader"
_REGISTRY, _TWINS = "IoT Hub Registry Contributor", "IoT Hub Twin Contributor"


@dataclass(frozen=True, slots=True)
class Permission:
    """The right that a shared access policy must have, and the roles of which a principal must hold one."""

    right: str
    roles: tuple[str, ...]


READ_IDENTITIES = Permission(REGISTRY_READ, (_CONTRIBUTOR, _READER, _REGISTRY))
WRITE_IDENTITIES = Permission(REGISTRY_WRITE, (_CONTRIBUTOR, _REGISTRY))
READ_TWINS = Permission(SERVICE, (_CONTRIBUTOR, _READER, _TWINS))
WRITE_TWINS = Permission(SERVICE, (_CONTRIBUTOR, _TWINS))
INVOKE_METHODS = Permission(SERVICE, (_CONTRIBUTOR,))
# neither the Registry nor the Twin Contributor has configurations/*
READ_CONFIGURATIONS = Permission(REGISTRY_READ, (_CONTRIBUTOR, _READER))
WRITE_CONFIGURATIONS = Permission(REGISTRY_WRITE, (_CONTRIBUTOR,))
READ_SERVICE = Permission(SERVICE, (_CONTRIBUTOR, _READER))


def authorize(roles: Roles, hub: Hub, request: Request, permission: Permission) -> None:
    """Raises Unauthorized; the reason says which check failed, never what was expected of a signature."""
    authorization = request.headers.get("authorization", "")
    if authorization.startswith("Bearer "):
        _check_principal(roles, hub, request, permission)
    else:
        _check_signature(hub, authorization, permission)


def _check_principal(roles: Roles, hub: Hub, request: Request, permission: Permission) -> None:
    principal = request.principal
    if principal is None or principal.audience != _AUDIENCE:
        raise Unauthorized(f"Unauthorized: a valid token for {_AUDIENCE} is needed.")
    if not roles.allows(principal.object_id, hub.record.resource_id, permission.roles):
        raise Unauthorized(
            f"Principal {principal.object_id} is not authorized on {hub.record.resource_id}: "
            f"it needs one of the roles {', '.join(permission.roles)}."
        )


def _check_signature(hub: Hub, authorization: str, permission: Permission) -> None:
    try:
        token = parse_token(authorization)
        if not token.covers(hub.host):
            raise TokenError(f"The token is for another resource than {hub.host}.")
        keys = hub.record.policy_keys(token.policy or "", permission.right)
        if not keys:
            raise TokenError(f"The token's policy is unknown, disabled or lacks the right {permission.right}.")
        token.check(keys)
    except TokenError as error:
        raise Unauthorized(f"Unauthorized: {error}") from error


def authorize_device(hub: Hub, request: Request, device: str, module: str | None) -> None:
    below = "" if module is None else f"/modules/{module}"
    if not hub.check_token(f"{hub.host}/devices/{device}{below}", request.headers.get("authorization", "")):
        raise Unauthorized("Unauthorized")


def is_device(hub: Hub, request: Request, device: str) -> bool:
    """Whether the request carries a token that was signed with the device's own key."""
    return hub.check_token(f"{hub.host}/devices/{device}", request.headers.get("authorization", ""))
