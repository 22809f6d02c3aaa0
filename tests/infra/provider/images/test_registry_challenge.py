"""To whom a registry may send a sign-in: an Entra token goes there."""

from __future__ import annotations

import pytest
import requests

from infra.provider.services.container_registry import _challenge
from pluginbase.resource import ProviderError


def asked(server: str, realm: str) -> str:
    response = requests.Response()
    response.status_code = 401
    response.headers["WWW-Authenticate"] = f'Bearer realm="{realm}",service="{server}"'
    return _challenge(server, response).realm


@pytest.mark.parametrize(
    ("server", "realm"),
    [
        ("r.azurecr.io", "https://r.azurecr.io/oauth2/token"),
        ("r.azurecr.io", "https://R.azurecr.io/oauth2/token"),
        ("127.0.0.1:5000", "http://127.0.0.1:5001/oauth2/token"),
    ],
)
def test_a_registrys_own_token_service_is_asked(server: str, realm: str) -> None:
    assert asked(server, realm) == realm


@pytest.mark.parametrize(
    ("server", "realm"),
    [
        ("r.azurecr.io", "http://r.azurecr.io/oauth2/token"),
        ("r.azurecr.io", "https://other.azurecr.io/oauth2/token"),
        ("r.azurecr.io", "https://r.azurecr.io.evil.example/oauth2/token"),
        ("r.azurecr.io", "https://r.azurecr.io@evil.example/oauth2/token"),
        ("r.azurecr.io", "https://r.azurecr.io:8443/oauth2/token"),
        ("r.azurecr.io", "http://127.0.0.1:5001/oauth2/token"),
        ("127.0.0.1:5000", "http://10.0.0.1:5001/oauth2/token"),
        ("127.0.0.1:5000", "https://evil.example/oauth2/token"),
    ],
)
def test_no_other_is_given_a_sign_in(server: str, realm: str) -> None:
    with pytest.raises(ProviderError, match="as its token service, allowed is"):
        asked(server, realm)
