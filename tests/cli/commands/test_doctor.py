from __future__ import annotations

from typing import Any

import pytest

from cli.__main__ import main
from cli.commands.doctor import table
from cli.needs import machine
from cli.needs.azure import RIGHTS, container_quota, deleted_vaults, hub_quota, registrations, roles
from cli.needs.need import Need


def test_what_is_missing_is_listed_with_its_remedy() -> None:
    needs = [Need(name="git", ok=True, found="2.39"), Need(name="docker", ok=False, found="none", remedy="install it")]
    assert table(needs, 120) == [
        "ok  git     2.39",
        "NOT docker  none",
        "            -> install it  (needed by: everything)",
    ]


def test_the_doctor_exits_with_1_when_something_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "needs", lambda root: [Need(name="x", ok=False, found="no")])
    assert main(["doctor"]) == 1
    monkeypatch.setattr(machine, "needs", lambda root: [Need(name="x", ok=True, found="yes")])
    assert main(["doctor", "--json"]) == 0


class _Arm:
    """Answers of ARM by path."""

    id = "s"

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
