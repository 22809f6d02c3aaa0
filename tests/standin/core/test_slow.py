"""The `slow` profile: throttling, long operations and role propagation, by raw calls and by Microsoft's clients."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import requests
from azure.identity import DefaultAzureCredential
from azure.mgmt.loganalytics import LogAnalyticsManagementClient
from azure.mgmt.resource.resources import ResourceManagementClient
from azure.mgmt.storage import StorageManagementClient

from standin.core.auth import DEPLOYER_OBJECT_ID, SUBSCRIPTION_ID
from standin.core.profile import SLOW
from tests.standin.running import RunningStandin, running_standin, wire

pytestmark = pytest.mark.slow

GROUP = f"/subscriptions/{SUBSCRIPTION_ID}/resourceGroups/rg-slow"
PROVIDERS = f"{GROUP}/providers"
PLACE = {"location": "westeurope"}
ACCOUNT = {**PLACE, "kind": "StorageV2", "sku": {"name": "Standard_LRS"}}


@pytest.fixture(scope="module")
def azure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStandin]:
    profile = replace(SLOW, operation_polls=1, role_propagation_s=600)
    state: Path = tmp_path_factory.mktemp("slow")
    with (
        running_standin(state, profile=profile, services=("blob",)) as running,
        pytest.MonkeyPatch.context() as patch,
    ):
        for name, value in running.environment.items():
            patch.setenv(name, value)
        throttled = running.arm("PUT", GROUP, PLACE)
        assert (throttled.status_code, throttled.headers["Retry-After"]) == (429, "1")
        assert throttled.json()["error"]["code"] == "TooManyRequests"
        assert running.arm("PUT", GROUP, PLACE).status_code == 201
        yield running


def put(azure: RunningStandin, path: str, body: object) -> requests.Response:
    """Once more where the first write to a service is throttled."""
    answer = azure.arm("PUT", path, body)
    return azure.arm("PUT", path, body) if answer.status_code == 429 else answer


def follow(azure: RunningStandin, url: str) -> requests.Response:
    path, _, version = url.removeprefix("https://management.azure.com").partition("?api-version=")
    return azure.arm("GET", path, version=version)


def test_an_async_operation_is_polled_to_its_end(azure: RunningStandin) -> None:
    path = f"{PROVIDERS}/Microsoft.OperationalInsights/workspaces/log-slow"
    made = put(azure, path, PLACE)
    assert (made.status_code, made.headers["Retry-After"]) == (201, "1")
    assert made.json()["properties"]["provisioningState"] == "Creating"
    operation = made.headers["Azure-AsyncOperation"]
    assert [follow(azure, operation).json()["status"] for _ in range(2)] == ["InProgress", "Succeeded"]
    assert azure.arm("GET", path).json()["properties"]["provisioningState"] == "Succeeded"


def test_a_get_says_that_the_operation_runs(azure: RunningStandin) -> None:
    path = f"{PROVIDERS}/Microsoft.OperationalInsights/workspaces/log-running"
    made = put(azure, path, PLACE)
    states = [azure.arm("GET", path).json()["properties"]["provisioningState"] for _ in range(2)]
    assert states == ["Creating", "Succeeded"]
    assert follow(azure, made.headers["Azure-AsyncOperation"]).json()["status"] == "Succeeded"
    put(azure, path, {**PLACE, "tags": {"a": "1"}})
    states = [azure.arm("GET", path).json()["properties"]["provisioningState"] for _ in range(2)]
    assert states == ["Updating", "Succeeded"]


def test_a_location_answers_the_resource_at_the_end(azure: RunningStandin) -> None:
    path = f"{PROVIDERS}/Microsoft.Storage/storageAccounts/stslow"
    made = put(azure, path, ACCOUNT)
    assert (made.status_code, made.content) == (202, b"")
    waiting = follow(azure, made.headers["Location"])
    assert (waiting.status_code, waiting.headers["Location"]) == (202, made.headers["Location"])
    assert follow(azure, made.headers["Location"]).json()["name"] == "stslow"


def test_an_unknown_operation_is_not_found(azure: RunningStandin) -> None:
    answer = azure.arm("GET", f"/subscriptions/{SUBSCRIPTION_ID}/providers/X/locations/y/operationStatuses/none")
    assert answer.status_code == 404


def test_a_role_grants_nothing_before_it_has_propagated(azure: RunningStandin) -> None:
    role = "/providers/Microsoft.Authorization/roleDefinitions/7f951dda-4ed3-4680-a7ca-43fe172d538d"
    body = {"properties": {"roleDefinitionId": role, "principalId": DEPLOYER_OBJECT_ID}}
    name = "8a4b1d63-0f2c-4f4e-9c63-6e64a1c0a002"
    put(azure, f"{PROVIDERS}/Microsoft.Authorization/roleAssignments/{name}", body)

    def allowed() -> bool:
        return azure.do(lambda base: base.roles.allows(DEPLOYER_OBJECT_ID, GROUP, ["AcrPull"]))

    assert not allowed()
    azure.do(lambda base: base.clock.advance(599))
    assert not allowed()
    azure.do(lambda base: base.clock.advance(2))
    assert allowed()


def test_microsofts_clients_wait_through_it(azure: RunningStandin, credential: DefaultAzureCredential) -> None:
    with (
        StorageManagementClient(credential, SUBSCRIPTION_ID) as storage,
        LogAnalyticsManagementClient(credential, SUBSCRIPTION_ID) as logs,
        ResourceManagementClient(credential, SUBSCRIPTION_ID) as groups,
    ):
        account = storage.storage_accounts.begin_create("rg-slow", "stpatient", wire(ACCOUNT))
        workspace = logs.workspaces.begin_create_or_update("rg-slow", "log-patient", wire(PLACE))
        assert workspace.result().customer_id
        assert account.result().provisioning_state == "Succeeded"
        groups.resource_groups.begin_delete("rg-slow").result()
    assert azure.do(lambda base: base.arm.list(scope=GROUP)) == []
