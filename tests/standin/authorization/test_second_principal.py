"""Somebody who is not Owner, through Microsoft's unmodified clients: rights at a group, conditions, custom roles."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
import requests
from azure.core.exceptions import HttpResponseError
from azure.mgmt.authorization import AuthorizationManagementClient
from azure.mgmt.keyvault import KeyVaultManagementClient
from azure.mgmt.resource.resources import ResourceManagementClient

from standin.core.auth import BUILT_IN_ROLES, SUBSCRIPTION_ID, TENANT_ID
from tests.standin.authorization.principals import SUBSCRIPTION, Person, custom_role, registered
from tests.standin.core.rbac.test_conditions import OWNER, PORTAL, PULL
from tests.standin.running import RunningStandin, wire
from tests.waiting import DEADLINE_S

GROUP = f"{SUBSCRIPTION}/resourceGroups/rg-theirs"
PLACE = {"location": "westeurope"}
ROLE = f"{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions"


@pytest.fixture(scope="module", autouse=True)
def group(azure: RunningStandin) -> None:
    assert azure.arm("PUT", GROUP, PLACE).status_code == 201


@pytest.fixture
def someone(azure: RunningStandin, request: pytest.FixtureRequest) -> Iterator[Person]:
    yield registered(azure, request.node.name)


def refused(call: pytest.ExceptionInfo[HttpResponseError]) -> tuple[int | None, str | None]:
    return call.value.status_code, call.value.error.code if call.value.error else None


def test_a_role_at_a_group_reaches_that_group_alone(someone: Person) -> None:
    someone.given("Contributor", GROUP)
    with someone.credential() as credential, ResourceManagementClient(credential, SUBSCRIPTION_ID) as client:
        assert [one.name for one in client.resource_groups.list()] == ["rg-theirs"]
        assert client.resource_groups.get("rg-theirs").location == "westeurope"
        with pytest.raises(HttpResponseError) as call:
            client.resource_groups.create_or_update("rg-mine", wire(PLACE))
    assert refused(call) == (403, "AuthorizationFailed")
    told = " ".join(str(call.value).split())
    assert (
        f"The client '{someone.object_id}' with object id '{someone.object_id}' does not have authorization to perform "
        "action 'Microsoft.Resources/subscriptions/resourceGroups/write' over scope "
        f"'{SUBSCRIPTION}/resourcegroups/rg-mine' or the scope is invalid."
    ) in told


def test_who_holds_nothing_sees_no_subscription_and_no_group(someone: Person) -> None:
    with someone.credential() as credential, ResourceManagementClient(credential, SUBSCRIPTION_ID) as client:
        assert list(client.resource_groups.list()) == []
        with pytest.raises(HttpResponseError) as call:
            client.resource_groups.get("rg-theirs")
    assert refused(call) == (403, "AuthorizationFailed")


def assign(client: AuthorizationManagementClient, role: str, name: str = "", **more: str) -> str:
    properties = {"roleDefinitionId": f"{ROLE}/{role}", "principalId": str(uuid.uuid4()), **more}
    made = client.role_assignments.create(GROUP, name or str(uuid.uuid4()), wire({"properties": properties}))
    return str(made.name)


def test_a_condition_lets_through_its_roles_to_principals_of_its_types_only(someone: Person) -> None:
    someone.given("Role Based Access Control Administrator", GROUP, PORTAL)
    with someone.credential() as credential, AuthorizationManagementClient(credential, SUBSCRIPTION_ID) as client:
        made = assign(client, PULL, principalType="ServicePrincipal")
        for role, more in (
            (OWNER, {"principalType": "ServicePrincipal"}),
            (PULL, {"principalType": "User"}),
            (PULL, {}),
        ):
            with pytest.raises(HttpResponseError) as call:
                assign(client, role, **more)
            assert refused(call) == (403, "AuthorizationFailed"), (role, more)
        client.role_assignments.delete(GROUP, made)


def test_a_condition_keeps_what_it_does_not_name_from_being_deleted(someone: Person, azure: RunningStandin) -> None:
    theirs = registered(azure, "theirs").given("Reader", GROUP)
    someone.given("Role Based Access Control Administrator", GROUP, PORTAL)
    with (
        someone.credential() as credential,
        AuthorizationManagementClient(credential, SUBSCRIPTION_ID) as client,
        pytest.raises(HttpResponseError) as call,
    ):
        client.role_assignments.delete(GROUP, theirs.rpartition("/")[2])
    assert refused(call) == (403, "AuthorizationFailed")


@pytest.mark.parametrize("version", ["1.0", None])
def test_a_condition_that_is_none_is_refused_when_it_is_given(azure: RunningStandin, version: str | None) -> None:
    properties = {
        "principalId": str(uuid.uuid4()),
        "principalType": "ServicePrincipal",
        "roleDefinitionId": f"{ROLE}/{PULL}",
        "condition": PORTAL if version else "(",
        "conditionVersion": version or "2.0",
    }
    path = f"{GROUP}/providers/Microsoft.Authorization/roleAssignments/{uuid.uuid4()}"
    answer = azure.arm("PUT", path, {"properties": properties}, version="2022-04-01")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "InvalidCondition")


def test_a_type_that_the_principal_is_not_is_refused(azure: RunningStandin) -> None:
    person = registered(azure, "a person", "User")
    properties = {
        "principalId": person.object_id,
        "principalType": "ServicePrincipal",
        "roleDefinitionId": f"{ROLE}/{PULL}",
    }
    path = f"{GROUP}/providers/Microsoft.Authorization/roleAssignments/{uuid.uuid4()}"
    answer = azure.arm("PUT", path, {"properties": properties}, version="2022-04-01")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "UnmatchedPrincipalType")


def test_a_managed_identity_is_no_user(azure: RunningStandin) -> None:
    identity = f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-typed"
    made = azure.arm("PUT", identity, {"location": "westeurope"}).json()
    wanted = {"principalId": made["properties"]["principalId"], "principalType": "User"}
    path = f"{GROUP}/providers/Microsoft.Authorization/roleAssignments/{uuid.uuid4()}"
    body = {"properties": {**wanted, "roleDefinitionId": f"{ROLE}/{PULL}"}}
    answer = azure.arm("PUT", path, body, version="2022-04-01")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "UnmatchedPrincipalType")


def test_a_role_of_ones_own_is_made_listed_used_and_kept_while_it_is_assigned(
    someone: Person, azure: RunningStandin
) -> None:
    guid = custom_role(azure, "Group reader", SUBSCRIPTION, actions=["*/read"], notActions=["*/resources/read"])
    held = someone.given(guid, GROUP)
    with someone.credential() as credential:
        with AuthorizationManagementClient(credential, SUBSCRIPTION_ID) as client:
            (found,) = client.role_definitions.list(GROUP, filter="roleName eq 'Group reader'")
            (permission,) = client.permissions.list_for_resource_group("rg-theirs")
        with ResourceManagementClient(credential, SUBSCRIPTION_ID) as resources:
            assert resources.resource_groups.get("rg-theirs").name == "rg-theirs"
            with pytest.raises(HttpResponseError) as call:
                list(resources.resources.list_by_resource_group("rg-theirs"))
    assert (found.name, found.role_type) == (guid, "CustomRole")
    assert (permission.actions, permission.not_actions) == (["*/read"], ["*/resources/read"])
    assert "Microsoft.Resources/subscriptions/resourceGroups/resources/read" in str(call.value)
    definition = f"{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/{guid}"
    assert (
        azure.arm("DELETE", definition, version="2022-04-01").json()["error"]["code"] == "RoleDefinitionHasAssignments"
    )
    assert azure.arm("DELETE", held, version="2022-04-01").status_code == 200
    assert azure.arm("DELETE", definition, version="2022-04-01").status_code == 200


PURGE = "Microsoft.KeyVault/locations/deletedVaults/purge/action"
RESULTS = "Microsoft.KeyVault/locations/operationResults/read"


@pytest.mark.parametrize("actions", [[PURGE], [PURGE, RESULTS]])
def test_who_may_purge_a_vault_needs_another_right_to_see_how_it_goes(
    someone: Person, azure: RunningStandin, actions: list[str]
) -> None:
    name = f"kv-purged-{len(actions)}"
    vault = f"{GROUP}/providers/Microsoft.KeyVault/vaults/{name}"
    properties = {"tenantId": TENANT_ID, "sku": {"family": "A", "name": "standard"}, "softDeleteRetentionInDays": 7}
    assert azure.arm("PUT", vault, {**PLACE, "properties": properties}).status_code == 200
    assert azure.arm("DELETE", vault).status_code == 200
    someone.given(custom_role(azure, f"Purger {len(actions)}", SUBSCRIPTION, actions=actions), SUBSCRIPTION)

    with someone.credential() as credential, KeyVaultManagementClient(credential, SUBSCRIPTION_ID) as client:
        assert list(client.vaults.list_deleted()) == []  # for lack of the right, not of a vault
        if RESULTS in actions:
            client.vaults.begin_purge_deleted(name, "westeurope").result()
        else:
            with pytest.raises(HttpResponseError) as call:
                client.vaults.begin_purge_deleted(name, "westeurope").result()
            assert RESULTS in str(call.value)
    deleted = f"{SUBSCRIPTION}/providers/Microsoft.KeyVault/locations/westeurope/deletedVaults/{name}"
    assert azure.arm("GET", deleted).status_code == 404  # purged, either way


def test_the_control_surface_registers_principals(azure: RunningStandin) -> None:
    def register(**body: object) -> requests.Response:
        return requests.post(f"{azure.control}/principals", json=body, timeout=DEADLINE_S)

    made = register(name="ci", kind="ServicePrincipal")
    assert made.json() == register(name="ci", kind="ServicePrincipal").json()
    assert made.json()["objectId"] == registered(azure, "ci").object_id
    assert (register(name="ci", kind="Robot").status_code, register(kind="User").status_code) == (400, 400)


def test_built_in_definitions_say_what_they_permit(azure: RunningStandin) -> None:
    answer = azure.arm("GET", f"{ROLE}/{BUILT_IN_ROLES['AcrPull']}", version="2022-04-01").json()
    assert answer["properties"]["permissions"][0]["actions"] == ["Microsoft.ContainerRegistry/registries/pull/read"]
