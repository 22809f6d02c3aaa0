"""Entra's refusals. https://learn.microsoft.com/entra/identity-platform/reference-error-codes

BadRequest 400
├── UnsupportedGrant, UnknownClient, UnknownTenant, InvalidScope
Unauthorized 401
└── WrongSecret, AssertionExpired, AssertionUnknown, SubjectUnknown
"""

from __future__ import annotations

from datetime import datetime

from standin.core.clock import iso
from standin.core.errors import BadRequest, ServiceError, Unauthorized
from standin.core.http import Response, json_response


class UnsupportedGrant(BadRequest):
    def __init__(self, grant: str | None) -> None:
        super().__init__(
            f"The grant type '{grant}' is not supported.",
            code="AADSTS70003",
            details={"error": "unsupported_grant_type"},
        )


class UnknownClient(BadRequest):
    def __init__(self, client: str, tenant: str) -> None:
        super().__init__(
            f"Application with identifier '{client}' was not found in the directory '{tenant}'.",
            code="AADSTS700016",
            details={"error": "unauthorized_client"},
        )


class WrongSecret(Unauthorized):
    def __init__(self, client: str) -> None:
        super().__init__(
            "Invalid client secret provided. Ensure the secret being sent in the request is the client secret "
            f"value, not the client secret ID, for a secret added to app '{client}'.",
            code="AADSTS7000215",
            details={"error": "invalid_client"},
        )


class AssertionExpired(Unauthorized):
    def __init__(self, now: datetime) -> None:
        super().__init__(
            f"Client assertion is not within its valid time range. Current time: {iso(now)}.",
            code="AADSTS700024",
            details={"error": "invalid_client"},
        )


class AssertionUnknown(Unauthorized):
    def __init__(self) -> None:
        super().__init__(
            "Client assertion failed signature validation.", code="AADSTS700027", details={"error": "invalid_client"}
        )


class SubjectUnknown(Unauthorized):
    def __init__(self, subject: str) -> None:
        super().__init__(
            f"No matching federated identity record found for presented assertion subject '{subject}'.",
            code="AADSTS700213",
            details={"error": "invalid_client"},
        )


class UnknownTenant(BadRequest):
    def __init__(self, tenant: str) -> None:
        super().__init__(
            f"Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID.",
            code="AADSTS90002",
            details={"error": "invalid_tenant"},
        )


class InvalidScope(BadRequest):
    def __init__(self, scope: str) -> None:
        super().__init__(
            f"The provided value for scope '{scope}' is not valid. Client credential flows must have a scope value "
            "with /.default suffixed to the resource identifier.",
            code="AADSTS1002012",
            details={"error": "invalid_scope"},
        )


def envelope(problem: ServiceError, now: datetime) -> Response:
    body = {
        "error": problem.details.get("error", "invalid_request"),
        "error_description": f"{problem.code}: {problem.message}",
        "error_codes": [int(problem.code.removeprefix("AADSTS") or 0)] if problem.code.startswith("AADSTS") else [],
        "timestamp": iso(now),
    }
    return json_response(body, problem.status, problem.headers)
