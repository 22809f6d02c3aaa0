"""What a destroyed stack left in Azure: by its names, from Azure's answers, and on the stand-in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cli.__main__ import main
from cli.left_in_azure import KINDS, left_of, of_their_group
from cli.needs import azure as azure_needs
from cli.needs.subscription import Place
from cloud.errors import ServiceError
from cloud.sessions import forget_sessions
from standin.core.auth import DEPLOYER_OBJECT_ID, SUBSCRIPTION_ID
from tests.cli.needs.fake_azure import REFUSED, S, azure
from tests.standin.running import RunningStandin, running_standin

NAMES = azure({}).names
LISTS: dict[str, Any] = {"deletedWorkspaces": {"value": []}, "roleAssignments": {"value": []}}
ROLE = f"{S}/providers/Microsoft.Authorization/roleDefinitions/7f951dda-4ed3-4680-a7ca-43fe172d538d"


def assignment(name: str, description: str | None) -> dict[str, Any]:
    properties = {"principalId": "gone", "roleDefinitionId": ROLE, "description": description}
    return {"id": f"{S}/x/{name}", "properties": properties}


def left(answers: dict[str, Any], **more: Any) -> dict[str, list[str]]:
    return left_of(azure({**LISTS, **answers}, **more), "dev").found


def test_after_a_whole_destroy_nothing_is_left() -> None:
    assert left({}) == {}


def test_a_group_that_still_stands_is_left() -> None:
    assert left({NAMES.resource_group: {}}) == {"resource group": [NAMES.resource_group]}


def test_in_somebody_elses_group_what_carries_the_stacks_suffix_is_left_and_the_rest_is_theirs() -> None:
    suffix = azure({}, existing="rg-theirs").names.suffix
    pages: dict[str, Any] = {
        "/resourceGroups/rg-theirs": {},
        "/rg-theirs/resources": {
            "value": [{"type": "t", "name": "theirs"}],
            "nextLink": f"https://management.azure.com{S}/page2?api-version=1&$skiptoken=x",
        },
        f"{S}/page2": {"value": [{"type": "alerts", "name": f"Failure Anomalies - appi-edgeway-dev-{suffix}"}]},
    }
    assert left(pages, existing="rg-theirs") == {"resources": [f"alerts Failure Anomalies - appi-edgeway-dev-{suffix}"]}


@pytest.mark.parametrize(
    ("there", "within"), [([], "empty"), ([{"name": "theirs"}], "with what is not this stack's (1 resource)")]
)
def test_somebody_elses_group_stays_and_it_is_said_what_is_in_it(there: list[dict[str, str]], within: str) -> None:
    listed = azure({"/rg-theirs/resources": {"value": there}}, existing="rg-theirs")
    assert of_their_group(listed) == f"the resource group rg-theirs stays, as somebody else made it: {within}"
    assert of_their_group(azure({})) is None


def test_what_is_soft_deleted_under_the_stacks_names_is_left() -> None:
    conflict = ServiceError("GET x", 409, "Conflict", "Soft-deleted workspace exists. Please purge or recover it")
    found = left(
        {
            f"/deletedVaults/{NAMES.key_vault}": {},
            "deletedWorkspaces": {"value": [{"name": "theirs"}, {"name": NAMES.log_analytics}]},
            f"/workspaces/{NAMES.workspace}": conflict,
        }
    )
    assert set(found) == {"deleted vault", "deleted Log Analytics workspace", "deleted workspace"}
    assert found["deleted vault"] == [f"{NAMES.key_vault}: az keyvault purge -n {NAMES.key_vault}"]


def test_an_assignment_that_the_stack_made_is_left_whoever_it_was_for() -> None:
    listed = [assignment("1", "edgeway/dev"), assignment("2", "edgeway/prod"), assignment("3", None)]
    found = left({"roleAssignments": {"value": listed}})
    assert found == {"role assignments": [f"AcrPull of gone: az role assignment delete --ids {S}/x/1"]}


def test_what_may_not_be_looked_at_is_told_and_proves_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    place = azure({**LISTS, "deletedWorkspaces": REFUSED})
    monkeypatch.setattr(azure_needs, "place_of", lambda stack: place)
    assert main(["leftovers", "--stack", "dev"]) == 0
    first, last = capsys.readouterr().out.splitlines()
    assert first.startswith("?  deleted Log Analytics workspace: cannot be seen: (AuthorizationFailed)")
    assert last.startswith("nothing else is left: no resource group") and "Log Analytics" not in last


@pytest.fixture
def standin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningStandin]:
    with running_standin(tmp_path, services=("keyvault", "machinelearning", "blob")) as running:
        for name, value in running.environment.items():
            monkeypatch.setenv(name, value)
        forget_sessions()
        yield running
        forget_sessions()


def make(standin: RunningStandin, place: Place) -> None:
    """A group with what is soft-deleted, and an assignment at the subscription that outlives it."""
    vault = {"tenantId": "00000000-0000-0000-0000-000000000000", "sku": {"name": "standard", "family": "A"}}
    properties = {"principalId": DEPLOYER_OBJECT_ID, "roleDefinitionId": ROLE, "description": "edgeway/dev"}
    role = f"{place.scope}/providers/Microsoft.Authorization/roleAssignments/{'1' * 8}-1111-1111-1111-{'1' * 12}"
    bodies: dict[str, dict[str, Any]] = {
        place.group: {"location": "westeurope"},
        place.resource("Microsoft.KeyVault/vaults", place.names.key_vault): {
            "location": "westeurope",
            "properties": {**vault, "enableRbacAuthorization": True},
        },
        place.resource("Microsoft.OperationalInsights/workspaces", place.names.log_analytics): {
            "location": "westeurope"
        },
        role: {"properties": properties},
    }
    for path, body in bodies.items():
        answer = standin.arm("PUT", path, body)
        assert answer.ok, answer.text


@pytest.mark.slow
def test_on_the_standin_each_is_found_until_it_is_gone(
    standin: RunningStandin, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    place = azure_needs.place_of("dev")
    assert place is not None and place.id == SUBSCRIPTION_ID
    assert main(["leftovers", "--stack", "dev"]) == 0
    assert capsys.readouterr().out == f"nothing is left: no {', no '.join(KINDS)}\n"
    make(standin, place)
    assert standin.arm("DELETE", place.group).ok
    assert main(["leftovers", "--stack", "dev", "--json"]) == 1
    assert set(json.loads(capsys.readouterr().out)["left"]) == {
        "deleted vault",
        "deleted Log Analytics workspace",
        "role assignments",
    }
