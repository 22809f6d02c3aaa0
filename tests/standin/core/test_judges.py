"""Microsoft's own management clients, unmodified, against the generic resource manager."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError, ResourceNotFoundError
from azure.identity import ClientSecretCredential, DefaultAzureCredential
from azure.mgmt.applicationinsights import ApplicationInsightsManagementClient
from azure.mgmt.authorization import AuthorizationManagementClient
from azure.mgmt.loganalytics import LogAnalyticsManagementClient
from azure.mgmt.msi import ManagedServiceIdentityClient
from azure.mgmt.resource.resources import ResourceManagementClient

from standin.core.auth import BUILT_IN_ROLES, DEPLOYER_CLIENT_ID, SUBSCRIPTION_ID, TENANT_ID
from tests.standin.running import RunningStandin, wire

GROUP = "rg-judges"


@pytest.fixture(scope="module")
def group(credential: DefaultAzureCredential) -> Iterator[str]:
    with ResourceManagementClient(credential, SUBSCRIPTION_ID) as client:
        client.resource_groups.create_or_update(
            GROUP, wire({"location": "West Europe", "tags": {"project": "edgeway"}})
        )
        yield GROUP


def test_a_wrong_client_secret_is_refused_with_entras_code(azure: RunningStandin) -> None:
    credential = ClientSecretCredential(TENANT_ID, DEPLOYER_CLIENT_ID, "wrong")
    with pytest.raises(ClientAuthenticationError, match="AADSTS7000215"):
        credential.get_token("https://management.azure.com/.default")
    credential.close()


def test_a_resource_group_is_created_read_listed_and_tagged(credential: DefaultAzureCredential, group: str) -> None:
    with ResourceManagementClient(credential, SUBSCRIPTION_ID) as client:
        read = client.resource_groups.get(group)
        assert read.id == f"/subscriptions/{SUBSCRIPTION_ID}/resourceGroups/{group}"
        assert (read.location, read.tags) == ("westeurope", {"project": "edgeway"})
        assert read.properties is not None
        assert read.properties.provisioning_state == "Succeeded"
        assert group in [found.name for found in client.resource_groups.list()]
        client.resource_groups.update(group, wire({"tags": {"project": "other"}}))
        assert client.resource_groups.get(group).tags == {"project": "other"}


def test_a_missing_group_is_told_by_its_code(credential: DefaultAzureCredential, azure: RunningStandin) -> None:
    with ResourceManagementClient(credential, SUBSCRIPTION_ID) as client:
        assert client.resource_groups.check_existence("rg-none") is False
        with pytest.raises(ResourceNotFoundError) as refusal:
            client.resource_groups.get("rg-none")
        assert refusal.value.error is not None
        assert refusal.value.error.code == "ResourceGroupNotFound"


def test_an_identity_has_principals_that_change_when_it_is_made_anew(
    credential: DefaultAzureCredential, group: str
) -> None:
    with ManagedServiceIdentityClient(credential, SUBSCRIPTION_ID) as client:
        identities = client.user_assigned_identities
        first = identities.create_or_update(group, "id-run", wire({"location": "westeurope"}))
        again = identities.create_or_update(group, "id-run", wire({"location": "westeurope", "tags": {"a": "b"}}))
        assert first.principal_id == again.principal_id
        assert first.client_id not in (None, first.principal_id)
        identities.delete(group, "id-run")
        assert "id-run" not in [found.name for found in identities.list_by_resource_group(group)]
        fresh = identities.create_or_update(group, "id-run", wire({"location": "westeurope"}))
        assert fresh.principal_id != first.principal_id


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


def test_log_analytics_and_application_insights_read_back(credential: DefaultAzureCredential, group: str) -> None:
    body = {"location": "westeurope", "properties": {"sku": {"name": "PerGB2018"}, "retentionInDays": 30}}
    with (
        LogAnalyticsManagementClient(credential, SUBSCRIPTION_ID) as logs,
        ApplicationInsightsManagementClient(credential, SUBSCRIPTION_ID) as insights,
    ):
        workspace = logs.workspaces.begin_create_or_update(group, "log-judges", wire(body)).result()
        assert workspace.customer_id
        keys = logs.shared_keys.get_shared_keys(group, "log-judges")
        assert keys.primary_shared_key not in (None, keys.secondary_shared_key)
        component = insights.components.create_or_update(
            group,
            "appi-judges",
            wire(
                {
                    "location": "westeurope",
                    "kind": "web",
                    "properties": {"Application_Type": "web", "WorkspaceResourceId": workspace.id},
                }
            ),
        )
        assert component.application_type == "web"
        assert component.workspace_resource_id == workspace.id
        assert component.instrumentation_key is not None
        assert component.instrumentation_key in str(component.connection_string)
        insights.components.delete(group, "appi-judges")
        with pytest.raises(ResourceNotFoundError):
            insights.components.get(group, "appi-judges")


def test_a_deleted_log_workspace_comes_back_unless_it_is_purged(credential: DefaultAzureCredential, group: str) -> None:
    body = {"location": "westeurope"}
    with LogAnalyticsManagementClient(credential, SUBSCRIPTION_ID) as client:
        first = client.workspaces.begin_create_or_update(group, "log-again", wire(body)).result()
        client.workspaces.begin_delete(group, "log-again").result()
        recovered = client.workspaces.begin_create_or_update(group, "log-again", wire(body)).result()
        assert recovered.customer_id == first.customer_id
        client.workspaces.begin_delete(group, "log-again", force=True).result()
        fresh = client.workspaces.begin_create_or_update(group, "log-again", wire(body)).result()
        assert fresh.customer_id != first.customer_id


def test_deleting_a_group_takes_everything_in_it(credential: DefaultAzureCredential, azure: RunningStandin) -> None:
    with (
        ResourceManagementClient(credential, SUBSCRIPTION_ID) as client,
        ManagedServiceIdentityClient(credential, SUBSCRIPTION_ID) as identities,
    ):
        client.resource_groups.create_or_update("rg-gone", wire({"location": "westeurope"}))
        identities.user_assigned_identities.create_or_update("rg-gone", "id-a", wire({"location": "westeurope"}))
        client.resource_groups.begin_delete("rg-gone").result()
        assert azure.do(lambda base: [found.id for found in base.arm.list() if "rg-gone" in found.id]) == []


def _code(problem: HttpResponseError) -> str | None:
    return problem.error.code if problem.error else None
