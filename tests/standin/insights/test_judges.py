"""azure-mgmt-applicationinsights, unmodified."""

from __future__ import annotations

import pytest
from azure.core.exceptions import ResourceNotFoundError
from azure.identity import DefaultAzureCredential
from azure.mgmt.applicationinsights import ApplicationInsightsManagementClient
from azure.mgmt.loganalytics import LogAnalyticsManagementClient
from azure.mgmt.resource.resources import ResourceManagementClient

from standin.core.auth import SUBSCRIPTION_ID
from tests.standin.running import RunningStandin, wire


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


def test_azure_puts_an_alert_rule_and_an_action_group_beside_a_component_and_leaves_them(
    azure: RunningStandin, credential: DefaultAzureCredential
) -> None:
    group = f"/subscriptions/{SUBSCRIPTION_ID}/resourceGroups/rg-smart"
    beside = {
        f"{group}/providers/Microsoft.Insights/actionGroups/Application Insights Smart Detection",
        f"{group}/providers/Microsoft.AlertsManagement/smartDetectorAlertRules/Failure Anomalies - appi-smart",
    }
    with (
        ResourceManagementClient(credential, SUBSCRIPTION_ID) as groups,
        ApplicationInsightsManagementClient(credential, SUBSCRIPTION_ID) as insights,
    ):
        groups.resource_groups.create_or_update("rg-smart", wire({"location": "westeurope"}))
        body = {"location": "westeurope", "kind": "web", "properties": {"Application_Type": "web"}}
        insights.components.create_or_update("rg-smart", "appi-smart", wire(body))
        insights.components.delete("rg-smart", "appi-smart")
        assert {left.id for left in groups.resources.list_by_resource_group("rg-smart")} == beside
        groups.resource_groups.begin_delete("rg-smart").result()
    assert azure.do(lambda base: base.arm.list(scope=group)) == []
