"""A recording is played in the stand-in's terms: to a service of the test's own, and once to the stand-in itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.ports import free_port_base
from tests.tools.recordings.cassettes import GROUP, SUBSCRIPTION, Recorded, govcr, vcrpy
from tools.recordings.__main__ import main
from tools.recordings.azure import HOME, running
from tools.recordings.cassette import Answer, NoCassette, read
from tools.recordings.replay import Outcome, Player
from tools.recordings.report import Report
from tools.recordings.rewriting import Home
from tools.recordings.subject import GROUPS

IDENTITIES = "Microsoft.ManagedIdentity/userAssignedIdentities"
IDENTITY = f"{GROUP}/providers/{IDENTITIES}/one"
V = "?api-version=2023-01-31"
PRINCIPAL = "99999999-8888-7777-6666-555555555555"
THEIR_POLL = "https://management.azure.com/subscriptions/x/providers/P/locations/l/operationStatuses/1?t=signed"
MADE = {"id": IDENTITY, "location": "westus", "properties": {"principalId": PRINCIPAL}}
HERE = Home(subscription="sub-here", tenant="tenant-here", principal="somebody", image="image-here")


class _Service:
    """Answers what it is given, and keeps what it was sent."""

    types = frozenset({IDENTITIES.lower(), GROUPS.lower()})

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.sent: list[tuple[str, str, str]] = []

    def send(self, method: str, url: str, headers: Mapping[str, str], text: str, *, signed: bool = True) -> Answer:
        self.sent.append((method, url, text))
        made_before = method == "PUT" and "/providers/" not in url
        return _json(201, {}) if made_before else self.answers.pop(0)


def _json(status: int, body: object, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status=status, headers=named, text="" if body is None else json.dumps(body))


def _played(folder: Path, service: _Service, *exchanges: Recorded) -> list[Outcome]:
    return list(Player(service, HERE).play(read(vcrpy(folder / "one.yaml", *exchanges))))


def test_both_makes_of_recordings_are_read_alike(tmp_path: Path) -> None:
    exchange = ("PUT", f"{IDENTITY}{V}", {"location": "westus"}, 201, {"location": "x"}, MADE)
    assert read(vcrpy(tmp_path / "a.yaml", exchange)) == read(govcr(tmp_path / "b.yaml", exchange))


@pytest.mark.parametrize("text", ["a: 1\n", "- 1\n", "a: [", "interactions: [{request: {}}]\n", "\x00"])
def test_what_is_no_recording_is_refused_by_name(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.yaml").write_text(text)
    with pytest.raises(NoCassette, match=r"x\.yaml is no recording"):
        read(tmp_path / "x.yaml")


def test_ids_that_azure_made_up_are_those_of_the_stand_in_from_then_on(tmp_path: Path) -> None:
    ours = {"id": "x", "location": "westus", "properties": {"principalId": "01234567-0000-4000-8000-0123456789ab"}}
    service = _Service(_json(201, ours), _json(201, {}))
    role = f"{GROUP}/providers/Microsoft.Authorization/roleAssignments/r{V}"
    asked = {"properties": {"principalId": PRINCIPAL, "principalType": "User", "tenantId": "t"}}
    _played(
        tmp_path,
        service,
        ("PUT", f"{IDENTITY}{V}", {"location": "westus"}, 201, {}, MADE),
        ("PUT", role, asked, 201, {}, {}),
    )
    made, _, assigned = service.sent
    assert made[:2] == (
        "PUT",
        "https://management.azure.com/subscriptions/sub-here/resourceGroups/rg-recorded?api-version=2021-04-01",
    )
    assert SUBSCRIPTION not in assigned[1]
    assert json.loads(assigned[2])["properties"] == {
        "principalId": "01234567-0000-4000-8000-0123456789ab",
        "principalType": "User",
        "tenantId": "tenant-here",
    }


def test_a_poll_goes_where_the_stand_in_sends_its_client_and_only_its_end_waits(tmp_path: Path) -> None:
    put = ("PUT", f"{IDENTITY}{V}", {"location": "westus"}, 201, {"azure-asyncoperation": THEIR_POLL}, MADE)
    ours = "https://management.azure.com/subscriptions/sub-here/providers/P/locations/l/operationStatuses/9"
    busy, done = {"status": "InProgress"}, {"status": "Succeeded"}
    service = _Service(
        _json(201, MADE, azure_asyncoperation=ours), _json(200, busy), _json(200, busy), _json(200, done)
    )
    polls: list[Recorded] = [("GET", THEIR_POLL, None, 200, {}, one) for one in (busy, done, done)]
    outcomes = _played(tmp_path, service, put, *polls[:2])
    assert [one.verdict for one in outcomes] == ["compared"] * 3
    assert [url for method, url, _ in service.sent if method == "GET"] == [ours] * 3


def test_what_is_not_there_or_not_built_is_no_difference(tmp_path: Path) -> None:
    missing = _json(404, {"error": {"code": "ResourceNotFound"}})
    unknown = _json(404, {"error": {"code": "InvalidResourceType"}})
    child = f"{IDENTITY}/federatedIdentityCredentials/f{V}"
    service = _Service(missing, unknown, _json(404, {"error": {"code": "ResourceGroupNotFound"}}))
    outcomes = _played(
        tmp_path,
        service,
        ("GET", f"{IDENTITY}{V}", None, 200, {}, MADE),
        ("GET", child, None, 200, {}, {}),
        ("DELETE", child, None, 404, {}, {"error": {"code": "ParentResourceNotFound"}}),
        ("GET", "https://elsewhere.example/x", None, 200, {}, {}),
        ("GET", f"{IDENTITY}{V}", None, 429, {}, {}),
    )
    assert [one.verdict for one in outcomes] == ["not there", "not built", "not built", "passed over"]


def test_the_report_counts_and_groups(tmp_path: Path) -> None:
    report = Report()
    for name in ("a", "b"):
        service = _Service(_json(200, {**MADE, "extra": 1}), _json(200, MADE))
        asked: Recorded = ("GET", f"{IDENTITY}{V}", None, 200, {}, MADE)
        report.add(name, iter(_played(tmp_path, service, asked, asked)))
    assert report.totals()["answers"]["compared"] == 4 and report.totals()["alike"] == 2
    (found,) = report.as_json()["subjects"][IDENTITIES]["differences"]
    assert (found["what"], found["path"], found["answers"], found["recordings"]) == ("extra", "extra", 2, ["a", "b"])
    assert "4 answers of 1 types compared, 2 alike" in "\n".join(report.lines())


def test_a_recording_is_played_to_the_stand_in(tmp_path: Path) -> None:
    removed = f"{GROUP}?api-version=2021-04-01"
    poll = f"https://management.azure.com/subscriptions/{SUBSCRIPTION}/operationresults/eyJ?api-version=2021-04-01"
    exchanges = read(
        govcr(
            tmp_path / "one.yaml",
            ("PUT", removed, {"location": "westus"}, 201, {}, {"id": GROUP, "location": "westus", "planted": 1}),
            ("PUT", f"{IDENTITY}{V}", {"location": "westus"}, 201, {}, MADE),
            ("GET", f"{IDENTITY}{V}", None, 200, {}, MADE),
            ("DELETE", removed, None, 202, {"location": poll}, None),
            ("GET", poll, None, 202, {"location": poll}, None),
            ("GET", poll, None, 200, {}, None),
            ("GET", f"{IDENTITY}{V}", None, 404, {}, {"error": {"code": "ResourceGroupNotFound", "message": "x"}}),
        )
    )
    with running(tmp_path / "state", free_port_base()) as azure:
        outcomes = list(Player(azure, HOME).play(exchanges))
    assert [one.verdict for one in outcomes] == ["compared"] * 7
    assert [one.ours.status for one in outcomes if one.ours] == [201, 201, 200, 202, 202, 200, 404]
    assert [(one.what, one.path) for one in outcomes[0].differences if one.path == "planted"] == [
        ("missing", "planted")
    ]
    assert outcomes[-1].differences == []


def test_a_folder_without_recordings_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path)]) == 2
    assert "no *.yaml in it that is a recording" in capsys.readouterr().err
