"""azure-mgmt-loganalytics, unmodified."""

from __future__ import annotations

from azure.identity import DefaultAzureCredential
from azure.mgmt.loganalytics import LogAnalyticsManagementClient

from standin.core.auth import SUBSCRIPTION_ID
from tests.standin.running import wire


def test_a_log_workspace_reads_back_with_its_keys(credential: DefaultAzureCredential, group: str) -> None:
    body = {"location": "westeurope", "properties": {"sku": {"name": "PerGB2018"}, "retentionInDays": 30}}
    with LogAnalyticsManagementClient(credential, SUBSCRIPTION_ID) as client:
        workspace = client.workspaces.begin_create_or_update(group, "log-judges", wire(body)).result()
        assert workspace.customer_id
        keys = client.shared_keys.get_shared_keys(group, "log-judges")
        assert keys.primary_shared_key not in (None, keys.secondary_shared_key)


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
