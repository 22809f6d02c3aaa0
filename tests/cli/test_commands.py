from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cli.__main__ import main, parser
from cli.commands import leftovers
from cli.errors import Failed, Refused
from cli.needs import machine as doctor
from cli.needs.azure import RIGHTS, container_quota, deleted_vaults, hub_quota, registrations, roles
from cli.needs.machine import Need, table
from cli.stack import outputs as stack

COMMANDS = (
    "doctor",
    "env",
    "data",
    "show",
    "monitor",
    "invoke",
    "verify",
    "device config",
    "device status",
    "leftovers",
)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit:
        parser().parse_args([*command.split(), "--help"])
    assert exit.value.code == 0
    assert "usage: edgeway" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        ["monitor", "--count", "0"],
        ["monitor", "--timeout", "-1"],
        ["nothing"],
        [],
        ["device"],
        ["device", "config", "x"],
    ],
)
def test_a_bad_command_line_exits_with_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as exit:
        main(arguments)
    assert exit.value.code == 2


def test_an_unknown_stack_exits_with_2_and_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["env", "--stack", "nowhere"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("edgeway: stack 'nowhere': Pulumi.nowhere.yaml is missing; there are: ")
    assert error.count("\n") == 1


def test_what_is_missing_is_listed_with_its_remedy() -> None:
    needs = [Need(name="git", ok=True, found="2.39"), Need(name="docker", ok=False, found="none", remedy="install it")]
    assert table(needs) == [
        "ok  git     2.39",
        "NOT docker  none",
        "            -> install it  (needed by: everything)",
    ]


def test_the_doctor_exits_with_1_when_something_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "machine_needs", lambda root: [Need(name="x", ok=False, found="no")])
    assert main(["doctor"]) == 1
    monkeypatch.setattr(doctor, "machine_needs", lambda root: [Need(name="x", ok=True, found="yes")])
    assert main(["doctor", "--json"]) == 0


class _Arm:
    """Answers of ARM by path."""

    subscription = "s"

    def __init__(self, **answers: Any) -> None:
        self.answers = answers

    def principal(self) -> str:
        return "me"

    def get(self, path: str, api_version: str, **query: str) -> Any:
        return self.answers[path.rpartition("/")[2].replace(".", "_")]


def test_registrations_that_lack_are_named_with_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cli.needs.azure.PROVIDERS", ("Microsoft.Devices",))
    (need,) = registrations(_Arm(Microsoft_Devices={"registrationState": "NotRegistered"}))  # type: ignore[arg-type]
    assert (need.ok, need.found, need.remedy) == (
        False,
        "NotRegistered",
        "az provider register --namespace Microsoft.Devices",
    )


def test_roles_are_judged_right_by_right() -> None:
    contributor = {"properties": {"roleDefinitionId": "/x/b24988ac-6180-42a0-ab88-20f7382dd24c"}}
    needs = roles(_Arm(roleAssignments={"value": [contributor]}))  # type: ignore[arg-type]
    assert [need.ok for need in needs] == [right == "make resources" for right in RIGHTS]


def test_quotas_and_locked_names_are_seen() -> None:
    usages = {
        "value": [
            {"name": {"value": "ContainerGroups"}, "currentValue": 100, "limit": 100},
            {"name": {"value": "Other"}, "currentValue": 1, "limit": 1},
        ]
    }
    (need,) = container_quota(_Arm(usages=usages), "westeurope")  # type: ignore[arg-type]
    assert (need.ok, need.found) == (False, "100 of 100 in westeurope")
    hubs = {"value": [{"name": {"value": "F1"}, "currentValue": 0, "limit": 1}]}
    assert hub_quota(_Arm(usages=hubs))[0].ok  # type: ignore[arg-type]
    vaults = {"value": [{"name": "kv-edgeway-dev-1"}, {"name": "other"}]}
    (locked,) = deleted_vaults(_Arm(deletedVaults=vaults))  # type: ignore[arg-type]
    assert (locked.ok, locked.remedy) == (False, "az keyvault purge -n kv-edgeway-dev-1")


def test_leftovers_lists_what_is_left(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    alive: dict[str, Any] = {"groups": [], "resources": ["/x/1"], "services": {"hubs": ["edge-01"], "runs": []}}
    monkeypatch.setattr(leftovers, "ask", lambda what: alive if what == "resources" else {"instance": "i"})
    monkeypatch.setattr(leftovers, "in_docker", lambda instance: {"containers": []})
    assert main(["leftovers"]) == 1
    captured = capsys.readouterr()
    assert captured.out.splitlines() == ["resources  /x/1", "services hubs  edge-01"]
    assert captured.err == "edgeway: left behind: 1 of resources, 1 of services hubs\n"
    alive.update(resources=[], services={})
    assert main(["leftovers"]) == 0
    assert "nothing is left" in capsys.readouterr().out


def test_without_a_standin_leftovers_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("EDGEWAY_STANDIN_STATE", str(tmp_path))
    with pytest.raises(Refused, match="the stand-in does not run"):
        leftovers.ask("health")


def _pulumi(monkeypatch: pytest.MonkeyPatch, folder: Path, script: str) -> None:
    binary = folder / "pulumi"
    binary.write_text(f"#!/bin/sh\n{script}\n")
    binary.chmod(0o755)
    monkeypatch.setattr(stack, "child_environment", lambda name: {"PATH": f"{folder}:/bin:/usr/bin"})


def test_outputs_are_asked_of_pulumi_and_secrets_only_when_wanted(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _pulumi(monkeypatch, tmp_path, """printf '{"arguments": "%s"}' "$*" """)
    assert "--show-secrets" not in stack.outputs("dev")["arguments"]
    assert "--show-secrets" in stack.outputs("dev", secrets=True)["arguments"]
    with pytest.raises(Failed, match=r"has no output 'hub': run `make up STACK=dev` first"):
        stack.outputs("dev").hub  # noqa: B018


def test_a_failing_pulumi_is_quoted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    _pulumi(monkeypatch, tmp_path, "echo 'error: no stack named dev' >&2; exit 255")
    with pytest.raises(Failed, match="stack 'dev' has no outputs: error: no stack named dev"):
        stack.outputs("dev")
    monkeypatch.setattr(stack, "child_environment", lambda name: {"PATH": "/nowhere"})
    with pytest.raises(Refused, match="pulumi is not installed"):
        stack.outputs("dev")


def test_the_entry_point_starts() -> None:
    result = subprocess.run([sys.executable, "-m", "cli", "--help"], capture_output=True, text=True, check=False)
    assert (result.returncode, "doctor" in result.stdout) == (0, True)
