"""Steps that make something for nothing: all as expected, nothing left, and each surprise found by its row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from cli.first_contact.contact import Contact
from cli.first_contact.finding import Outcome
from cli.first_contact.planned import Deployer, Planned
from cli.first_contact.steps import STEPS
from clone.root import ROOT
from tests.cli.first_contact.conftest import Fault, alive, findings, results_of, surprises
from tests.standin.running import RunningStandin

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:datetime.datetime.utcfromtimestamp:DeprecationWarning"),
]
FREE = (6, 7, 10)


def test_all_is_as_expected_and_nothing_is_left(scratch: Contact, azure: RunningStandin) -> None:
    found = findings(results_of(scratch, *FREE))

    assert [(one.expectation, one.found) for one in found if one.outcome is not Outcome.EXPECTED] == []
    assert [one.expectation for one in found] == [row for step in STEPS if step.number in FREE for row in step.checks]
    told = {one.expectation: one.found for one in found}
    assert told["P-hub"].startswith("F1 after")
    # a hub that is new is not found at first
    assert "2x 404 IotHubNotFound" in told["P-hub-role"] and "1x 200" in told["P-hub-role"]
    assert told["P-hub-keys"] == "the key of 'service' is the same after a PUT of tags"
    assert told["P-logs-purge"].endswith("made again it is another one")
    assert scratch.close() == []
    assert [one for one in alive(azure) if "first" in one] == []
    assert scratch.close() == []


def test_the_group_says_whose_it_is_and_until_when(scratch: Contact, azure: RunningStandin) -> None:
    results_of(scratch, 6)

    name = scratch.scratch.group.azure_name
    assert name.startswith("rg-edgeway-first-") and len(name) == len("rg-edgeway-first-") + 6
    tags = azure.arm("GET", scratch.scratch.group.id).json()["tags"]
    assert tags["edgeway"] == "first-contact" and tags["expires"].endswith("Z")


def test_who_may_make_no_group_could_not_ask_and_nothing_is_purged(
    scratch: Contact, azure: RunningStandin, fault: Fault
) -> None:
    fault("resourceGroups/rg-edgeway-first", method="PUT", status=403, count=ALWAYS)

    found = findings(results_of(scratch, 6, 10))

    assert {one.outcome for one in found} == {Outcome.NOT_ASKED}
    assert "needs the right to make one in the subscription" in found[0].found
    assert scratch.close() == []


def test_a_vault_that_was_deleted_and_not_purged_goes_too_and_none_is_asked_for_that_never_was(
    scratch: Contact, azure: RunningStandin, fault: Fault
) -> None:
    vault = scratch.scratch.planned.one("keyvault:Vault")
    fault("/purge", method="POST", status=403)  # the right to purge is not needed where there was no vault
    results_of(scratch, 6)
    assert scratch.close() == []
    azure.do(lambda base: base.faults.clear())

    scratch.scratch.put(vault)
    assert azure.arm("DELETE", vault.id, version=vault.api_version).ok
    assert scratch.close() == []

    taken = {"name": vault.azure_name, "type": "Microsoft.KeyVault/vaults"}
    assert scratch.post("/providers/Microsoft.KeyVault/checkNameAvailability", "2023-07-01", taken)["nameAvailable"]


def test_a_group_of_somebody_elses_is_not_touched_and_who_asks_is_the_operator(scratch: Contact) -> None:
    """As docs/azure.md sets a stack up: without its operators the plan gives the roles to who asks."""
    operators = [{"principalId": "11111111-2222-3333-4444-555555555555", "type": "ServicePrincipal"}]
    stack = {"edgeway:existing": {"resourceGroup": "rg-theirs"}, "edgeway:operators": operators}
    given = {**scratch.config, **stack}
    scratch.config = {key: value for key, value in given.items() if key != "edgeway:baseImage"}  # as on `local`
    asked: list[dict[str, object]] = []
    whole = scratch.plan

    def planned(stack: str, config: Mapping[str, Any], deployer: Deployer, clone: Path = ROOT) -> Planned:
        asked.append({**config})
        return whole(stack, config, deployer)

    scratch.plan = planned

    assert scratch.scratch.group.azure_name.startswith("rg-edgeway-first-")
    assert asked[0].keys().isdisjoint(stack)
    # only `local` may leave it out, and this is planned for an environment of its own
    assert "@sha256:" in str(asked[0]["edgeway:baseImage"])
    assert scratch.scratch.planned.one("authorization:RoleAssignment", "operators-deployer-hub")


HUBS = "Microsoft.Devices/IotHubs/"
ASSIGNMENTS = "providers/Microsoft.Authorization/roleAssignments"
VAULTS = "Microsoft.KeyVault/vaults/"

BASE = {"id": "first-base", "etag": "x", "priority": 10, "content": {"modulesContent": {"$edgeAgent": {}}}}
TAKEN = {"nameAvailable": False, "reason": "AlreadyExists"}
ALWAYS = 10_000


def recovered(fault: Fault) -> None:
    """A purge that is forgotten, and seems done: the name brings the old workspace back."""
    path = "OperationalInsights/workspaces/"
    fault(path, method="DELETE")
    fault(path, method="GET", after=1, status=404)


SURPRISES: dict[str, tuple[int, Callable[[Fault], None], str]] = {
    "P-group": (
        6,
        lambda fault: fault("resourceGroups/rg-edgeway-first", method="GET", body={"location": "eastus", "tags": {}}),
        "location is 'eastus'",
    ),
    "P-identity": (
        6,
        lambda fault: fault("userAssignedIdentities", method="GET", body={"properties": {"principalId": "x"}}),
        "location is left out",
    ),
    "P-assignment-typed": (6, lambda fault: fault(ASSIGNMENTS, method="PUT", status=400), "answered 400"),
    "P-assignment-untyped": (
        6,
        lambda fault: fault(ASSIGNMENTS, method="PUT", after=1, status=403),
        "no condition of ours filters by type",
    ),
    "P-assignment-listed": (
        6,
        lambda fault: fault(ASSIGNMENTS, method="GET", count=ALWAYS, body={"value": []}),
        "an assignment is in the list",
    ),
    "P-assignment-removed": (6, lambda fault: fault(ASSIGNMENTS, method="DELETE", status=400), "answered 400"),
    "P-hub": (
        7,
        lambda fault: fault(HUBS, method="GET", body={"location": "westeurope", "properties": {}}),
        "identity is left out",
    ),
    "P-hub-again": (
        7,
        lambda fault: fault(HUBS, method="GET", after=2, body={"properties": {"minTlsVersion": "1.0"}}),
        "changed by the same PUT",
    ),
    "P-hub-keys": (
        7,
        lambda fault: fault("/listkeys", method="POST", after=1, body={"primaryKey": "another"}),
        "is another after a PUT of tags",
    ),
    "P-hub-role": (
        7,
        lambda fault: fault("/configurations", method="GET", status=403, count=ALWAYS),
        "not within 0 s: the role lets us read configurations",
    ),
    "P-hub-flicker": (
        7,
        lambda fault: fault("/configurations", method="GET", status=404, body={"Message": "ErrorCode:NoRoute;gone"}),
        "it was not found as: 404 IotHubNotFound, 404 NoRoute",
    ),
    "P-hub-missing": (7, lambda fault: fault("/devices/no-such-device", status=404, body={"Message": "x"}), "404"),
    "P-device-keys": (
        7,
        lambda fault: fault("/devices/first-contact", method="GET", body={"deviceId": "first-contact"}),
        "without its key",
    ),
    "P-deployment-content": (
        7,
        lambda fault: fault("/configurations/first-base", method="GET", body=BASE),
        "first-base: $edgeAgent.properties.desired is left out",
    ),
    "P-deployment-conflict": (
        7,
        lambda fault: fault("/configurations/first-base", method="PUT", after=1, body=BASE),
        "a PUT without If-Match replaced a configuration",
    ),
    "P-deployment-etag": (
        7,
        lambda fault: fault("/configurations/first-base", method="PUT", after=2, status=400),
        "answered 400",
    ),
    "P-deployment-removed": (7, lambda fault: fault("/configurations", method="DELETE", status=412), "answered 412"),
    "P-hub-name": (
        7,
        lambda fault: fault("Microsoft.Devices/checkNameAvailability", count=ALWAYS, body=TAKEN),
        "the hub's name is free",
    ),
    "P-vault": (10, lambda fault: fault(VAULTS, method="GET", body={"properties": {}}), "is left out"),
    "P-vault-soft-deleted": (
        10,
        lambda fault: fault("/deletedVaults/", method="GET", status=404, count=ALWAYS),
        "the deleted vault is in",
    ),
    "P-vault-polling": (10, lambda fault: fault("/purge", method="POST", status=400), "answered 400"),
    "P-vault-purge": (
        10,
        lambda fault: fault("Microsoft.KeyVault/checkNameAvailability", count=ALWAYS, body=TAKEN),
        "is free",
    ),
    "P-logs-purge": (
        10,
        recovered,
        "the old one, recovered",
    ),
}
"""Row -> step, how it is planted, and what is told."""
WAITED_FOR = {
    "P-assignment-listed": ["role_assignments._VISIBLE"],
    "P-hub-role": ["hub._ROLE"],
    "P-hub-name": ["hub._NAME"],
    "P-vault-soft-deleted": ["vaults._NAME"],
    "P-vault-purge": ["vaults._NAME"],
}
"""Where a surprise is what never happens: the time for it."""


def test_every_question_has_a_surprise_that_is_planted() -> None:
    assert {row for step in STEPS if step.number in FREE for row in step.checks} == SURPRISES.keys()


@pytest.mark.parametrize("row", SURPRISES)
def test_a_surprise_is_found_by_its_row_and_all_is_purged(
    scratch: Contact, azure: RunningStandin, fault: Fault, monkeypatch: pytest.MonkeyPatch, row: str
) -> None:
    step, plant, told = SURPRISES[row]
    for limit in WAITED_FOR.get(row, ()):
        monkeypatch.setattr(f"cli.first_contact.steps.{limit}_SECONDS", 0.2)
    plant(fault)

    found = surprises(results_of(scratch, step))

    assert list(found) == [row]
    assert told in found[row]
    azure.do(lambda base: base.faults.clear())
    assert scratch.close() == []
    assert [one for one in alive(azure) if "first" in one] == []
