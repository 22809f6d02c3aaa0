"""azure-identity, unmodified, signs in."""

from __future__ import annotations

import pytest
import requests
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import ClientSecretCredential

from standin.core.auth import DEPLOYER_CLIENT_ID, TENANT_ID
from tests.standin.running import RunningStandin


@pytest.mark.parametrize("tenant", ["organizations", "common"])
def test_who_has_not_said_their_tenant_finds_the_endpoints_of_all(azure: RunningStandin, tenant: str) -> None:
    url = f"https://login.microsoftonline.com/{tenant}/v2.0/.well-known/openid-configuration"
    found = requests.get(url, timeout=30).json()
    assert found["issuer"] == "https://login.microsoftonline.com/{tenantid}/v2.0"
    assert found["token_endpoint"] == f"https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token"


def test_a_wrong_client_secret_is_refused_with_entras_code(azure: RunningStandin) -> None:
    credential = ClientSecretCredential(TENANT_ID, DEPLOYER_CLIENT_ID, "wrong")
    with pytest.raises(ClientAuthenticationError, match="AADSTS7000215"):
        credential.get_token("https://management.azure.com/.default")
    credential.close()
