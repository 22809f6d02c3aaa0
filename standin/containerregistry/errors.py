"""Refusals of the registry: those of its token service, and those of its ARM resources.

ServiceError
├── NotAuthenticated 401      ├── RegistryUnavailable 503      ├── TokenNotActive 409
└── BadRequest 400
    ├── InvalidTokenRequest   ├── AdminUserDisabled
    └── InvalidRegistry
"""

from __future__ import annotations

from standin.core.errors import BadRequest, Conflict, ServiceError, Unauthorized
from standin.core.http import Response, json_response


class NotAuthenticated(Unauthorized):
    code = "UNAUTHORIZED"

    def __init__(self) -> None:
        # One text for every reason, as Azure's: who guesses learns nothing.
        super().__init__("authentication required, visit https://aka.ms/acr/authorization for more information.")


class InvalidTokenRequest(BadRequest):
    code = "BAD_REQUEST"


class RegistryUnavailable(ServiceError):
    status = 503
    code = "RegistryUnavailable"


class InvalidRegistry(BadRequest):
    code = "InvalidRequest"


class AdminUserDisabled(BadRequest):
    code = "UnAuthorizedForCredentialOperations"

    def __init__(self, registry_id: str) -> None:
        super().__init__(
            f"Cannot perform credential operations for {registry_id} as admin user is disabled. Kindly enable admin "
            "user as per docs: "
            "https://docs.microsoft.com/en-us/azure/container-registry/container-registry-authentication#admin-account"
        )


class TokenNotActive(Conflict):
    code = "TokenNotActive"

    def __init__(self, name: str) -> None:
        super().__init__(f"The token {name} is not in an active state.")


def envelope(problem: ServiceError) -> Response:
    """The registry protocol's own: https://distribution.github.io/distribution/spec/api/#errors"""
    body = {"errors": [{"code": problem.code, "message": problem.message}]}
    return json_response(body, problem.status, problem.headers)
