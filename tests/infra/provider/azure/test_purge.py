"""Purge: what it asks of ARM, and how it takes its answers."""

from __future__ import annotations

import pytest

from cloud.errors import ServiceError
from infra.provider.types.purge import Purge
from pluginbase.resource import ProviderError
from tests.infra.provider.fake_arm import FakeArm, missing, ok
from tests.infra.provider.recorder import URN, Recorder, checked, refused

GROUP = "/subscriptions/s/resourceGroups/rg"
VAULT = f"{GROUP}/providers/Microsoft.KeyVault/vaults/kv1"
DELETED_VAULT = "/subscriptions/s/providers/Microsoft.KeyVault/locations/westeurope/deletedVaults/kv1"
LOGS = f"{GROUP}/providers/Microsoft.OperationalInsights/workspaces/log"
WORKSPACE = f"{GROUP}/providers/Microsoft.MachineLearningServices/workspaces/ws"


def test_a_workspace_is_purged_before_arm_deletes_it(arm: FakeArm) -> None:
    arm.on("DELETE", WORKSPACE, ok(None, 202, Location="https://management.azure.com/operation"))
    arm.on("GET", "/operation", ok(None, 200))
    arm.on("GET", WORKSPACE, ok({}), missing())
    inputs = checked(Purge(), {"kind": "workspace", "resourceId": WORKSPACE, "location": "westeurope"})
    Purge().delete(Recorder(), "x", inputs, inputs)
    assert arm.asked[0][2]["forceToPurge"] == "true"
    assert arm.paths("GET") == ["/operation", WORKSPACE, WORKSPACE]


def test_a_cluster_is_deleted_with_its_machines(arm: FakeArm) -> None:
    cluster = f"{WORKSPACE}/computes/cpu-cluster"
    arm.on("DELETE", cluster, ok(None, 202, **{"Azure-AsyncOperation": "https://management.azure.com/operation"}))
    arm.on("GET", "/operation", ok({"status": "Succeeded"}))
    inputs = checked(Purge(), {"kind": "compute", "resourceId": cluster, "location": "westeurope"})
    Purge().delete(Recorder(), "x", inputs, inputs)
    assert (arm.paths("DELETE"), arm.asked[0][2]["underlyingResourceAction"]) == ([cluster], "Delete")


def test_a_cluster_that_is_only_attached_is_detached_and_stays(arm: FakeArm) -> None:
    attached = f"{WORKSPACE}/computes/aks"
    arm.on("DELETE", attached, ok(None, 202, **{"Azure-AsyncOperation": "https://management.azure.com/operation"}))
    arm.on("GET", "/operation", ok({"status": "Succeeded"}))
    inputs = checked(Purge(), {"kind": "attachment", "resourceId": attached, "location": "westeurope"})
    Purge().delete(Recorder(), "x", inputs, inputs)
    assert (arm.paths("DELETE"), arm.asked[0][2]["underlyingResourceAction"]) == ([attached], "Detach")


@pytest.mark.parametrize("others", [[], [{"name": "theirs"}]])
def test_what_azure_put_beside_application_insights_goes_and_the_group_of_all_with_the_last(
    arm: FakeArm, others: list[dict[str, str]]
) -> None:
    group = WORKSPACE.partition("/providers/")[0]
    component = f"{group}/providers/Microsoft.Insights/components/appi-1"
    rule = f"{group}/providers/Microsoft.AlertsManagement/smartDetectorAlertRules/Failure Anomalies - appi-1"
    actions = f"{group}/providers/Microsoft.Insights/actionGroups/Application Insights Smart Detection"
    for path in (component, rule, actions):
        arm.on("DELETE", path, ok())
    arm.on("GET", f"{group}/providers/Microsoft.Insights/components", ok({"value": others}))
    inputs = checked(Purge(), {"kind": "insights", "resourceId": component, "location": "westeurope"})
    Purge().delete(Recorder(), "x", inputs, inputs)
    assert arm.paths("DELETE") == [component, rule, *([] if others else [actions])]


