"""What Azure puts beside an Application Insights component unasked: an alert rule, and an action group that mails.

Azure makes them up to an hour after the component, and leaves them when it goes; the stand-in makes them at once.
https://learn.microsoft.com/azure/azure-monitor/alerts/proactive-failure-diagnostics
https://github.com/hashicorp/terraform-provider-azurerm/issues/18026
"""

from __future__ import annotations

from typing import Any

from standin.core.arm import Arm, Resource, ResourceKind

_MONITORING_CONTRIBUTOR = "749f88d5-cbae-40b8-bcfc-e573ddc772fa"
_MONITORING_READER = "43d0d8ad-25c7-4714-9337-8ba259a9fe05"


class ActionGroup(ResourceKind):
    type = "Microsoft.Insights/actionGroups"
    system_data = False
    operation = "none"
    delete_operation = "none"
    provisioning_state = False


class SmartDetectorRule(ResourceKind):
    type = "Microsoft.AlertsManagement/smartDetectorAlertRules"
    operation = "none"
    delete_operation = "none"
    provisioning_state = False


def make_smart_detection(arm: Arm, component: Resource) -> None:
    """One rule a component, one action group a resource group. One that is there stays as it is."""
    group = component.id.partition("/providers/")[0]
    name = "Application Insights Smart Detection"
    action_group = f"{group}/providers/{ActionGroup.type}/{name}"
    mailed = [
        {"name": title, "roleId": role, "useCommonAlertSchema": True}
        for title, role in (
            ("Monitoring Contributor", _MONITORING_CONTRIBUTOR),
            ("Monitoring Reader", _MONITORING_READER),
        )
    ]
    _save(arm, component, ActionGroup.type, action_group, {"groupShortName": "SmartDetect", "armRoleReceivers": mailed})
    rule = f"{group}/providers/{SmartDetectorRule.type}/Failure Anomalies - {component.name}"
    detector = {
        "state": "Enabled",
        "severity": "Sev3",
        "frequency": "PT1M",
        "detector": {"id": "FailureAnomaliesDetector"},
        "scope": [component.id],
        "actionGroups": {"groupIds": [action_group]},
    }
    _save(arm, component, SmartDetectorRule.type, rule, detector)


def _save(arm: Arm, component: Resource, kind: str, resource_id: str, properties: dict[str, Any]) -> None:
    if arm.get(resource_id) is not None:
        return
    body = {"location": "global", "properties": properties}
    made = component.changed_at
    arm.save(
        Resource(
            id=resource_id, type=kind, name=resource_id.rpartition("/")[2], body=body, created_at=made, changed_at=made
        )
    )
