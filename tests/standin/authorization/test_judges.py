"""azure-mgmt-authorization, unmodified."""

from __future__ import annotations

import uuid

import pytest
from azure.core.exceptions import HttpResponseError
from azure.identity import DefaultAzureCredential
from azure.mgmt.authorization import AuthorizationManagementClient

from standin.core.auth import BUILT_IN_ROLES, SUBSCRIPTION_ID
from tests.standin.running import wire


def test_role_assignments_are_granted_listed_and_refused_twice(credential: DefaultAzureCredential, group: str) -> None:
    scope = f"/subscriptions/{SUBSCRIPTION_ID}/resourceGroups/{group}"
    role = (
        f"/subscriptions/{SUBSCRIPTION_ID}/providers/Microsoft.Authorization/roleDefinitions/"
        + (BUILT_IN_ROLES["AcrPull"])
    )
    who, other = str(uuid.uuid4()), str(uuid.uuid4())
    wanted = {"properties": {"roleDefinitionId": role, "principalId": who, "principalType": "ServicePrincipal"}}
    with AuthorizationManagementClient(credential, SUBSCRIPTION_ID) as client:
        name = str(uuid.uuid4())
        made = client.role_assignments.create(scope, name, wire(wanted))
        assert (made.principal_id, made.scope) == (who, scope)
        assert name in [found.name for found in client.role_assignments.list_for_scope(scope)]
        with pytest.raises(HttpResponseError) as twice:
            client.role_assignments.create(scope, str(uuid.uuid4()), wire(wanted))
        assert (twice.value.status_code, _code(twice.value)) == (409, "RoleAssignmentExists")
        with pytest.raises(HttpResponseError) as moved:
            client.role_assignments.create(
                scope, name, wire({"properties": {**wanted["properties"], "principalId": other}})
            )
        assert (moved.value.status_code, _code(moved.value)) == (400, "RoleAssignmentUpdateNotPermitted")
        definitions = client.role_definitions.list(scope, filter="roleName eq 'AcrPull'")
        assert [found.name for found in definitions] == [BUILT_IN_ROLES["AcrPull"]]
        client.role_assignments.delete(scope, name)
        assert name not in [found.name for found in client.role_assignments.list_for_scope(scope)]


def _code(problem: HttpResponseError) -> str | None:
    return problem.error.code if problem.error else None
