"""A script that Azure runs in a machine: what comes back of it, and what stands in its way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from cloud.arm import Answer, Arm
from cloud.errors import ServiceError
from cloud.machines.run_command import power_state, run_command
from tests.cloud.recorder import Recorder

VM = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/vm-01"
BUSY = ServiceError("x", 409, "Conflict", "Run command extension execution is in progress. Please wait for completion.")


class Azure:
    def __init__(self, monkeypatch: pytest.MonkeyPatch, *answers: Any) -> None:
        self._answers = list(answers)
        self.bodies: list[Any] = []
        monkeypatch.setattr("cloud.arm._send", self._send)

    def _send(self, what: str, method: str, url: str, parameters: Mapping[str, str], body: Any) -> Answer:
        self.bodies.append(body)
        answer = self._answers.pop(0)
        if isinstance(answer, ServiceError):
            raise answer
        return Answer(200, {}, answer)


def ran(message: str) -> dict[str, Any]:
    return {"value": [{"code": "ProvisioningState/succeeded", "level": "Info", "message": message}]}


@pytest.mark.parametrize(
    ("message", "printed"),
    [
        ("Enable succeeded: \n[stdout]\none\ntwo\n\n[stderr]\nwarning\n", "one\ntwo"),
        ("Enable succeeded: \n[stdout]\n\n[stderr]\n", ""),
    ],
)
def test_what_it_printed_comes_back(monkeypatch: pytest.MonkeyPatch, message: str, printed: str) -> None:
    azure = Azure(monkeypatch, ran(message))
    assert run_command(Arm(Recorder()), Recorder(), VM, "echo one\necho two\n") == printed
    assert azure.bodies == [{"commandId": "RunShellScript", "script": ["echo one", "echo two"]}]


def test_another_command_there_is_waited_for_and_any_other_conflict_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    Azure(monkeypatch, BUSY, BUSY, ran("[stdout]\nhere\n[stderr]\n"))
    operation = Recorder()
    assert run_command(Arm(Recorder()), operation, VM, "true") == "here"
    assert operation.statuses == ["command in vm-01: another one runs there"] * 2
    Azure(monkeypatch, ServiceError("x", 409, "OperationNotAllowed", "the VM is not running"))
    with pytest.raises(ServiceError, match="not running"):
        run_command(Arm(Recorder()), Recorder(), VM, "true")
    Azure(monkeypatch, BUSY)
    with pytest.raises(ServiceError, match="in progress"):
        run_command(Arm(Recorder()), Recorder(), VM, "true", busy_seconds=0)


@pytest.mark.parametrize("result", [None, {}, {"value": []}, ran("Enable failed")])
def test_an_answer_without_what_it_printed_is_no_success(monkeypatch: pytest.MonkeyPatch, result: Any) -> None:
    Azure(monkeypatch, result)
    with pytest.raises(ServiceError, match="what it printed is not in"):
        run_command(Arm(Recorder()), Recorder(), VM, "true")


@pytest.mark.parametrize(
    ("statuses", "power"),
    [
        ([{"code": "ProvisioningState/succeeded"}, {"code": "PowerState/deallocated"}], "deallocated"),
        ([{"code": "ProvisioningState/creating"}], ""),
    ],
)
def test_a_machines_power_is_read_of_its_view(
    monkeypatch: pytest.MonkeyPatch, statuses: list[dict[str, str]], power: str
) -> None:
    Azure(monkeypatch, {"statuses": statuses})
    assert power_state(Arm(Recorder()), VM) == power
