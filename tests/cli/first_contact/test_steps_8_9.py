"""Steps that push an image and run it (of `make first-contact`): all as expected, nothing left, each surprise found."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest
import requests

from cli.first_contact.contact import Contact
from cli.first_contact.finding import Outcome
from cli.first_contact.steps import STEPS
from tests.cli.first_contact.conftest import Fault, alive, findings, results_of, surprises
from tests.standin.running import RunningStandin
from tests.waiting import DEADLINE_S

pytestmark = [pytest.mark.docker, pytest.mark.long]
PAID = (8, 9)


def test_all_is_as_expected_and_nothing_is_left(scratch: Contact, azure: RunningStandin) -> None:
    found = findings(results_of(scratch, *PAID))

    assert [(one.expectation, one.found) for one in found if one.outcome is not Outcome.EXPECTED] == []
    assert [one.expectation for one in found] == [row for step in STEPS if step.number in PAID for row in step.checks]
    told = {one.expectation: one.found for one in found}
    assert told["P-token-password"].endswith("the value is at the Location")
    assert told["P-container-ports"].startswith("ip_unprivileged_port_start 1024, 443 as root: bound, then 10001:10001")
    assert told["P-container-secrets"] == "-r-------- 0:0; root reads all, 10001 reads Permission denied"
    assert scratch.close() == []
    assert [one for one in alive(azure) if "first" in one] == []


REGISTRIES, GROUPS = "ContainerRegistry/registries/", "ContainerInstance/containerGroups/"


def logged(**other: object) -> dict[str, object]:
    """The probe's log where Azure lets it do otherwise."""
    report = {
        "variant": "a",
        "uid": 0,
        "gid": 0,
        "status": {"CapEff": "00000000000004c1"},
        "portStart": "1024",
        "files": [{"name": "tls.key", "mode": "-r--------", "uid": 0, "gid": 0}],
        "readsAsRoot": "all",
        "readsAsUser": "Permission denied",
        "bindsAsRoot": "bound",
        "drops": "10001:10001",
        "bindsOtherAsUser": "bound",
    }
    return {"content": json.dumps({**report, **other})}


READABLE = [{"name": "tls.key", "mode": "-rw-r--r--", "uid": 0, "gid": 0}]
SURPRISES: dict[str, tuple[int, Callable[[Fault], None], str]] = {
    "P-registry": (
        8,
        lambda fault: fault(REGISTRIES, method="GET", body={"properties": {"loginServer": "x.azurecr.io"}}),
        "is left out",
    ),
    "P-token-active": (8, lambda fault: fault("/generateCredentials", status=400), "generateCredentials answered 400"),
    "P-token-password": (
        8,
        lambda fault: fault("/generateCredentials", body={"username": "edge-devices", "passwords": []}),
        "the value is nowhere",
    ),
    "P-container-pull": (
        9,
        lambda fault: fault(
            GROUPS, method="PUT", status=400, count=10_000, body={"error": {"code": "InaccessibleImage"}}
        ),
        "not within 0 s: the group may pull its image",
    ),
    "P-container-group": (
        9,
        lambda fault: fault(GROUPS, method="GET", body={"properties": {"containers": []}}),
        "is left out",
    ),
    "P-container-root": (
        9,
        lambda fault: fault("/logs", method="GET", body=logged(status={"CapEff": "0000000000000400"})),
        "lacking SETGID, SETUID",
    ),
    "P-container-ports": (
        9,
        lambda fault: fault("/logs", method="GET", body=logged(bindsAsRoot="Permission denied")),
        "443 as root: Permission denied",
    ),
    "P-container-secrets": (
        9,
        lambda fault: fault("/logs", method="GET", body=logged(files=READABLE)),
        "-rw-r--r-- 0:0; root reads all",
    ),
}
"""Row -> step, how it is planted, and what is told."""


@pytest.mark.parametrize("row", SURPRISES)
def test_a_surprise_is_found_by_its_row(
    scratch: Contact, fault: Fault, monkeypatch: pytest.MonkeyPatch, row: str
) -> None:
    step, plant, told = SURPRISES[row]
    if row == "P-container-pull":
        monkeypatch.setattr("cli.first_contact.steps.containers._PULL_SECONDS", 0.2)
    plant(fault)

    found = surprises(results_of(scratch, step))

    assert list(found) == [row]
    assert told in found[row]


@pytest.fixture
def no_updates(azure: RunningStandin) -> Iterator[None]:
    """A group with a secret volume takes no update, as one with a share of files takes none."""
    switch = f"{azure.control}/containerinstance"
    requests.post(switch, json={"fixesSecretVolumes": True}, timeout=DEADLINE_S).raise_for_status()
    yield
    requests.post(switch, json={"fixesSecretVolumes": False}, timeout=DEADLINE_S).raise_for_status()


def test_a_group_that_takes_no_other_image_is_a_surprise(scratch: Contact, no_updates: None) -> None:
    (row, told), *others = surprises(results_of(scratch, 9)).items()

    assert (row, others) == ("P-container-update", [])
    assert "another image is refused: 400 InvalidContainerGroupUpdate" in told


def test_a_port_that_nobody_reaches_is_a_surprise(scratch: Contact, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cli.first_contact.steps.containers._REACHED_SECONDS", 0.2)
    monkeypatch.setattr("cli.first_contact.steps.containers._TLS_PORT", 444)

    assert list(surprises(results_of(scratch, 9))) == ["P-container-reached"]


REFUSED = {"refused": "push of x: 401 UNAUTHORIZED: authentication required", "answered": True}
OTHERWISE: dict[str, tuple[str, dict[str, object], str]] = {
    "P-image-push": ("push", REFUSED, "401 UNAUTHORIZED"),
    "P-image-pull": ("pull", {"variant": "b"}, "image 'b'"),
    "P-manifest-delete": ("delete", {"gone": False}, "still there"),
}
"""Row -> what the tool is asked, what it answers, and what is told."""


@pytest.mark.parametrize("row", OTHERWISE)
def test_a_registry_that_does_otherwise_is_a_surprise(
    scratch: Contact, monkeypatch: pytest.MonkeyPatch, row: str
) -> None:
    word, answer, told = OTHERWISE[row]
    usual: dict[str, dict[str, object]] = {
        "push": {"digests": dict.fromkeys("abc", "sha256:0"), "size": 5_000_000},
        "pull": {"variant": "a"},
        "delete": {"gone": True},
    }
    answers = {**usual, word: answer}
    monkeypatch.setattr("cli.first_contact.probe.answer_of", lambda module, given, limit_s: answers[given["word"]])

    found = surprises(results_of(scratch, 8))

    assert list(found) == [row]
    assert told in found[row]


def test_without_a_docker_engine_it_could_not_be_asked(scratch: Contact, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = {"refused": "the Docker engine does not answer", "answered": False}
    monkeypatch.setattr("cli.first_contact.probe.answer_of", lambda module, given, limit_s: answer)

    told = {one.expectation: one.outcome for one in findings(results_of(scratch, 8))}

    assert told["P-image-push"] is told["P-image-pull"] is told["P-manifest-delete"] is Outcome.NOT_ASKED


def test_every_question_has_a_surprise_that_is_planted() -> None:
    apart = {"P-container-update", "P-container-reached"}
    planted = SURPRISES.keys() | OTHERWISE.keys() | apart

    assert {row for step in STEPS if step.number in PAID for row in step.checks} == planted
