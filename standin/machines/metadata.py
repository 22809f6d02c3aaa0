"""The metadata service of a machine: tokens of the identities that are its own, and of no other.

https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token
https://learn.microsoft.com/azure/virtual-machines/instance-metadata-service
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from standin.core.arm import Arm, Resource
from standin.core.auth import TOKEN_LIFETIME, TokenIssuer
from standin.core.clock import Clock
from standin.core.errors import BadRequest, NotFound, ServiceError
from standin.core.http import Request, Response, Route, Service, json_response
from standin.core.obeys import obeys
from standin.machines.guest.fabric import METADATA
from standin.machines.records import Records

VERSIONS = (
    "2018-02-01",
    "2019-08-01",
    "2019-11-01",
    "2020-06-01",
    "2020-09-01",
    "2021-01-01",
    "2021-02-01",
    "2021-12-13",
)
_SELECTORS = {"client_id": "clientId", "object_id": "principalId", "msi_res_id": "id", "mi_res_id": "id"}


class MetadataService(Service):
    hosts = (METADATA,)
    throttles = False

    def __init__(self, records: Records, arm: Arm, issuer: TokenIssuer, clock: Clock) -> None:
        self._records = records
        self._arm = arm
        self._issuer = issuer
        self._clock = clock
        self.routes = (
            Route(
                "GET",
                "/metadata/identity/oauth2/token",
                self._token,
                obeys=obeys(query=f"api-version resource {' '.join(_SELECTORS)}", headers="metadata x-forwarded-for"),
            ),
        )

    def error(self, problem: ServiceError) -> Response:
        return json_response(
            {"error": problem.details.get("error", "invalid_request"), "error_description": problem.message},
            problem.status,
            {"x-ms-error-code": problem.code},
        )

    async def _token(self, request: Request, _: Mapping[str, str]) -> Response:
        identities = self._identities(request)
        _check(request)
        who = _chosen(identities, request.query)
        resource, seconds = request.query["resource"], int(TOKEN_LIFETIME.total_seconds())
        now = int(self._clock.timestamp())
        properties = who.body["properties"]
        token = self._issuer.issue(
            resource,
            object_id=properties["principalId"],
            client_id=properties["clientId"],
            kind="ManagedIdentity",
        )
        return json_response(
            {
                "access_token": token,
                "client_id": properties["clientId"],
                "expires_in": str(seconds),
                "expires_on": str(now + seconds),
                "ext_expires_in": str(seconds),
                "not_before": str(now - 300),
                "resource": resource,
                "token_type": "Bearer",
            }
        )

    def _identities(self, request: Request) -> list[Resource]:
        """Those of the machine that the request came from; to nobody else is there such an address."""
        record = self._records.get(request.machine)
        if record is None:
            raise NotFound(f"There is no {METADATA} but beside a virtual machine.")
        found = (self._arm.get(identity) for identity in record.identities)
        return [identity for identity in found if identity is not None]


def _check(request: Request) -> None:
    if request.headers.get("metadata", "").lower() != "true":
        raise BadRequest("Required metadata header not specified")
    if "x-forwarded-for" in request.headers:
        raise BadRequest("Requests with an X-Forwarded-For header are refused")
    if (version := request.query.get("api-version", "")) not in VERSIONS:
        raise BadRequest(f"api-version is {version!r}; allowed are {', '.join(VERSIONS)}")
    if not request.query.get("resource"):
        raise BadRequest("Required audience parameter not specified")


def _chosen(identities: Sequence[Resource], query: Mapping[str, str]) -> Resource:
    asked = {_SELECTORS[name]: value.lower() for name, value in query.items() if name in _SELECTORS}
    matching = [one for one in identities if all(_value(one, name).lower() == value for name, value in asked.items())]
    if not matching:
        raise BadRequest("Identity not found")
    if len(matching) > 1:
        raise BadRequest(
            "Multiple user assigned identities exist, please specify the clientId / resourceId of the identity in the "
            "token request"
        )
    return matching[0]


def _value(identity: Resource, name: str) -> str:
    properties: dict[str, Any] = identity.body["properties"]
    return identity.id if name == "id" else str(properties[name])
