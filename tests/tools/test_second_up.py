"""When an `up` that failed is worth one more, with which options, and what that one may do without another question."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from cli.forecast.operations import Operation
from clone.root import ROOT
from tools.second_up import main, why, within

STACK = "urn:pulumi:dev::edgeway::"
GROUP = f"{STACK}edgeway:infra:Scoring$azure-native:containerinstance/v20250901:ContainerGroup::anomaly"
WORKSPACE = f"{STACK}edgeway:infra:Workspace$azure-native:machinelearningservices/v20250901:Workspace::workspace"
JOB = f"{STACK}edgeway:infra:Model$mledge:ml:TrainingRun::anomaly"
ENDPOINT = f"{STACK}edgeway:infra:OnlineEndpoint$mledge:ml:OnlineModel::anomaly-online"
ATTACHED = f"{STACK}edgeway:infra:KubernetesCompute$azure-native:machinelearningservices:Compute::aks"
HUB = f"{STACK}edgeway:infra:IotHub$azure-native:iothub/v20230630:IotHubResource::hub"
ROLE = f"{STACK}edgeway:infra:Access$azure-native:authorization:RoleAssignment::workspace-rights-storage"
NOT_ACCESSIBLE = "Code=\"InaccessibleImage\" Message=\"The image 'r.io/a' in container group 'ci' is not accessible.\""
IN_PLACE = "400 InvalidContainerGroupUpdate: you must delete it first and then create a new one."


def failed(urn: str, message: str) -> list[dict[str, Any]]:
    """As the engine logs it: `sequence` marks an event."""
    return [
        {"sequence": 1, "diagnosticEvent": {"urn": urn, "severity": "error", "message": f"{message}\n"}},
        {"sequence": 2, "resOpFailedEvent": {"metadata": {"urn": urn, "op": "create"}}},
        {
            "sequence": 3,
            "diagnosticEvent": {"urn": f"{STACK}pulumi:pulumi:Stack::x", "severity": "error", "message": "!"},
        },
    ]


def made(urn: str, op: str = "create") -> dict[str, Any]:
    return {"sequence": 4, "resOutputsEvent": {"metadata": {"urn": urn, "op": op}}}


@pytest.mark.parametrize("code", ["InaccessibleImage", "FailedIdentityOperation"])
def test_a_role_that_azure_does_not_honour_yet_is_given_a_minute(code: str) -> None:
    assert why(failed(GROUP, f'Code="{code}"')) == [
        f"Azure does not honour a new role yet ({code} of ContainerGroup anomaly). One more up in 60 s, and no third",
        "60",
    ]


LATE = {
    WORKSPACE: "403 AuthorizationFailed: no right to write",
    JOB: "the job x-1 failed on cpu: ScriptExecution.StreamAccess.Authentication: the identity may not read",
    f"{JOB}-image": "the job x-1 failed on cpu: Failed to pull Docker image r.io/a@sha256:0. unauthorized",
    ATTACHED: "400 BadRequest: AzureML extension is not installed in the cluster",
    f"{ATTACHED}-admin": "500 InternalServerError: Internal server error",
    ENDPOINT: "deployment m1 did not come up: BadArgument: Startup task failed due to authorization error.",
    f"{ENDPOINT}-image": "BadArgument: Endpoint identity does not have pull permission on the registry.",
}


@pytest.mark.parametrize("urn", LATE)
def test_what_lacks_a_right_has_another_try_only_where_this_run_has_assigned_roles(urn: str) -> None:
    refused = failed(urn, LATE[urn])
    assert why(refused) == []
    assert why([made(ROLE, "same"), *refused]) == []
    assert why([made(ROLE), *refused])[1] == "60"
    assert why([made(ROLE), *failed(HUB, LATE[urn])]) == []
    assert why([made(ROLE), *failed(urn, "accuracy is 0.9, at least 0.95 is wanted")]) == []


def test_a_group_that_azure_does_not_change_in_place_is_replaced_at_once() -> None:
    assert why(failed(GROUP, IN_PLACE)) == [
        "Azure does not change it in place (InvalidContainerGroupUpdate of ContainerGroup anomaly): it is deleted and "
        "made again. One more up, and no third",
        "0",
        f"--replace={GROUP}",
    ]


@pytest.mark.parametrize(
    "events",
    [[], failed(HUB, "409 NameNotAvailable"), [*failed(GROUP, NOT_ACCESSIBLE), *failed(HUB, "409 NameNotAvailable")]],
    ids=["none failed", "another reason", "another one beside it"],
)
def test_where_anything_failed_for_another_reason_there_is_no_second_up(events: list[dict[str, Any]]) -> None:
    assert why(events) == []


def test_the_log_of_an_engine_is_read_and_its_torn_last_line_passed_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [json.dumps(event) for event in failed(GROUP, IN_PLACE)]
    (tmp_path / "log").write_text("\n".join([*lines, '{"seq']))
    assert main(["why", str(tmp_path / "log")]) == 0
    assert capsys.readouterr().out.splitlines()[1:] == ["0", f"--replace={GROUP}"]


@pytest.mark.parametrize(
    ("agreed", "planned", "replaced", "allowed"),
    [
        ({GROUP: "create", HUB: "create"}, {GROUP: "create"}, [], True),
        ({GROUP: "create"}, {GROUP: "update"}, [], True),
        ({GROUP: "update"}, {GROUP: "replace"}, [GROUP], True),
        ({GROUP: "update"}, {GROUP: "replace"}, [], False),
        ({GROUP: "update"}, {GROUP: "update", HUB: "update"}, [], False),
        ({HUB: "update"}, {HUB: "delete"}, [], False),
    ],
)
def test_a_second_plan_needs_another_yes_where_it_does_more_than_the_first(
    agreed: dict[str, str], planned: dict[str, str], replaced: list[str], allowed: bool
) -> None:
    first, second = ([Operation(op, urn, {}, {}) for urn, op in plan.items()] for plan in (agreed, planned))
    assert within(first, second, replaced) is allowed


FAKE_STACK = """#!/usr/bin/env bash
# in the place of Pulumi: each `up` fails with what the file of its number says, and logs it
shift
case "$*" in
  *tools.engine*up*)
    number=$(($(cat "$RUNS" 2> /dev/null || echo 0) + 1)); echo "$number" > "$RUNS"; echo "$*" >> "$RUNS.calls"
    while [ $# -gt 0 ]; do [ "$1" = --event-log ] && log=$2; shift; done
    cat "$LOGS/$number" > "$log"; [ ! -s "$LOGS/$number" ] ;;
  *tools.pending*take-up*) touch "$RUNS.log-read" ;;
  *stack*import*) touch "$RUNS.put" ;;
