"""azure-mgmt-authorization, -containerinstance, -iothub, -storage, -keyvault, unmodified, on what could be made."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from azure.identity import DefaultAzureCredential
from azure.mgmt.authorization import AuthorizationManagementClient
from azure.mgmt.containerinstance import ContainerInstanceManagementClient
from azure.mgmt.iothub import IotHubClient
from azure.mgmt.keyvault import KeyVaultManagementClient
from azure.mgmt.storage import StorageManagementClient

from standin.core.auth import SUBSCRIPTION_ID
from tests.standin.running import RunningStandin, running_standin, wire

GROUP = f"/subscriptions/{SUBSCRIPTION_ID}/resourceGroups/rg-offers"


@pytest.fixture(scope="module")
def offering(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStandin]:
    state: Path = tmp_path_factory.mktemp("standin")
    with (
        running_standin(state, services=("blob", "keyvault", "iothub", "containerinstance")) as running,
        pytest.MonkeyPatch.context() as patch,
    ):
        for name, value in running.environment.items():
            patch.setenv(name, value)
        assert running.arm("PUT", GROUP, {"location": "westeurope"}).ok
        yield running


@contextmanager
def signed_in() -> Iterator[DefaultAzureCredential]:
    credential = DefaultAzureCredential()
    yield credential
    credential.close()


def test_an_owner_may_do_everything_and_no_policy_denies(offering: RunningStandin) -> None:
    with signed_in() as credential, AuthorizationManagementClient(credential, SUBSCRIPTION_ID) as client:
        (permission,) = client.permissions.list_for_resource_group("rg-offers")

    assert (permission.actions, permission.not_actions) == (["*"], [])
    path = f"/subscriptions/{SUBSCRIPTION_ID}/providers/Microsoft.Authorization/policyAssignments"
    assert offering.arm("GET", path, version="2023-04-01").json() == {"value": []}


def test_a_region_tells_its_sizes_and_how_many_container_groups_are_left(offering: RunningStandin) -> None:
    with signed_in() as credential, ContainerInstanceManagementClient(credential, SUBSCRIPTION_ID) as client:
        location: Any = client.location
        sizes = list(location.list_capabilities("westeurope"))
        usages = {one.name.value: (one.current_value, one.limit) for one in location.list_usage("westeurope")}

    (linux,) = [one for one in sizes if one.os_type == "Linux" and one.gpu == "None"]
    assert (linux.capabilities.max_cpu, linux.capabilities.max_memory_in_gb) == (4.0, 16.0)
    assert usages == {"ContainerGroups": (0, 100), "StandardCores": (0, 100)}


def test_free_hubs_are_counted_and_others_are_not(offering: RunningStandin) -> None:
    with signed_in() as credential, IotHubClient(credential, SUBSCRIPTION_ID) as client:
        counted = []
        for name, sku in (("offers-standard", "S1"), ("offers-free", "F1")):
            body = {"location": "westeurope", "sku": {"name": sku, "capacity": 1}, "properties": {}}
            hub = f"{GROUP}/providers/Microsoft.Devices/IotHubs/{name}"
            assert offering.arm("PUT", hub, body, version="2023-06-30").ok
            counted += [(one.name.value, one.current_value, one.limit) for one in _usages(client)]

        assert counted == [("FreeHubCount", 0, 1), ("FreeHubCount", 1, 1)]
        free, taken, wrong = (_hub_name(client, name) for name in ("offers-other", "OFFERS-FREE", "a_b"))
    assert (free, taken, wrong) == ((True, "Invalid"), (False, "AlreadyExists"), (False, "Invalid"))


def _usages(client: Any) -> list[Any]:
    return list(client.resource_provider_common.get_subscription_quota().value)


def _hub_name(client: Any, name: str) -> tuple[bool, str]:
    answer = client.iot_hub_resource.check_name_availability(wire({"name": name}))
    return answer.name_available, answer.reason


def test_names_of_storage_and_vaults_are_free_taken_or_impossible(offering: RunningStandin) -> None:
    properties = {"tenantId": "11111111-0000-4000-8000-000000000002", "sku": {"family": "A", "name": "standard"}}
    vault = f"{GROUP}/providers/Microsoft.KeyVault/vaults/kv-offers"
    assert offering.arm("PUT", vault, {"location": "westeurope", "properties": properties}, version="2023-07-01").ok
    assert offering.arm("DELETE", vault, version="2023-07-01").ok
    kind = "Microsoft.KeyVault/vaults"
    with (
        signed_in() as credential,
        KeyVaultManagementClient(credential, SUBSCRIPTION_ID) as vaults,
        StorageManagementClient(credential, SUBSCRIPTION_ID) as storage,
    ):
        asked = {name: vaults.vaults.check_name_availability(wire({"name": name, "type": kind})) for name in _VAULTS}
        account = storage.storage_accounts.check_name_availability(
            wire({"name": "stoffers", "type": "Microsoft.Storage/storageAccounts"})
        )

    assert account.name_available
    # soft-deleted, the vault keeps its name
    assert {name: (one.name_available, one.reason) for name, one in asked.items()} == _VAULTS


_VAULTS = {
    "kv-offers": (False, "AlreadyExists"),
    "kv-other": (True, None),
    "kv--x": (False, "AccountNameInvalid"),
}