def test_a_refusal_while_something_is_polled_is_final_at_once(arm: FakeArm) -> None:
    refusal = ServiceError("x", 403, "AuthorizationFailed", "does not have authorization to perform action")
    arm.on("DELETE", WORKSPACE, ok(None, 202, Location="https://management.azure.com/operation"))
    arm.on("GET", "/operation", refusal, ok(None, 200))
    inputs = checked(Purge(), {"kind": "workspace", "resourceId": WORKSPACE, "location": "westeurope"})
    with pytest.raises(ServiceError, match="AuthorizationFailed"):
        Purge().delete(Recorder(), "x", inputs, inputs)
    assert arm.paths("GET") == ["/operation"]


def test_a_vault_is_deleted_and_then_purged(arm: FakeArm) -> None:
    """How the purge goes is told where another right is needed, so nobody asks there."""
    arm.on("DELETE", VAULT, ok())
    arm.on("POST", f"{DELETED_VAULT}/purge", ok(None, 202, Location="https://management.azure.com/not-ours-to-read"))
    inputs = checked(Purge(), {"kind": "vault", "resourceId": VAULT, "location": "westeurope"})
    Purge().delete(Recorder(), "x", inputs, inputs)
    assert [asked[:2] for asked in arm.asked] == [
        ("DELETE", VAULT),
        ("GET", VAULT),
        ("POST", f"{DELETED_VAULT}/purge"),
        ("GET", DELETED_VAULT),
    ]


class _Clock(Recorder):
    """Its time goes on by what is waited, and by nothing else."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds = 0.0

    def wait(self, seconds: float) -> None:
        self.seconds += seconds


@pytest.mark.parametrize(
    ("kind", "resource", "left", "by_hand"),
    [
        ("vault", VAULT, DELETED_VAULT, "az keyvault purge -n kv1"),
        ("workspace", WORKSPACE, WORKSPACE, "delete ws for good in the portal"),
        ("logAnalytics", LOGS, LOGS, "az monitor log-analytics workspace delete --force -n log -g rg"),
    ],
)
def test_a_purge_that_azure_forgets_ends_after_half_an_hour_with_what_to_do(
    arm: FakeArm, monkeypatch: pytest.MonkeyPatch, kind: str, resource: str, left: str, by_hand: str
) -> None:
    clock = _Clock()
    monkeypatch.setattr("cloud.purge.monotonic", lambda: clock.seconds)
    arm.on("DELETE", resource, ok())
    arm.on("POST", f"{DELETED_VAULT}/purge", ok(None, 202))
    arm.on("GET", left, ok({}))
    inputs = checked(Purge(), {"kind": kind, "resourceId": resource, "location": "westeurope"})
    with pytest.raises(ProviderError, match=f"{left} is still there 30 minutes after .*{by_hand}"):
        Purge().delete(clock, "x", inputs, inputs)
    assert clock.seconds == 1800


def test_purging_what_is_gone_succeeds(arm: FakeArm) -> None:
    for kind, resource in (("vault", VAULT), ("workspace", WORKSPACE), ("logAnalytics", VAULT)):
        inputs = {"kind": kind, "resourceId": resource, "location": "westeurope"}
        Purge().delete(Recorder(), "x", inputs, inputs)


def test_a_purge_whose_logical_name_changed_leaves_the_thing_and_a_destroy_does_not(arm: FakeArm) -> None:
    arm.on("DELETE", WORKSPACE, ok())
    purge = Purge()
    inputs = {"kind": "workspace", "resourceId": WORKSPACE, "location": "westeurope"}
    old, new = Recorder(f"{URN}-old"), Recorder(f"{URN}-new")
    purge.check(new, {}, {**inputs, "resourceId": WORKSPACE.upper()})
    purge.delete(old, "x", inputs, inputs)
    assert arm.asked == []
    assert "stays" in old.logs[0]
    purge.delete(new, "x", inputs, inputs)
    assert arm.paths("DELETE") == [WORKSPACE]
    Purge().delete(old, "x", inputs, inputs)
    assert arm.paths("DELETE") == [WORKSPACE, WORKSPACE]


def test_purge_refuses_what_it_cannot_purge() -> None:
    failures = refused(Purge(), {"kind": "disk", "resourceId": "disk1", "location": "westeurope"})
    assert {failure.path for failure in failures} == {"kind", "resourceId"}
