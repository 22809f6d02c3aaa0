"""A device's virtual machine on the whole local stack: deallocated, started, and without the stand-in for a while."""

from __future__ import annotations

import subprocess
import time
from datetime import datetime
from typing import Any

import pytest

from tests.e2e.disturbed import victims
from tests.e2e.stack.local_stack import DEVICE, LocalStack, eventually

pytestmark = pytest.mark.vm

_ACT = (
    "import sys; from azure.identity import DefaultAzureCredential;"
    "from azure.mgmt.compute import ComputeManagementClient;"
    "subscription, group, name, verb = sys.argv[1:];"
    "client = ComputeManagementClient(DefaultAzureCredential(), subscription);"
    "getattr(client.virtual_machines, 'begin_' + verb)(group, name).result()"
)


def machine_id(stack: LocalStack) -> str:
    return str(stack.outputs()["devices"][DEVICE]["machine"]["id"])


def act(stack: LocalStack, verb: str) -> None:
    """deallocate or start, by Microsoft's client."""
    _, _, subscription, _, group, *_, name = machine_id(stack).split("/")
    stack.run("python", "-c", _ACT, subscription, group, name, verb)


def power(stack: LocalStack) -> str:
    (device,) = [one for one in stack.control("GET", "devices") if one["device"] == DEVICE]
    return str(device["power"])


def newest(stack: LocalStack, since: float) -> list[dict[str, Any]]:
    return stack.everything(datetime.fromtimestamp(since).astimezone().isoformat())


def test_a_machine_that_is_deallocated_sends_nothing_and_says_so(vm_stack: LocalStack) -> None:
    act(vm_stack, "deallocate")
    assert power(vm_stack) == "off"
    assert victims.containers(vm_stack, f"edgeway.device={DEVICE}") == {}
    assert vm_stack.changes() == {}
    act(vm_stack, "start")
    eventually("messages come", lambda: newest(vm_stack, time.time() - 1), limit_s=120)


def test_a_machine_outlives_the_stand_in(vm_stack: LocalStack) -> None:
    def started() -> str:
        name = next(iter(victims.containers(vm_stack, "edgeway.kind=machine")))
        return subprocess.run(
            ["docker", "inspect", "-f", "{{.State.StartedAt}}", name], capture_output=True, text=True, check=True
        ).stdout

    before = started()
    assert victims.kill_pids(victims.standin(vm_stack))
    vm_stack.command("tools/standin.sh", "start")
    assert (power(vm_stack), started()) == ("on", before)
    eventually("messages go on", lambda: newest(vm_stack, time.time() - 1), limit_s=120)
