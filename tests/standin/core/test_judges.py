"""azure-mgmt-resource, unmodified, against the generic resource manager."""

from __future__ import annotations

import pytest
from azure.core.exceptions import ResourceNotFoundError
from azure.identity import DefaultAzureCredential
from azure.mgmt.msi import ManagedServiceIdentityClient
from azure.mgmt.resource.resources import ResourceManagementClient

from standin.core.auth import SUBSCRIPTION_ID
from tests.standin.running import RunningStandin, wire


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


def test_deleting_a_group_takes_everything_in_it(credential: DefaultAzureCredential, azure: RunningStandin) -> None:
    with (
        ResourceManagementClient(credential, SUBSCRIPTION_ID) as client,
        ManagedServiceIdentityClient(credential, SUBSCRIPTION_ID) as identities,
    ):
        client.resource_groups.create_or_update("rg-gone", wire({"location": "westeurope"}))
        identities.user_assigned_identities.create_or_update("rg-gone", "id-a", wire({"location": "westeurope"}))
        client.resource_groups.begin_delete("rg-gone").result()
        assert azure.do(lambda base: [found.id for found in base.arm.list() if "rg-gone" in found.id]) == []
