"""Removes for good what Azure only soft-deletes, so that its name is free again.

It must come before ARM's own delete: once a workspace is soft-deleted, forceToPurge answers 204 and leaves the record
(azure-cli #33756).
    workspace     https://learn.microsoft.com/azure/machine-learning/concept-soft-delete
    vault         https://learn.microsoft.com/rest/api/keyvault/keyvault/vaults/purge-deleted
    logAnalytics  https://learn.microsoft.com/azure/azure-monitor/logs/delete-workspace
    compute       https://learn.microsoft.com/rest/api/azureml/compute/delete
    attachment    the same, of a cluster that is somebody else's resource: it is detached, and stays
A cluster of Azure ML is not soft-deleted, but whether its machines go is asked with each delete, and azure-native does
not say: where they stay, a new cluster of the name has the old size (Azure/azure-rest-api-specs#18889).
Application Insights is not soft-deleted, but leaves what Azure put beside it unasked: an alert rule of its own, and an
action group that all of a resource group share (hashicorp/terraform-provider-azurerm#18026).
"""

from __future__ import annotations

from collections.abc import Mapping
from time import monotonic

from cloud.arm import Answer, Arm
from cloud.errors import ServiceError, is_missing
from cloud.operation import Operation

API_VERSIONS = {
    "workspace": "2025-12-01",
    "compute": "2025-12-01",
    "attachment": "2025-12-01",
    "vault": "2026-02-01",
    "logAnalytics": "2023-09-01",
    "insights": "2020-02-02",
}
"""By what can be purged."""
_QUERIES: Mapping[str, dict[str, str]] = {
    "workspace": {"forceToPurge": "true"},
    "compute": {"underlyingResourceAction": "Delete"},
    "attachment": {"underlyingResourceAction": "Detach"},
    "vault": {},
    "logAnalytics": {"force": "true"},
    "insights": {},
}
_RULES_VERSION, _ACTIONS_VERSION = "2021-04-01", "2023-01-01"
_POLL_SECONDS = 5.0
# Azure gives no bound; users report minutes, and purges that Azure forgot (azure-cli #33756).
_GONE_MINUTES = 30
_BY_HAND = {
    "workspace": "delete {name} for good in the portal (Azure Machine Learning, Recently deleted)",
    "compute": "`az ml compute delete -n {name} -g {group}` with its workspace",
    "attachment": "`az ml compute detach -n {name} -g {group}` with its workspace",
    "vault": "`az keyvault purge -n {name}`",
    "logAnalytics": "`az monitor log-analytics workspace delete --force -n {name} -g {group}`",
    "insights": "`az monitor app-insights component delete --app {name} -g {group}`",
}


class StillThere(Exception):
    """A purge that Azure accepted and seems to have forgotten; the text says what to do by hand."""


def purge(operation: Operation, arm: Arm, kind: str, resource_id: str, location: str) -> None:
    """Returns when the thing is gone for good, also where it was gone before. Raises ServiceError, StillThere."""
    answer = _unless_missing(arm, "DELETE", resource_id, API_VERSIONS[kind], _QUERIES[kind])
    if answer is not None:
        _follow(arm, answer, f"delete of {resource_id}")
    _until_missing(operation, arm, kind, resource_id, resource_id)
    if kind == "vault":
        purge_deleted_vault(operation, arm, resource_id, location)
    if kind == "insights":
        _purge_smart_detection(arm, resource_id)


def _purge_smart_detection(arm: Arm, component_id: str) -> None:
    group, _, rest = component_id.partition("/providers/")
    rule = f"Microsoft.AlertsManagement/smartDetectorAlertRules/Failure Anomalies - {rest.rpartition('/')[2]}"
    _unless_missing(arm, "DELETE", f"{group}/providers/{rule}", _RULES_VERSION, {})
    left = _unless_missing(arm, "GET", f"{group}/providers/Microsoft.Insights/components", API_VERSIONS["insights"], {})
    if left is None or not (left.body or {}).get("value"):
        actions = "Microsoft.Insights/actionGroups/Application Insights Smart Detection"
        _unless_missing(arm, "DELETE", f"{group}/providers/{actions}", _ACTIONS_VERSION, {})


def deleted_vault(resource_id: str, location: str) -> str:
    """Where a vault lies once it is deleted."""
    parts = resource_id.split("/")
    return f"/subscriptions/{parts[2]}/providers/Microsoft.KeyVault/locations/{location}/deletedVaults/{parts[-1]}"


def purge_deleted_vault(operation: Operation, arm: Arm, resource_id: str, location: str) -> None:
    deleted = deleted_vault(resource_id, location)
    # Not followed: how the purge goes is told below the subscription, which is a right beside that to purge.
    _unless_missing(arm, "POST", f"{deleted}/purge", API_VERSIONS["vault"], {})
    _until_missing(operation, arm, "vault", deleted, resource_id)


def _unless_missing(arm: Arm, method: str, path: str, version: str, query: dict[str, str]) -> Answer | None:
    try:
        return arm.request(method, path, version, query=query)
    except ServiceError as error:
        if is_missing(error):
            return None
        raise


def _follow(arm: Arm, answer: Answer, what: str) -> None:
    try:
        arm.follow(answer, what)
    except ServiceError as error:
        if not is_missing(error):  # the operation's own record may go with the resource
            raise


def _until_missing(operation: Operation, arm: Arm, kind: str, path: str, resource_id: str) -> None:
    """StillThere after _GONE_MINUTES: a purge that Azure has forgotten must not hold anybody for ever."""
    deadline = monotonic() + _GONE_MINUTES * 60
    polling = arm.polling()
    while _unless_missing(polling, "GET", path, API_VERSIONS[kind], {}) is not None:
        name = path.rpartition("/")[2]
        if monotonic() >= deadline:
            by_hand = _BY_HAND[kind].format(name=name, group=resource_id.split("/")[4])
            raise StillThere(
                f"{path} is still there {_GONE_MINUTES} minutes after its purge was accepted, as if Azure had "
                f"forgotten it: {by_hand}, then destroy again"
            )
        operation.status(f"waiting until {name} is gone for good")
        operation.wait(_POLL_SECONDS)
