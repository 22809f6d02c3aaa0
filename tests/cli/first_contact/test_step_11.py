"""The workspace with all that it stands on: as expected, nothing left, and each surprise found by its row."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cli.first_contact.contact import Contact
from cli.first_contact.finding import Outcome
from cli.first_contact.steps import STEPS
from tests.cli.first_contact.conftest import Fault, alive, findings, results_of, surprises
from tests.standin.running import RunningStandin

pytestmark = [pytest.mark.slow, pytest.mark.long]


def test_all_is_as_expected_and_nothing_is_left(scratch: Contact, azure: RunningStandin) -> None:
    found = findings(results_of(scratch, 11))

    assert [(one.expectation, one.found) for one in found if one.outcome is not Outcome.EXPECTED] == []
    assert [one.expectation for one in found] == [row for step in STEPS if step.number == 11 for row in step.checks]
    told = {one.expectation: one.found for one in found}
    assert told["P-datastore"].startswith("credentials None")
    assert told["P-model-archive"] == "archived True, 0 active versions"
    assert scratch.close() == []
    assert [one for one in alive(azure) if "first" in one] == []


WORKSPACES = "Microsoft.MachineLearningServices/workspaces/"
KEYED = {"properties": {"credentials": {"credentialsType": "AccountKey"}, "accountName": "a", "containerName": "c"}}
SURPRISES: dict[str, tuple[Callable[[Fault], None], str]] = {
    "P-storage": (
        lambda fault: fault("storageAccounts/", method="GET", body={"properties": {"allowSharedKeyAccess": True}}),
        "is left out",
    ),
    "P-workspace": (
        lambda fault: fault(
            WORKSPACES,
            method="PUT",
            status=400,
            body={"error": {"code": "AuthorizationFailed", "message": "The identity lacks permission"}},
        ),
        "0 s after its rights: 400 AuthorizationFailed The identity lacks permission",
    ),
    "P-datastore": (lambda fault: fault("datastores/workspaceblobstore", body=KEYED), "credentials AccountKey"),
    "P-blob-role": (
        lambda fault: fault("/no-such-blob", method="HEAD", status=403, count=10_000),
        "HEAD of a blob that is not there is 404",
    ),
    "P-model": (
        lambda fault: fault("/models/first-contact/versions/1", method="PUT", status=400),
        "a model is not registered: 400",
    ),
    "P-model-archive": (
        # the second PUT archives: it says yes, and nothing is
        lambda fault: fault("/models/first-contact/versions/1", method="PUT", after=1, body={"properties": {}}),
        "archived False, 1 active versions",
    ),
    "P-workspace-purge": (
        # the workspace itself, the model and its archiving come before
        lambda fault: fault(WORKSPACES, method="PUT", after=3, status=409, count=10_000),
        "the workspace's name is free",
    ),
}
"""Row -> how it is planted, and what is told."""


def test_every_question_has_a_surprise_that_is_planted() -> None:
    assert {row for step in STEPS if step.number == 11 for row in step.checks} == SURPRISES.keys()


@pytest.mark.parametrize("row", SURPRISES)
def test_a_surprise_is_found_by_its_row_and_all_is_purged(
    scratch: Contact, azure: RunningStandin, fault: Fault, monkeypatch: pytest.MonkeyPatch, row: str
) -> None:
    plant, told = SURPRISES[row]
    for limit in ("_BLOB_SECONDS", "_NAME_SECONDS"):
        monkeypatch.setattr(f"cli.first_contact.steps.workspace.{limit}", 0.2)
    plant(fault)

    found = surprises(results_of(scratch, 11))

    assert list(found) == [row]
    assert told in found[row]
    azure.do(lambda base: base.faults.clear())
    assert scratch.close() == []
    assert [one for one in alive(azure) if "first" in one] == []
