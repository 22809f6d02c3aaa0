"""`edgeway job` over a workspace in a dict: what is listed, printed and cancelled, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import pytest

import cli.jobs
from cli.__main__ import main
from cloud.arm import Answer
from cloud.azureml.run_history import RunDetails, RunHistory
from cloud.errors import ServiceError
from cloud.naming import Names

NAMES = Names.derive(project="edgeway", environment="dev", stack="dev", subscription_id="s")
JOBS = f"{NAMES.workspace_id('s')}/jobs"


class Workspace:
    def __init__(self) -> None:
        self.states: dict[str, list[str]] = {}
        self.tags: dict[str, dict[str, str]] = {}
        self.cancelled: list[str] = []

    def add(self, name: str, *states: str, **tags: str) -> None:
        self.states[name], self.tags[name] = list(states), {"stack": "dev", **tags}

    def send(self, what: str, method: str, url: str, parameters: Mapping[str, str], body: Any) -> Answer:
        path = urlsplit(url).path
        if path == JOBS:
            return Answer(200, {}, {"value": [self._body(name) for name in self.states]})
        name = path.removeprefix(f"{JOBS}/").removesuffix("/cancel")
        if name not in self.states:
            raise ServiceError(what, 404, "UserError", "not found")
        if method == "POST":
            self.cancelled.append(name)
            self.states[name] = ["CancelRequested", "Canceled"]
        return Answer(200, {}, self._body(name))

    def _body(self, name: str) -> dict[str, Any]:
        states = self.states[name]
        state = states.pop(0) if len(states) > 1 else states[0]
        properties = {"status": state, "tags": self.tags[name], "computeId": "/x/computes/cpu-cluster"}
        return {"name": name, "properties": properties, "systemData": {"createdAt": "2026-01-02T03:04:05.678Z"}}


@pytest.fixture
def workspace(monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    workspace = Workspace()
    monkeypatch.setattr("cloud.arm._send", workspace.send)
    monkeypatch.setattr(cli.jobs, "enter", lambda stack: None)
    monkeypatch.setattr(cli.jobs, "subscription_id", lambda: "s")
    monkeypatch.setattr(cli.jobs, "stack_names", lambda stack, subscription: NAMES)
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    monkeypatch.setenv("COLUMNS", "120")
    yield workspace


def run(*arguments: str) -> int:
    return main(["job", *arguments, "--stack", "dev"])


def test_jobs_are_listed_with_the_commit_that_they_are_of(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("list") == 0
    assert capsys.readouterr().out == f"the workspace {NAMES.workspace} has no job\n"
    workspace.add("anomaly-0123456789ab-2", "Running", commit="c" * 40, dirty="true")
    workspace.add("anomaly-0123456789ab-1", "Failed", commit="d" * 40, dirty="false")
    assert run("list") == 0
    assert capsys.readouterr().out.splitlines() == [
        "anomaly-0123456789ab-2  Running  cpu-cluster  2026-01-02T03:04:05  cccccccccccc (changed)",
        "anomaly-0123456789ab-1  Failed   cpu-cluster  2026-01-02T03:04:05  dddddddddddd",
    ]
    assert run("list", "--json") == 0
    assert [job["status"] for job in json.loads(capsys.readouterr().out)] == ["Running", "Failed"]


def test_a_log_goes_to_stdout_and_the_reason_of_a_failure_beside_it(
    workspace: Workspace, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    details = RunDetails(logs={"user_logs/std_log.txt": "https://log"}, error="out of memory")
    monkeypatch.setattr(RunHistory, "details", lambda self, job: details)
    monkeypatch.setattr(RunHistory, "log", lambda self, url: b"epoch 1\nepoch 2")
    workspace.add("a-1", "Failed")

    assert run("logs", "a-1") == 0
    told = capsys.readouterr()
    assert (told.out, told.err) == ("epoch 1\nepoch 2\n", "a-1: Failed: out of memory\n")
    assert run("logs", "a-1", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {
        "name": "a-1", "status": "Failed", "error": "out of memory", "log": "epoch 1\nepoch 2",
    }  # fmt: skip


def test_a_job_that_is_not_there_is_refused_with_those_that_are(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    workspace.add("a-1", "Failed")
    for command in ("logs", "cancel"):
        assert run(command, "a-2") == 2
        told = capsys.readouterr().err.strip()
        assert told == f"edgeway: job 'a-2' is not in the workspace {NAMES.workspace}; there are: a-1"


def test_a_job_is_cancelled_and_its_end_awaited(workspace: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    workspace.add("a-1", "Running")
    assert run("cancel", "a-1") == 0
    assert (capsys.readouterr().out, workspace.cancelled) == ("a-1: Canceled\n", ["a-1"])
    # one that has ended stays as it is
    assert run("cancel", "a-1", "--json") == 0
    assert (json.loads(capsys.readouterr().out), workspace.cancelled) == ({"a-1": "Canceled"}, ["a-1"])


def test_all_means_those_of_the_stack_that_run(workspace: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    workspace.add("mine-1", "Queued")
    workspace.add("ended-1", "Completed")
    workspace.add("theirs-1", "Running", stack="other")
    assert run("cancel", "--all") == 0
    assert workspace.cancelled == ["mine-1"]
    assert run("cancel", "--all") == 0
    assert capsys.readouterr().out.splitlines()[-1] == "no job runs"


@pytest.mark.parametrize("arguments", [["cancel"], ["cancel", "a-1", "--all"]])
def test_which_job_is_meant_has_to_be_said(
    workspace: Workspace, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    assert run(*arguments) == 2
    assert "Either its name, as `edgeway job list` shows it, or --all" in capsys.readouterr().err


def test_one_that_does_not_end_in_time_is_named(
    workspace: Workspace, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace.add("a-1", "Running")
    monkeypatch.setattr("cloud.azureml.jobs.Jobs.cancel", lambda self, name: None)  # nobody obeys
    assert run("cancel", "a-1", "--timeout-s", "0.001") == 3
    assert "not ended within 0.001 s: a-1" in capsys.readouterr().err
