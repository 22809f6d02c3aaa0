from __future__ import annotations

from types import SimpleNamespace

import docker
import pytest

from cli.__main__ import main
from cli.commands.doctor import table
from cli.needs import azure, before_up, machine
from cli.needs.need import Need
from clone.root import ROOT


def test_what_is_missing_is_listed_with_its_remedy() -> None:
    needs = [Need(name="git", ok=True, found="2.39"), Need(name="docker", ok=False, found="none", remedy="install it")]
    assert table(needs, 120) == [
        "ok  git     2.39",
        "NOT docker  none",
        "            -> install it  (needed by: everything)",
    ]


def test_the_doctor_exits_with_1_when_something_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "needs", lambda root, stack: [Need(name="x", ok=False, found="no")])
    assert main(["doctor"]) == 1
    monkeypatch.setattr(machine, "needs", lambda root, stack: [Need(name="x", ok=True, found="yes")])
    assert main(["doctor", "--json"]) == 0


def test_what_cannot_be_seen_is_marked_and_fails_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    unseen = Need(name="x", ok=None, found="cannot be seen: 403", remedy="ask for Reader", needed_by="doctor")
    monkeypatch.setattr(machine, "needs", lambda root, stack: [unseen])
    assert main(["doctor"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "?   x  cannot be seen: 403",
        "       -> ask for Reader  (needed by: doctor)",
    ]


def test_a_stack_in_azure_needs_nothing_of_what_only_local_runs_on() -> None:
    local = {need.name for need in machine.needs(ROOT, "local")}
    dev = {need.name for need in machine.needs(ROOT, "dev")}
    assert local - dev == {"base image", "registry", "virtual machines"}


@pytest.mark.parametrize(
    ("version", "ok", "words"),
    [("1", True, "cgroups v1"), ("2", True, "cgroups v2"), ("3", None, "no way: cgroups are of version 3")],
)
def test_the_way_in_which_machines_boot_is_said(
    version: str, ok: bool | None, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = SimpleNamespace(info=lambda: {"CgroupVersion": version})
    monkeypatch.setattr(docker, "from_env", lambda timeout: engine)
    need = machine._virtual_machines(ROOT, {})
    assert need.ok is ok and words in need.found


def test_whether_names_are_free_is_asked_before_an_up_only_once_the_rest_is_there(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    taken = Need(name="name iot-1", ok=False, found="taken", remedy="wait", needed_by="up")
    there = Need(name="sign-in", ok=True, found="yes")
    monkeypatch.setattr(before_up, "needs", lambda stack: [there])
    monkeypatch.setattr(azure, "names_of", lambda stack: [taken])
    assert main(["doctor", "--stack", "dev", "--before-up"]) == 0
    assert main(["doctor", "--stack", "dev", "--before-up", "--names"]) == 1
    assert capsys.readouterr().out.startswith("NOT name iot-1  taken\n")
    monkeypatch.setattr(before_up, "needs", lambda stack: [Need(name="sign-in", ok=False, found="no")])
    assert main(["doctor", "--stack", "dev", "--before-up", "--names"]) == 1
    assert "iot-1" not in capsys.readouterr().out
