"""The generic resource manager over HTTP: Azure's refusals, in Azure's codes."""

from __future__ import annotations

import pytest
import requests

from standin.core.auth import DEPLOYER_OBJECT_ID, SUBSCRIPTION_ID
from tests.standin.running import RunningStandin
from tests.waiting import DEADLINE_S

SUBSCRIPTION = f"/subscriptions/{SUBSCRIPTION_ID}"
GROUP = f"{SUBSCRIPTION}/resourceGroups/rg-arm"
PROVIDERS = f"{GROUP}/providers"
PLACE = {"location": "westeurope"}
VAULT = {
    **PLACE,
    "properties": {"tenantId": "x", "sku": {"family": "A", "name": "standard"}, "softDeleteRetentionInDays": 7.0},
}


@pytest.fixture(scope="module", autouse=True)
def group(azure: RunningStandin) -> None:
    assert azure.arm("PUT", GROUP, PLACE).status_code == 201


def refusal(answer: requests.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


@pytest.mark.parametrize(
    ("method", "path", "body", "expected"),
    [
        ("PUT", f"{GROUP}-none/providers/Microsoft.ManagedIdentity/userAssignedIdentities/a", PLACE,
         (404, "ResourceGroupNotFound")),
        ("GET", f"{PROVIDERS}/Microsoft.ManagedIdentity/userAssignedIdentities/none", None, (404, "ResourceNotFound")),
        ("PUT", f"{PROVIDERS}/Microsoft.KeyVault/vaults/none/secrets/a", {"properties": {"value": "x"}},
         (404, "ParentResourceNotFound")),
        ("PUT", f"{PROVIDERS}/Microsoft.Batch/batchAccounts/b", PLACE, (404, "InvalidResourceNamespace")),
        ("PUT", f"{PROVIDERS}/Microsoft.KeyVault/managedHSMs/hsm", PLACE, (404, "InvalidResourceType")),
        ("POST", f"{SUBSCRIPTION}/resourceGroups/rg-arm/moveResources", {}, (404, "NotFound")),
        ("PUT", f"{PROVIDERS}/Microsoft.ManagedIdentity/userAssignedIdentities/a", {}, (400, "LocationRequired")),
        ("PUT", f"{PROVIDERS}/Microsoft.ManagedIdentity/userAssignedIdentities/a", [], (400, "InvalidRequestContent")),
        ("GET", "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/x", None,
         (404, "SubscriptionNotFound")),
        ("PUT", f"{SUBSCRIPTION}/resourceGroups/bad.", PLACE, (400, "InvalidResourceGroupName")),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_azures_code(
    azure: RunningStandin, method: str, path: str, body: object, expected: tuple[int, str]
) -> None:
    assert refusal(azure.arm(method, path, body)) == expected


@pytest.mark.parametrize(("version", "code"), [("", "MissingApiVersionParameter"), ("1", "InvalidApiVersionParameter")])
def test_an_api_version_is_required(azure: RunningStandin, version: str, code: str) -> None:
    assert refusal(azure.arm("GET", GROUP, version=version)) == (400, code)


def test_a_body_that_is_no_json_is_refused(azure: RunningStandin) -> None:
    token = azure.do(lambda base: base.issuer.issue("https://management.azure.com"))
    answer = requests.put(
        f"https://management.azure.com{GROUP}?api-version=2024-11-01",
        data=b"{",
        headers={"Authorization": f"Bearer {token}"},
        timeout=DEADLINE_S,
    )
    assert refusal(answer) == (400, "InvalidRequestContent")


def test_a_token_is_required_valid_and_of_this_audience(azure: RunningStandin) -> None:
    url = f"https://management.azure.com{GROUP}?api-version=2024-11-01"
    other = azure.do(lambda base: base.issuer.issue("https://vault.azure.net"))
    assert refusal(requests.get(url, timeout=DEADLINE_S)) == (401, "AuthenticationFailed")
    for token, code in ((other, "InvalidAuthenticationTokenAudience"), (other + "x", "InvalidAuthenticationToken")):
        answer = requests.get(url, headers={"Authorization": f"Bearer {token}"}, timeout=DEADLINE_S)
        assert refusal(answer) == (401, code)


def test_a_token_expires_on_the_virtual_clock(azure: RunningStandin) -> None:
    token = azure.do(lambda base: base.issuer.issue("https://management.azure.com"))
    azure.do(lambda base: base.clock.advance(3601))
    answer = requests.get(
        f"https://management.azure.com{GROUP}?api-version=2024-11-01",
        headers={"Authorization": f"Bearer {token}"},
        timeout=DEADLINE_S,
    )
    azure.do(lambda base: base.clock.reset())
    assert refusal(answer) == (401, "InvalidAuthenticationToken")


def test_a_principal_without_a_role_may_not_read(azure: RunningStandin) -> None:
    token = azure.do(lambda base: base.issuer.issue("https://management.azure.com", object_id="stranger"))
    answer = requests.get(
        f"https://management.azure.com{GROUP}?api-version=2024-11-01",
        headers={"Authorization": f"Bearer {token}"},
        timeout=DEADLINE_S,
    )
    assert refusal(answer) == (403, "AuthorizationFailed")


def test_a_resource_stays_where_it_was_created(azure: RunningStandin) -> None:
    path = f"{PROVIDERS}/Microsoft.ManagedIdentity/userAssignedIdentities/id-moved"
    azure.arm("PUT", path, {"location": "West Europe"})
    assert azure.arm("GET", path).json()["location"] == "westeurope"
    assert refusal(azure.arm("PUT", path, {"location": "northeurope"})) == (409, "InvalidResourceLocation")


def test_ids_are_one_thing_in_any_case(azure: RunningStandin) -> None:
    path = f"{PROVIDERS}/Microsoft.Storage/storageAccounts/stcase"
    place = {**PLACE, "sku": {"name": "Standard_LRS"}, "kind": "StorageV2"}
    azure.arm("PUT", path, place)
    again = azure.arm("PUT", path.replace("resourceGroups", "resourcegroups").replace("Storage", "STORAGE"), place)
    assert (again.status_code, again.json()["id"]) == (200, path)


def test_a_parent_that_a_client_leaves_out_is_no_part_of_the_path(azure: RunningStandin) -> None:
    path = f"{PROVIDERS}/Microsoft.ManagedIdentity/userAssignedIdentities/id-slash"
    azure.arm("PUT", path, PLACE)
    found = azure.arm("GET", path.replace("ManagedIdentity/", "ManagedIdentity//"))
    assert (found.status_code, found.json()["name"]) == (200, "id-slash")


def test_a_list_of_resources_tells_their_times_where_it_is_asked(azure: RunningStandin) -> None:
    azure.arm("PUT", f"{PROVIDERS}/Microsoft.ManagedIdentity/userAssignedIdentities/id-times", PLACE)
    asked = f"{GROUP}/resources?$filter=name eq 'id-times'&$expand=createdTime,changedTime,provisioningState"
    (shown,) = azure.arm("GET", asked).json()["value"]
    assert (shown["provisioningState"], shown["createdTime"] <= shown["changedTime"]) == ("Succeeded", True)
    assert refusal(azure.arm("GET", f"{GROUP}/resources?$expand=colour"))[0] == 400


def test_a_group_stays_where_it_was_made(azure: RunningStandin) -> None:
    elsewhere = azure.arm("PUT", GROUP, {"location": "northeurope"})
    assert refusal(elsewhere) == (409, "InvalidResourceGroupLocation")


def test_a_patch_keeps_what_it_leaves_out_and_a_put_erases_it(azure: RunningStandin) -> None:
    path = f"{PROVIDERS}/Microsoft.ManagedIdentity/userAssignedIdentities/id-tags"
    azure.arm("PUT", path, {**PLACE, "tags": {"a": "1"}})
    assert azure.arm("PATCH", path, {"tags": {"b": "2"}}).json()["tags"] == {"b": "2"}
    assert azure.arm("PATCH", path, {}).json()["tags"] == {"b": "2"}
    assert azure.arm("PUT", path, PLACE).json()["tags"] == {}


def test_a_secret_value_is_never_answered(azure: RunningStandin) -> None:
    vault = f"{PROVIDERS}/Microsoft.KeyVault/vaults/kv-arm"
    assert azure.arm("PUT", vault, VAULT).status_code == 200
    made = azure.arm("PUT", f"{vault}/secrets/a", {"properties": {"value": "s3cret"}})
    for answer in (made, azure.arm("GET", f"{vault}/secrets/a"), azure.arm("GET", f"{vault}/secrets")):
        assert answer.status_code == 200
        assert "s3cret" not in answer.text
    assert refusal(azure.arm("DELETE", f"{vault}/secrets/a")) == (405, "HttpMethodNotAllowed")


def test_a_system_assigned_identity_gets_a_principal(azure: RunningStandin) -> None:
    path = f"{PROVIDERS}/Microsoft.Storage/storageAccounts/stidentity"
    body = {**PLACE, "kind": "StorageV2", "sku": {"name": "Standard_LRS"}, "identity": {"type": "SystemAssigned"}}
    first = azure.arm("PUT", path, body).json()["identity"]["principalId"]
    assert azure.arm("PUT", path, body).json()["identity"]["principalId"] == first
    missing = {"type": "UserAssigned", "userAssignedIdentities": {f"{PROVIDERS}/Microsoft.X/y/none": {}}}
    assert refusal(azure.arm("PUT", path, {**body, "identity": missing})) == (400, "FailedIdentityOperation")


def test_deleting_what_is_not_there_is_done(azure: RunningStandin) -> None:
    assert azure.arm("DELETE", f"{PROVIDERS}/Microsoft.ManagedIdentity/userAssignedIdentities/none").status_code == 204
    assert refusal(azure.arm("DELETE", GROUP + "-none")) == (404, "ResourceGroupNotFound")


def test_providers_are_registered_and_list_their_types(azure: RunningStandin) -> None:
    answer = azure.arm("GET", f"{SUBSCRIPTION}/providers/microsoft.keyvault").json()
    assert (answer["namespace"], answer["registrationState"]) == ("Microsoft.KeyVault", "Registered")
    (vaults,) = [kind for kind in answer["resourceTypes"] if kind["resourceType"] == "vaults"]
    assert vaults["apiVersions"][0] > "2026"
    assert "2023-07-01" in vaults["apiVersions"]
    assert azure.arm("POST", f"{SUBSCRIPTION}/providers/Microsoft.KeyVault/register").status_code == 200
    assert refusal(azure.arm("GET", f"{SUBSCRIPTION}/providers/Microsoft.Nothing"))[0] == 404


def test_a_role_at_a_resource_goes_with_the_resource(azure: RunningStandin) -> None:
    scope = f"{PROVIDERS}/Microsoft.Storage/storageAccounts/stroles"
    azure.arm("PUT", scope, {**PLACE, "kind": "StorageV2", "sku": {"name": "Standard_LRS"}})
    name = "8a4b1d63-0f2c-4f4e-9c63-6e64a1c0a001"
    role = "/providers/Microsoft.Authorization/roleDefinitions/ba92f5b4-2d11-453d-a403-e96b0029c9fe"
    body = {"properties": {"roleDefinitionId": role, "principalId": DEPLOYER_OBJECT_ID}}
    made = azure.arm("PUT", f"{scope}/providers/Microsoft.Authorization/roleAssignments/{name}", body)
    assert (made.status_code, made.json()["properties"]["scope"]) == (201, scope)
    assert azure.do(lambda base: base.roles.allows(DEPLOYER_OBJECT_ID, scope, ["Storage Blob Data Contributor"]))
    azure.arm("DELETE", scope)
    assert azure.do(lambda base: base.roles.assignments(scope)) == []
