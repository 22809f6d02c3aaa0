"""Discovery documents and the client-credentials grant, as MSAL asks for them.

https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from urllib.parse import parse_qsl

from standin.core.auth import TENANT_ID, TOKEN_LIFETIME, TokenIssuer
from standin.core.directory import KINDS, Directory, Registered
from standin.core.errors import BadRequest
from standin.core.http import Request, Response, json_response
from standin.entra.errors import InvalidScope, UnknownClient, UnknownTenant, UnsupportedGrant, WrongSecret
from standin.entra.state import ASSERTION_TYPE, Federation

HOST = "login.microsoftonline.com"
_MANY_TENANTS = ("common", "organizations")


class SignInHandlers:
    def __init__(self, issuer: TokenIssuer, directory: Directory, federation: Federation) -> None:
        self._issuer = issuer
        self._directory = directory
        self._federation = federation

    async def instances(self, request: Request, _: Mapping[str, str]) -> Response:
        aliases = [HOST, "login.microsoft.com", "login.windows.net", "sts.windows.net"]
        return json_response(
            {
                "tenant_discovery_endpoint": f"https://{HOST}/{TENANT_ID}/v2.0/.well-known/openid-configuration",
                "api-version": "1.1",
                "metadata": [{"preferred_network": HOST, "preferred_cache": "login.windows.net", "aliases": aliases}],
            }
        )

    async def configuration(self, request: Request, parameters: Mapping[str, str]) -> Response:
        """Of a tenant, and of "whose tenant is not known yet", which the CLI asks for when it signs out."""
        many = parameters["tenant"].lower() in _MANY_TENANTS
        tenant = parameters["tenant"].lower() if many else _known_tenant(parameters["tenant"])
        base = f"https://{HOST}/{tenant}"
        return json_response(
            {
                "issuer": f"https://{HOST}/{{tenantid}}/v2.0" if many else f"{base}/v2.0",
                "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
                "token_endpoint": f"{base}/oauth2/v2.0/token",
                "jwks_uri": f"{base}/discovery/v2.0/keys",
                "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
                "response_types_supported": ["code", "id_token", "token"],
                "subject_types_supported": ["pairwise"],
                "id_token_signing_alg_values_supported": ["RS256"],
            }
        )

    async def token(self, request: Request, parameters: Mapping[str, str]) -> Response:
        _known_tenant(parameters["tenant"])
        form = dict(parse_qsl(request.body.decode("latin-1")))
        if form.get("grant_type") != "client_credentials":
            raise UnsupportedGrant(form.get("grant_type"))
        who = self._client(form)
        audience = _audience(form)
        seconds = int(TOKEN_LIFETIME.total_seconds())
        return json_response(
            {
                "token_type": "Bearer",
                "expires_in": seconds,
                "ext_expires_in": seconds,
                "access_token": self._issuer.issue(
                    audience,
                    object_id=who.object_id,
                    client_id=who.client_id,
                    kind="User" if who.kind == "User" else "",
                ),
            }
        )

    async def register(self, request: Request, _: Mapping[str, str]) -> Response:
        """POST /_standin/principals {"name": "ci", "kind": "ServicePrincipal" or "User"}"""
        given = request.json_object()
        name, kind = given.get("name"), given.get("kind", "ServicePrincipal")
        known = next((one for one in KINDS if one == kind), None)
        if not isinstance(name, str) or not name or known is None:
            raise BadRequest(f"A principal has a name and is one of {', '.join(KINDS)}; got {given!r}.")
        made = self._directory.register(name, known)
        who = {"objectId": made.object_id, "clientId": made.client_id, "clientSecret": made.client_secret}
        return json_response({"name": made.name, "kind": made.kind, **who})

    async def job_token(self, request: Request, _: Mapping[str, str]) -> Response:
        """What a job of GitHub Actions asks for at ACTIONS_ID_TOKEN_REQUEST_URL, with its request token: here the
        control surface's own, as an assertion signs its bearer in."""
        given = request.headers.get("authorization", "").encode()
        if not hmac.compare_digest(given, f"Bearer {self._issuer.control_token()}".encode()):
            return json_response({"message": "Unauthorized"}, 401)
        return json_response({"value": self._federation.job_token(request.query.get("audience", ""))})

    def _client(self, form: Mapping[str, str]) -> Registered:
        client = form.get("client_id", "")
        known = self._directory.of_client(client)
        if known is None:
            raise UnknownClient(client, TENANT_ID)
        if form.get("client_assertion_type") == ASSERTION_TYPE:
            self._federation.check(form.get("client_assertion", ""))
            return known
        if not hmac.compare_digest(form.get("client_secret", "").encode(), known.client_secret.encode()):
            raise WrongSecret(client)
        return known


def _known_tenant(tenant: str) -> str:
    if tenant.lower() != TENANT_ID:
        raise UnknownTenant(tenant)
    return tenant


def _audience(form: Mapping[str, str]) -> str:
    if form.get("resource"):
        return form["resource"]
    scope = form.get("scope", "").split(" ")[0]
    if not scope.endswith("/.default"):
        raise InvalidScope(scope)
    return scope.removesuffix("/.default")
