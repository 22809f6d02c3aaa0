"""Steps 0 to 5 against the stand-in: all as expected, and each surprise found by the row that it contradicts."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cli.first_contact.contact import Contact
from cli.first_contact.finding import Outcome, Surprise
from cli.first_contact.planned import Planned
from cli.first_contact.steps import STEPS
from cli.first_contact.steps.permissions import Permissions
from cli.needs.need import Need
from cloud.arm import Arm
from cloud.operation import Waiting
from cloud.retrying import RetryLimits
from standin.core.auth import TENANT_ID
from tests.cli.first_contact.conftest import Fault, findings, results_of, surprises
from tests.standin.running import RunningStandin


def test_all_is_as_expected_and_says_what_was_found(contact: Contact) -> None:
    found = findings(results_of(contact, *range(6)))

    others = {one.expectation: one.outcome for one in found if one.outcome is not Outcome.EXPECTED}
    assert others == {"P-reach": Outcome.NOT_MEANT}  # it is asked of who holds rights at a group alone
    assert [one.expectation for one in found] == [id for step in STEPS[:6] for id in step.checks]
    told = {one.expectation: one.found for one in found}
    assert "azureiotedge-agent:1.6.1 is there, newest patch 1.6.2" in told["P-runtime-tags"]
    assert told["P-rights"].startswith("2") and "actions at the subscription" in told["P-rights"]
    assert told["P-container-quota"] == "ContainerGroups 0 of 100, StandardCores 0 of 100"
    assert "kv-edgeway-dev" in told["P-names"] and "taken" not in told["P-names"]
    assert told["P-state-container"].startswith("stpulumistate/state is read")
    assert told["P-state-key"].startswith("RSA-OAEP-256 there and back")


def a_token(**claims: Any) -> dict[str, Any]:
    """As Entra answers; nobody verifies it before a service does."""
    parts = [{"alg": "none"}, {"tid": TENANT_ID, "oid": "11111111-0000-4000-8000-0000000000ff", **claims}, {}]
    token = ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)
    return {"token_type": "Bearer", "expires_in": 3599, "access_token": token}


pytestmark = pytest.mark.slow
LOGIN = "login.microsoftonline.com"
AUTHORIZATION = "providers/Microsoft.Authorization"
ELSEWHERE = {
    "registrationState": "Registered",
    "resourceTypes": [{"resourceType": "IotHubs", "locations": ["East US"]}],
}
SMALL = {"osType": "Linux", "gpu": "None", "capabilities": {"maxCpu": 0.5, "maxMemoryInGB": 1}}
FULL = [
    {"currentValue": 100, "limit": 100, "name": {"value": "ContainerGroups"}},
    {"currentValue": 0, "limit": 100, "name": {"value": "StandardCores"}},
]
CONDITIONED = {"properties": {"condition": "@Request[...:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {none}"}}


def denying(fault: Fault) -> None:
    definition = "/providers/Microsoft.Authorization/policyDefinitions/allowed-locations"
    assignment = {"name": "a", "properties": {"policyDefinitionId": definition, "displayName": "Allowed locations"}}
    fault(f"{AUTHORIZATION}/policyAssignments", body={"value": [assignment]})
    effect = {"policyRule": {"then": {"effect": "[parameters('effect')]"}}}
    parameters = {"parameters": {"effect": {"defaultValue": "Deny"}}}
    fault("policyDefinitions/allowed-locations", body={"properties": {**effect, **parameters}})


SURPRISES: dict[str, tuple[int, Callable[[Fault], None], str]] = {
    "P-runtime-tags": (0, lambda fault: fault("azureiotedge-hub/tags", body={"tags": ["1.5.0"]}), "1.6.1 is not there"),
    "P-tokens": (1, lambda fault: fault("/oauth2/v2.0/token", host=LOGIN, body=a_token(idtyp="app")), "2 principals"),
    "P-token-type": (1, lambda fault: fault("/oauth2/v2.0/token", host=LOGIN, count=4, body=a_token()), "idtyp None"),
    "P-subscription": (1, lambda fault: fault("/subscriptions/", body={"state": "Disabled"}), "Disabled"),
    "P-rights": (
        2,
        lambda fault: fault(
            f"{AUTHORIZATION}/permissions",
            body={"value": [{"actions": ["*"], "notActions": ["Microsoft.Authorization/*/Write"]}]},
        ),
        "lacking: Microsoft.Authorization/roleAssignments/write",
    ),
    "P-conditions": (
        2,
        lambda fault: fault(f"{AUTHORIZATION}/roleAssignments", body={"value": [CONDITIONED]}),
        "not named in it: AcrPull",
    ),
    "P-registrations": (
        3,
        lambda fault: fault("providers/Microsoft.Devices", body={"registrationState": "NotRegistered"}),
        "Microsoft.Devices NotRegistered",
    ),
    "P-regions": (
        3,
        lambda fault: fault("providers/Microsoft.Devices", count=2, body=ELSEWHERE),
        "Microsoft.Devices/IotHubs not in westeurope",
    ),
    "P-container-sizes": (3, lambda fault: fault("/capabilities", body={"value": [SMALL]}), "0 of 1 Linux sizes"),
    "P-container-quota": (
        3,
        lambda fault: fault("Microsoft.ContainerInstance/locations/westeurope/usages", body={"value": FULL}),
        "ContainerGroups 100 of 100",
    ),
    "P-hub-quota": (
        3,
        lambda fault: fault("Microsoft.Devices/usages", body={"value": [{"name": {"value": "TotalHubCount"}}]}),
        "no FreeHubCount, but: TotalHubCount",
    ),
    "P-policies": (3, denying, "these deny: Allowed locations"),
    "P-names": (
        4,
        lambda fault: fault(
            "Microsoft.Storage/checkNameAvailability", body={"nameAvailable": False, "reason": "AlreadyExists"}
        ),
        "taken (AlreadyExists",
    ),
    "P-soft-deleted": (4, lambda fault: fault("deletedVaults/kv-", body={"properties": {}}), "soft-deleted: vault kv-"),
    "P-state-container": (
        5,
        lambda fault: fault("/state", host="blob.core.windows.net", status=404, count=3),
        "answered 404",
    ),
    "P-state-key": (5, lambda fault: fault("/decrypt", body={"value": "AAAA"}), "there and back"),
}
"""Row -> step, how it is planted, and what is told."""


@pytest.mark.parametrize("row", SURPRISES)
def test_a_surprise_is_found_by_its_row_and_ends_the_run(contact: Contact, fault: Fault, row: str) -> None:
    step, plant, told = SURPRISES[row]
    plant(fault)

    results = results_of(contact, step, 5)

    found = surprises(results)
    assert list(found) == [row]
    assert told in found[row]
    assert [result.step.number for result in results] == [step]


def test_another_identity_of_azure_native_is_a_surprise(contact: Contact, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARM_CLIENT_ID", "11111111-0000-4000-8000-0000000000fe")

    (found,) = surprises(results_of(contact, 1)).values()

    assert "azure-native is told <id " in found


def test_a_resource_that_the_plugin_does_not_know_is_a_surprise(contact: Contact) -> None:
    hub = contact.planned_without_account.one("iothub:IotHubResource")
    token = "azure-native:iothub/v20990101:Hub"
    contact.planned_without_account = Planned([replace(hub, token=token)])

    found = surprises(results_of(contact, 0))

    assert list(found) == ["P-plugin-types"]
    assert f"takes 0 of 1 planned resources; not {token} hub: " in found["P-plugin-types"]


def test_every_question_has_a_surprise_that_is_planted() -> None:
    asked = {row for step in STEPS[:6] for row in step.checks}

    # a plugin is there or cannot be fetched, and what reaches no subscription cannot ask: they have no third answer
    assert asked - SURPRISES.keys() == {"P-one-identity", "P-plugin", "P-plugin-types", "P-reach"}


@pytest.mark.parametrize("answer", [{"reset": True}, {"status": 403}])
def test_what_cannot_be_reached_or_may_not_be_asked_is_no_surprise_and_no_pass(
    contact: Contact, fault: Fault, answer: dict[str, Any]
) -> None:
    contact.arm = Arm(Waiting(), RetryLimits(transient_seconds=0, unauthorised_seconds=0))
    fault("policyAssignments", count=40, **answer)

    found = {one.expectation: one.outcome for one in findings(results_of(contact, 3))}

    assert found.pop("P-policies") is Outcome.NOT_ASKED
    assert set(found.values()) == {Outcome.EXPECTED}


def test_a_plugin_that_cannot_be_fetched_is_told_so(
    contact: Contact, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    offline = tmp_path / "pulumi"
    offline.write_text("#!/bin/sh\necho 'error: failed to download plugin' >&2\nexit 255\n")
    offline.chmod(0o755)
    monkeypatch.setattr("cli.first_contact.steps.tools.shutil.which", lambda *_, **__: str(offline))
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path / "empty"))
    monkeypatch.setattr("cli.first_contact.steps.tools.plugin", lambda _: Need(name="plugin", ok=False, found=""))

    told = {one.expectation: one for one in findings(results_of(contact, 0))}

    assert told["P-plugin"].outcome is Outcome.NOT_ASKED
    assert "failed to download plugin" in told["P-plugin"].found


def test_a_state_that_is_not_in_azure_is_not_asked_for(contact: Contact, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_BACKEND_URL", "file:///somewhere")
    contact.config = {**contact.config, "secretsprovider": None}

    assert [one.outcome for one in findings(results_of(contact, 5))] == [Outcome.NOT_MEANT, Outcome.NOT_MEANT]


def test_a_vault_that_an_earlier_destroy_left_is_told_by_name(contact: Contact, azure: RunningStandin) -> None:
    vault = contact.planned.one("keyvault:Vault")
    assert azure.arm("PUT", contact.planned.one("resources:ResourceGroup").id, {"location": "westeurope"}).ok
    assert azure.arm("PUT", vault.id, dict(vault.body), version=vault.api_version).ok
    try:
        ours = surprises(results_of(contact, 4))
        assert azure.arm("DELETE", vault.id, version=vault.api_version).ok
        left = surprises(results_of(contact, 4, keep_going=True))
    finally:
        azure.arm("POST", f"{_deleted(vault.id)}/purge", version="2023-07-01")

    # the stack's own is no surprise
    assert ours == {}
    assert list(left) == ["P-names", "P-soft-deleted"]
    assert vault.azure_name in left["P-soft-deleted"]


def _deleted(vault_id: str) -> str:
    subscription, _, name = vault_id.partition("/resourceGroups/")
    place = "providers/Microsoft.KeyVault/locations/westeurope/deletedVaults"
    return f"{subscription}/{place}/{name.rpartition('/')[2]}"


def test_a_right_below_the_subscription_is_not_had_by_a_role_at_a_group() -> None:
    purge = "Microsoft.KeyVault/locations/deletedVaults/purge/action"

    class Lists(Contact):
        planned = Planned(())

        def listed(self, path: str, api_version: str, **query: str) -> list[Any]:
            return [{"actions": ["*"]}] if "/resourceGroups/" in path else []

    contact = Lists("dev", {"edgeway:existing": {"resourceGroup": "rg-theirs"}})
    with pytest.raises(Surprise, match=purge) as told:
        Permissions(contact).rights()
    assert "roleAssignments" not in str(told.value)
