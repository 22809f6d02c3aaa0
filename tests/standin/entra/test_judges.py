"""azure-identity, unmodified, signs in."""

from __future__ import annotations

import pytest
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import ClientSecretCredential

from standin.core.auth import DEPLOYER_CLIENT_ID, TENANT_ID
from tests.standin.running import RunningStandin


def test_a_wrong_client_secret_is_refused_with_entras_code(azure: RunningStandin) -> None:
    credential = ClientSecretCredential(TENANT_ID, DEPLOYER_CLIENT_ID, "wrong")
    with pytest.raises(ClientAuthenticationError, match="AADSTS7000215"):
        credential.get_token("https://management.azure.com/.default")
    credential.close()
