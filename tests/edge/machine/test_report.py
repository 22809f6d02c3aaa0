"""The report of a machine, run here by the shell that Azure's run-command would start: what it asks are scripts."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from cli.devices.health import of_machine
from edge.machine import commands, report

# https://github.com/Azure/iotedge/blob/main/edgelet/iotedge/src/check/mod.rs
CHECKS = {
    "config-yaml-well-formed": {"result": "ok"},
    "windows-host-version": {"result": "ignored"},
    "container-engine-logrotate": {"result": "warning", "details": ["Container engine has no limits", "see https"]},
    "host-connect-iothub-amqp": {"result": "error", "details": ["Could not connect to iot-1.azure-devices.net:5671"]},
    "container-connect": {"result": "skipped"},
}
LIST = """\
NAME             STATUS           DESCRIPTION                 Config
edgeAgent        running          Up 2 minutes                mcr.microsoft.com/azureiotedge-agent:1.6.1
scorer           failed           Failed (137) 3 seconds ago  x.azurecr.io/edgeway/anomaly@sha256:1
"""


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    scripts = {
        "iotedge": 'case "$*" in list) cat "$AT/list";; "check -o json") cat "$AT/check"; exit 1;; esac',
        "systemctl": '[ "$2" = aziot-edged ] && S=failed || S=active\necho LoadState=loaded; echo "ActiveState=$S"',
        "journalctl": 'echo "Starting..."; echo "edgeway: failed, secret: 403"; echo "Main process exited"',
        "cloud-init": "echo 'status: error'",
    }
    for name, body in scripts.items():
        (tmp_path / name).write_text(f"#!/bin/sh\nAT={tmp_path}\n{body}\n")
        (tmp_path / name).chmod(0o755)
    (tmp_path / "list").write_text(LIST)
    (tmp_path / "check").write_text(json.dumps({"additional_info": {}, "checks": CHECKS}))
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    return tmp_path


def said() -> dict[str, Any]:
    """As run-command runs it."""
    told = subprocess.run(["sh", "-c", commands.report()], capture_output=True, text=True, check=True, timeout=60)
    assert len(told.stdout.encode()) < 4096
    (line,) = told.stdout.splitlines()
    found: dict[str, Any] = json.loads(line)
    return found


def test_a_machine_says_what_is_wrong_and_how_much_is_well(machine: Path) -> None:
    found = said()
    assert found["units"]["aziot-edged"] == "failed"
    assert found["units"]["docker"] == "active"
    assert found["said"] == "edgeway: failed, secret: 403"
    assert found["cloudInit"] == "error"
    assert found["modules"] == {"edgeAgent": "running", "scorer": "failed"}
    assert found["check"] == {
        "well": 1,
        "wrong": [
            ["container-engine-logrotate", "warning", "Container engine has no limits see https"],
            ["host-connect-iothub-amqp", "error", "Could not connect to iot-1.azure-devices.net:5671"],
        ],
    }
    assert 0 <= found["disks"]["/"] <= 100


def test_more_than_azure_hands_on_is_cut_in_its_details(machine: Path) -> None:
    many = {f"check-number-{number}": {"result": "error", "details": ["x" * 400]} for number in range(40)}
    (machine / "check").write_text(json.dumps({"checks": many}))
    assert [name for name, _, _ in said()["check"]["wrong"]] == list(many)


@pytest.mark.parametrize("answer", ["", "no JSON", "[]", '{"checks": 3}'])
def test_a_check_without_an_answer_is_one_that_failed(machine: Path, answer: str) -> None:
    (machine / "check").write_text(answer)
    assert said()["check"] == {"well": 0, "wrong": [["iotedge check", "error", "it gave no answer"]]}


def test_a_machine_that_has_nothing_yet_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    found = report.report()
    assert set(found["units"].values()) == {"unknown"}
    assert (found["said"], found["key"], found["modules"]) == ("", "", {})


def test_the_key_is_the_one_that_the_daemons_run_with(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    applied = tmp_path / "applied"
    applied.write_text(f"{'a' * 64} {'0123456789abcdef' * 4}\n")
    monkeypatch.setattr(report, "APPLIED", applied)
    assert report.report()["key"] == "01234567"


def test_the_machine_is_told_to_fetch_its_key_and_says_how_it_went(machine: Path) -> None:
    (machine / "systemctl").write_text(f'#!/bin/sh\necho "$*" > {machine}/asked\n')
    told = subprocess.run(["sh", "-c", commands.provision()], capture_output=True, text=True, check=True, timeout=60)
    assert told.stdout == "edgeway: failed, secret: 403\n"
    assert (machine / "asked").read_text() == "start edgeway-provision\n"


@pytest.mark.parametrize(("seen", "well"), [("GPU 0: Tesla T4 (UUID: GPU-1)", True), ("", False)])
def test_a_machine_that_is_to_have_a_gpu_says_what_its_driver_sees(
    machine: Path, monkeypatch: pytest.MonkeyPatch, seen: str, well: bool
) -> None:
    (machine / "nvidia-smi").write_text(f"#!/bin/sh\n[ -z '{seen}' ] || echo '{seen}'\n")
    (machine / "nvidia-smi").chmod(0o755)
    monkeypatch.setattr(report, "SETTINGS", machine / "machine.json")
    assert "gpus" not in report.report()
    report.SETTINGS.write_text('{"gpu": true}')
    found = {one.about: one for one in of_machine(report.report())}
    assert found["gpu"].ok is well
