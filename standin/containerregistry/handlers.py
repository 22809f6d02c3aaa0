"""The token service as HTTP: Docker's token endpoint and ACR's exchange, at one address for all registries here.

https://distribution.github.io/distribution/spec/auth/token/ (GET), .../spec/auth/oauth/ (POST),
https://github.com/Azure/acr/blob/main/docs/AAD-OAuth.md (exchange).
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from urllib.parse import parse_qs

from standin.containerregistry.errors import InvalidTokenRequest, NotAuthenticated
from standin.containerregistry.scopes import Scope, parse_scopes
from standin.containerregistry.signer import ACCESS_TOKEN_S
from standin.containerregistry.state import Registries
from standin.core.arm import Resource
from standin.core.http import Request, Response, json_response


class TokenHandlers:
    def __init__(self, registries: Registries) -> None:
        self._registries = registries

    async def token_for_password(self, request: Request, _: Mapping[str, str]) -> Response:
        """GET /oauth2/token, Basic: a token's password, or a refresh token under the all-zero user name."""
        fields = parse_qs(request.raw_query)
        registry = self._registry(fields)
        user, password = _basic(request.headers.get("authorization", ""))
        subject = self._registries.authenticate(registry, user, password)
        return self._answer(registry, subject, _scopes(fields))

    async def token_for_refresh_token(self, request: Request, _: Mapping[str, str]) -> Response:
        """POST /oauth2/token: grant_type=refresh_token."""
        fields = _form(request)
        _expect(fields, "grant_type", "refresh_token")
        registry = self._registry(fields)
        refresh_token = _one(fields, "refresh_token")
        subject = self._registries.subject_of(registry, refresh_token)
        return self._answer(registry, subject, _scopes(fields), refresh_token)

    async def exchange(self, request: Request, _: Mapping[str, str]) -> Response:
        """POST /oauth2/exchange: grant_type=access_token, an Entra token for a refresh token."""
        fields = _form(request)
        _expect(fields, "grant_type", "access_token")
        registry = self._registry(fields)
        return json_response({"refresh_token": self._registries.exchange(registry, _one(fields, "access_token"))})

    def _registry(self, fields: Mapping[str, list[str]]) -> Resource:
        service = _one(fields, "service")
        registry = self._registries.of_server(service)
        if registry is None:
            raise InvalidTokenRequest(f"service '{service}' is not the login server of a registry.")
        return registry

    def _answer(
        self, registry: Resource, subject: str, scopes: list[Scope], refresh_token: str | None = None
    ) -> Response:
        token = self._registries.access_token(registry, subject, scopes)
        answer: dict[str, object] = {"access_token": token, "token": token, "expires_in": ACCESS_TOKEN_S}
        # Docker keeps the refresh token of a POST for its next request, and forgets the login without one.
        return json_response(answer | ({"refresh_token": refresh_token} if refresh_token else {}))


def _scopes(fields: Mapping[str, list[str]]) -> list[Scope]:
    try:
        return parse_scopes(fields.get("scope", []))
    except ValueError as problem:
        raise InvalidTokenRequest(f"{problem}.") from problem


def _basic(header: str) -> tuple[str, str]:
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        raise NotAuthenticated
    try:
        user, colon, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as problem:
        raise NotAuthenticated from problem
    if not colon or "/" in user:
        raise NotAuthenticated
    return user, password


def _form(request: Request) -> dict[str, list[str]]:
    return parse_qs(request.body.decode("utf-8", "replace"))


def _one(fields: Mapping[str, list[str]], name: str) -> str:
    values = fields.get(name, [])
    if len(values) != 1:
        raise InvalidTokenRequest(f"field '{name}' must be given exactly once, got {len(values)}.")
    return values[0]


def _expect(fields: Mapping[str, list[str]], name: str, value: str) -> None:
    got = _one(fields, name)
    if got != value:
        raise InvalidTokenRequest(f"{name} '{got}' is not supported here, only '{value}'.")
