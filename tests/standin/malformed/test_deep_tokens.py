"""Tokens, JSON and keys that no reader gets to the end of, or that cannot be written again: each refused."""

from __future__ import annotations

import base64

import pytest

from standin.core.auth import DEPLOYER_CLIENT_ID, TENANT_ID
from standin.core.errors import BadRequest
from standin.core.http import Request
from tests.standin.asking import ARM, GROUP, Answering, Asked

DEEP = base64.urlsafe_b64encode(b"[" * 100_000).decode().rstrip("=")
TOKENS = (f"{DEEP}.{DEEP}.x", f"e30.{DEEP}.x", "a.b.c", "")
PATHS: dict[str, tuple[str, dict[str, str]]] = {
    "hub-x.azure-devices.net": ("/devices", {"api-version": "2021-04-12"}),
    "kv-x.vault.azure.net": ("/secrets", {"api-version": "7.4"}),
    "stx.blob.core.windows.net": ("/", {"comp": "list"}),
    "graph.microsoft.com": ("/v1.0/servicePrincipals", {}),
    ARM: (GROUP, {"api-version": "2021-04-01"}),
}


@pytest.mark.parametrize("token", TOKENS, ids=["deep", "deep inside", "no JSON", "none"])
async def test_a_token_that_cannot_be_read_is_nobodys(answering: Answering, token: str) -> None:
    for host, (path, query) in PATHS.items():
        asked = Asked(method="GET", host=host, path=path, audience="x", query=query)
        status, _, _ = await answering.answered(asked, headers={"authorization": f"Bearer {token}"})
        assert status in (401, 403, 404), (host, status)  # a hub is not there for a moment


async def test_an_assertion_that_cannot_be_read_signs_nobody_in(answering: Answering) -> None:
    asked = Asked(method="POST", host="login.microsoftonline.com", path=f"/{TENANT_ID}/oauth2/v2.0/token", audience="x")
    form = f"grant_type=client_credentials&client_id={DEPLOYER_CLIENT_ID}&client_assertion={TOKENS[0]}"
    kind = "&client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer&scope=https://x/.default"
    status, text, _ = await answering.answered(asked, body=(form + kind).encode())
    assert (status, "invalid_client" in text) == (401, True)


@pytest.mark.parametrize(
    "body",
    [b'["\\ud800"]', b'["\xed\xa0\x80"]', b'{"\\udfff": 1}', b"[NaN]", b"[-Infinity]", b"[1e999]", b"[" * 100_000],
)
def test_json_that_cannot_be_written_again_is_not_read(body: bytes) -> None:
    with pytest.raises(BadRequest) as refused:
        Request(method="PUT", host="x", path="/", body=body).json()
    assert refused.value.code == "InvalidRequestContent"


def test_a_whole_surrogate_pair_is_text() -> None:
    assert Request(method="PUT", host="x", path="/", body=b'["\\ud83d\\ude00", 1e300]').json() == ["\U0001f600", 1e300]
