"""azure-mgmt-applicationinsights, unmodified."""

from __future__ import annotations

import pytest
from azure.core.exceptions import ResourceNotFoundError
from azure.identity import DefaultAzureCredential
from azure.mgmt.applicationinsights import ApplicationInsightsManagementClient
from azure.mgmt.loganalytics import LogAnalyticsManagementClient

from standin.core.auth import SUBSCRIPTION_ID
from tests.standin.running import wire


def test_a_component_stands_on_a_log_workspace_and_reads_back(credential: DefaultAzureCredential, group: str) -> None:
    with (
        LogAnalyticsManagementClient(credential, SUBSCRIPTION_ID) as logs,
        ApplicationInsightsManagementClient(credential, SUBSCRIPTION_ID) as insights,
    ):
        place = {"location": "westeurope"}
        workspace = logs.workspaces.begin_create_or_update(group, "log-judges", wire(place)).result()
        properties = {"Application_Type": "web", "WorkspaceResourceId": workspace.id}
        body = {**place, "kind": "web", "properties": properties}
        component = insights.components.create_or_update(group, "appi-judges", wire(body))
        assert component.application_type == "web"
        assert component.workspace_resource_id == workspace.id
        assert component.instrumentation_key is not None
        assert component.instrumentation_key in str(component.connection_string)
        insights.components.delete(group, "appi-judges")
        with pytest.raises(ResourceNotFoundError):
            insights.components.get(group, "appi-judges")