esac
"""

CHANGE = """
set -euo pipefail
. tools/lib.sh; stack=local asks=0; . tools/forecast.sh; . tools/change.sh; . tools/state.sh
in_stack() { bash "$FAKE" "$stack" "$@"; }
sentences() { :; }
change_once_or_twice
"""


@pytest.mark.parametrize(("fails", "code", "runs"), [(1, 0, 2), (2, 1, 2)], ids=["passes", "fails again"])
def test_up_is_done_once_more_and_never_a_third_time(tmp_path: Path, fails: int, code: int, runs: int) -> None:
    """Over an engine that only logs."""
    (tmp_path / "logs").mkdir()
    for number in range(1, 4):
        lines = failed(GROUP, IN_PLACE) if number <= fails else []
        (tmp_path / "logs" / str(number)).write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    (tmp_path / "fake.sh").write_text(FAKE_STACK)
    done = subprocess.run(
        ["bash", "-c", CHANGE],
        cwd=ROOT,
        env={
            **os.environ,
            "FAKE": str(tmp_path / "fake.sh"),
            "RUNS": str(tmp_path / "runs"),
            "LOGS": str(tmp_path / "logs"),
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == code, done.stderr
    assert (tmp_path / "runs").read_text() == f"{runs}\n"
    first, second = (tmp_path / "runs.calls").read_text().splitlines()
    assert "--replace" not in first
    assert f"--replace={GROUP}" in second
    assert "Azure does not change it in place (InvalidContainerGroupUpdate of ContainerGroup anomaly)" in done.stderr
    # what failed for good may have been made all the same: that is kept for the next run
    assert [(tmp_path / f"runs.{end}").exists() for end in ("log-read", "put")] == [code == 1] * 2
