"""Roles that Azure has, and ids that it has not."""

from __future__ import annotations

import uuid

import pytest

from standin.core.auth import SUBSCRIPTION_ID
from tests.standin.asking import GROUP, Answering
from tests.standin.network.bodies import asked, refused

_ROLES = f"/subscriptions/{SUBSCRIPTION_ID}/providers/Microsoft.Authorization/roleDefinitions"
_SECRETS_USER = "4633458b-17de-408a-b874-0445c86b69e6"


def assignment(role: str) -> tuple[str, dict[str, object]]:
    properties = {"roleDefinitionId": f"{_ROLES}/{role}", "principalId": str(uuid.uuid4()),
                  "principalType": "ServicePrincipal"}  # fmt: skip
    secret = f"{GROUP}/providers/Microsoft.KeyVault/vaults/kv-x/secrets/x"
    return f"{secret}/providers/Microsoft.Authorization/roleAssignments/{uuid.uuid4()}", {"properties": properties}


@pytest.mark.parametrize("role", [_SECRETS_USER[:-1] + "7", f"{0:032x}", "Key Vault Secrets User"])
async def test_a_role_that_azure_does_not_have_is_not_assigned(answering: Answering, role: str) -> None:
    told = await refused(answering, "PUT", *assignment(role))
    assert told[0] == "RoleDefinitionDoesNotExist"
    assert told[1].startswith("The specified role definition with ID '")


async def test_a_built_in_role_is_assigned_at_one_secret(answering: Answering) -> None:
    status, answer = await asked(answering, "PUT", *assignment(_SECRETS_USER))
    assert (status, answer["properties"]["roleDefinitionId"].rpartition("/")[2]) == (201, _SECRETS_USER)
