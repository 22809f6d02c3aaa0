"""login.microsoftonline.com: discovery documents and the client-credentials grant, as MSAL asks for them.

https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl

from standin.core.auth import DEPLOYER_CLIENT_ID, TENANT_ID, TOKEN_LIFETIME
from standin.core.clock import iso
from standin.core.errors import BadRequest, ServiceError, Unauthorized
from standin.core.http import Request, Response, Route, WebSocketHandler, json_response
from standin.core.world import World

_HOST = "login.microsoftonline.com"


class EntraService:
    hosts: Sequence[str] = (_HOST, "login.microsoft.com")
    websockets: Mapping[str, WebSocketHandler] = {}
    throttles = False

    def __init__(self, world: World) -> None:
        self._world = world
        self.routes: Sequence[Route] = (
            Route("GET", "/common/discovery/instance", self._instances),
            Route("GET", "/{tenant}/v2.0/.well-known/openid-configuration", self._configuration),
            Route("GET", "/{tenant}/.well-known/openid-configuration", self._configuration),
            Route("POST", "/{tenant}/oauth2/v2.0/token", self._token),
            Route("POST", "/{tenant}/oauth2/token", self._token),
        )

    async def start(self) -> None:
        return None

    async def stop(self) -> None:
        return None

    def error(self, problem: ServiceError) -> Response:
        body = {
            "error": problem.details.get("error", "invalid_request"),
            "error_description": f"{problem.code}: {problem.message}",
            "error_codes": [int(problem.code.removeprefix("AADSTS") or 0)] if problem.code.startswith("AADSTS") else [],
            "timestamp": iso(self._world.clock.now()),
        }
        return json_response(body, problem.status, problem.headers)

    async def _instances(self, request: Request, _: Mapping[str, str]) -> Response:
        aliases = [_HOST, "login.microsoft.com", "login.windows.net", "sts.windows.net"]
        return json_response(
            {
                "tenant_discovery_endpoint": f"https://{_HOST}/{TENANT_ID}/v2.0/.well-known/openid-configuration",
                "api-version": "1.1",
                "metadata": [{"preferred_network": _HOST, "preferred_cache": "login.windows.net", "aliases": aliases}],
            }
        )

    async def _configuration(self, request: Request, parameters: Mapping[str, str]) -> Response:
        tenant = _known_tenant(parameters["tenant"])
        base = f"https://{_HOST}/{tenant}"
        return json_response(
            {
                "issuer": f"{base}/v2.0",
                "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
                "token_endpoint": f"{base}/oauth2/v2.0/token",
                "jwks_uri": f"{base}/discovery/v2.0/keys",
                "token_endpoint_auth_methods_supported": ["client_secret_post"],
                "response_types_supported": ["code", "id_token", "token"],
                "subject_types_supported": ["pairwise"],
                "id_token_signing_alg_values_supported": ["RS256"],
            }
        )

    async def _token(self, request: Request, parameters: Mapping[str, str]) -> Response:
        _known_tenant(parameters["tenant"])
        form = dict(parse_qsl(request.body.decode("latin-1")))
        if form.get("grant_type") != "client_credentials":
            raise BadRequest(
                f"The grant type '{form.get('grant_type')}' is not supported.",
                code="AADSTS70003",
                details={"error": "unsupported_grant_type"},
            )
        self._check_client(form)
        audience = _audience(form)
        seconds = int(TOKEN_LIFETIME.total_seconds())
        return json_response(
            {
                "token_type": "Bearer",
                "expires_in": seconds,
                "ext_expires_in": seconds,
                "access_token": self._world.directory.issue(audience),
            }
        )

    def _check_client(self, form: Mapping[str, str]) -> None:
        client = form.get("client_id", "")
        if client.lower() != DEPLOYER_CLIENT_ID:
            raise BadRequest(
                f"Application with identifier '{client}' was not found in the directory '{TENANT_ID}'.",
                code="AADSTS700016",
                details={"error": "unauthorized_client"},
            )
        secret = self._world.directory.client_secret()
        if not hmac.compare_digest(form.get("client_secret", "").encode(), secret.encode()):
            raise Unauthorized(
                "Invalid client secret provided. Ensure the secret being sent in the request is the client secret "
                f"value, not the client secret ID, for a secret added to app '{client}'.",
                code="AADSTS7000215",
                details={"error": "invalid_client"},
            )


def _known_tenant(tenant: str) -> str:
    if tenant.lower() != TENANT_ID:
        raise BadRequest(
            f"Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID.",
            code="AADSTS90002",
            details={"error": "invalid_tenant"},
        )
    return tenant


def _audience(form: Mapping[str, str]) -> str:
    if form.get("resource"):
        return form["resource"]
    scope = form.get("scope", "").split(" ")[0]
    if not scope.endswith("/.default"):
        raise BadRequest(
            f"The provided value for scope '{scope}' is not valid. Client credential flows must have a scope value "
            "with /.default suffixed to the resource identifier.",
            code="AADSTS1002012",
            details={"error": "invalid_scope"},
        )
    return scope.removesuffix("/.default")
