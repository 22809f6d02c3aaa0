from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import urlencode

import jwt
import pytest

from standin.containerregistry.errors import InvalidTokenRequest, NotAuthenticated, envelope
from standin.containerregistry.handlers import TokenHandlers
from standin.core.auth import DEPLOYER_OBJECT_ID
from standin.core.http import Request, Response
from tests.standin.containerregistry.conftest import Bench

ALL_ZERO = "00000000-0000-0000-0000-000000000000"
SCOPE = "repository:a:pull,push"


def handlers(bench: Bench) -> TokenHandlers:
    return TokenHandlers(bench.registries)


def get(authorization: str = "", **fields: str) -> Request:
    headers = {"authorization": authorization} if authorization else {}
    return Request(method="GET", host="127.0.0.1", path="/oauth2/token", raw_query=urlencode(fields), headers=headers)


def post(**fields: str) -> Request:
    return Request(method="POST", host="127.0.0.1", path="/oauth2/token", body=urlencode(fields).encode())


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def body(response: Response) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(response.body)
    return found


def access(response: Response) -> Any:
    return jwt.decode(body(response)["access_token"], options={"verify_signature": False})["access"]


async def test_the_whole_way_of_an_entra_token(bench: Bench) -> None:
    entra = bench.base.issuer.issue("https://management.azure.com", object_id=DEPLOYER_OBJECT_ID)
    exchanged = await handlers(bench).exchange(
        post(grant_type="access_token", service=bench.server, tenant="t", access_token=entra), {}
    )
    refresh = body(exchanged)["refresh_token"]
    granted = [{"type": "repository", "name": "a", "actions": ["pull", "push"]}]
    by_get = await handlers(bench).token_for_password(
        get(basic(ALL_ZERO, refresh), service=bench.server, scope=SCOPE), {}
    )
    assert access(by_get) == granted
    by_post = await handlers(bench).token_for_refresh_token(
        post(grant_type="refresh_token", service=bench.server, scope=SCOPE, refresh_token=refresh), {}
    )
    assert access(by_post) == granted
    assert body(by_post)["refresh_token"] == refresh


@pytest.mark.parametrize(
    ("audience", "is_taken"),
    [
        ("https://containerregistry.azure.net", True),
        ("https://containerregistry.azure.net/", True),
        ("https://management.azure.com/", True),
        ("https://management.core.windows.net/", True),
        ("https://vault.azure.net", False),
        ("https://storage.azure.com/", False),
        ("https://graph.microsoft.com", False),
        ("https://iothubs.azure.net", False),
        ("https://ml.azure.com", False),
        ("api://AzureADTokenExchange", False),
    ],
)
async def test_only_a_token_for_a_registry_or_for_arm_is_exchanged(bench: Bench, audience: str, is_taken: bool) -> None:
    entra = bench.base.issuer.issue(audience)
    asked = post(grant_type="access_token", service=bench.server, access_token=entra)
    if is_taken:
        assert body(await handlers(bench).exchange(asked, {}))["refresh_token"]
    else:
        with pytest.raises(NotAuthenticated):
            await handlers(bench).exchange(asked, {})


async def test_an_expired_entra_token_is_not_exchanged(bench: Bench) -> None:
    entra = bench.base.issuer.issue("https://management.azure.com")
    bench.base.clock.advance(3700)
    with pytest.raises(NotAuthenticated):
        await handlers(bench).exchange(post(grant_type="access_token", service=bench.server, access_token=entra), {})


@pytest.mark.parametrize("authorization", ["", "Bearer x", "Basic !", "Basic " + base64.b64encode(b"nocolon").decode()])
async def test_without_a_readable_login_there_is_no_token(bench: Bench, authorization: str) -> None:
    with pytest.raises(NotAuthenticated):
        await handlers(bench).token_for_password(get(authorization, service=bench.server), {})


async def test_a_user_name_cannot_point_elsewhere(bench: Bench) -> None:
    with pytest.raises(NotAuthenticated):
        await handlers(bench).token_for_password(get(basic("../tokens/x", "y"), service=bench.server), {})


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({}, "field 'service' must be given exactly once, got 0"),
        ({"service": "elsewhere:1"}, "service 'elsewhere:1' is not the login server of a registry"),
    ],
)
async def test_a_token_is_for_a_registry_that_is_here(bench: Bench, fields: dict[str, str], says: str) -> None:
    with pytest.raises(InvalidTokenRequest, match=says):
        await handlers(bench).token_for_password(get(basic("a", "b"), **fields), {})


async def test_another_grant_is_refused_by_its_name(bench: Bench) -> None:
    with pytest.raises(InvalidTokenRequest, match="grant_type 'password' is not supported here"):
        await handlers(bench).token_for_refresh_token(post(grant_type="password", service=bench.server), {})


def test_a_refusal_is_written_as_the_registry_protocol_wants_it() -> None:
    refusal = envelope(NotAuthenticated())
    assert refusal.status == 401
    assert body(refusal)["errors"][0]["code"] == "UNAUTHORIZED"
