"""A device that is a virtual machine of the stack, by the real engine: made, looked at, restarted, replaced, removed.

The machine boots in a container here; what is not real of it, docs/parity.md says.
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from tests.e2e.figures import TABLE
from tests.e2e.stack.local_stack import STACK, LocalStack, eventually

pytestmark = pytest.mark.vm

MACHINE = "vm-01"
DEVICES = "  edgeway:devices:\n"
SSH = f"ssh-ed25519 {68 * 'A'} someone@example"
HOST = f'{{kind: vm, sshPublicKey: "{SSH}"}}'
ENTRY = f"    - {{id: {MACHINE}, tags: {{model: anomaly, site: lab}}, host: {HOST}}}\n"
LIMIT_S = 40.0
"""From the machine's PUT to its first scored message upstream, with the machine's image there."""
_RESTART = """
import sys
from azure.identity import DefaultAzureCredential
from azure.mgmt.compute import ComputeManagementClient
parts = sys.argv[1].split("/")
machines = ComputeManagementClient(DefaultAzureCredential(), parts[2]).virtual_machines
machines.begin_restart(parts[4], parts[8]).result()
"""
_KEY = """
import sys
from cloud.iot_hub import IotHub, device_keys
from cloud.operation import Waiting
print(device_keys(IotHub(Waiting(), sys.argv[1]), sys.argv[2]).primary)
"""


@pytest.fixture(scope="module")
def machine() -> Iterator[LocalStack]:
    """Not brought up yet."""
    stack = LocalStack()
    with stack.stack_file() as file:
        text = file.read_text()
        assert text.count(DEVICES) == 1
        file.write_text(text.replace(DEVICES, f"{DEVICES}{ENTRY}"))
        yield stack


def unfolded(text: str) -> str:
    return " ".join(text.split())


def exported(stack: LocalStack) -> list[dict[str, Any]]:
    return list(json.loads(stack.pulumi("stack", "export").stdout)["deployment"]["resources"])


def made(stack: LocalStack, side: str = "outputs") -> dict[str, Any]:
    """The machine as Azure has told of it, or as it was asked for (`inputs`)."""
    (found,) = [one[side] for one in exported(stack) if one["type"].endswith(":VirtualMachine")]
    return dict(found)


def now() -> str:
    return datetime.now().astimezone().isoformat()


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def scored_since(stack: LocalStack, since: str) -> dict[str, Any] | None:
    """The machine's first scored message since a time."""
    options = ["--json", "--device", MACHINE, "--from", since, "--count", "1", "--timeout", "60"]
    result = stack.run("edgeway", "monitor", "--stack", STACK, *options, check=False, limit_s=120)
    lines = [line for line in result.stdout.splitlines() if line.startswith("{")]
    return dict(json.loads(lines[0])) if lines else None


def scored_anew(stack: LocalStack, since: str, old_batch: str) -> dict[str, Any] | None:
    """The first since a time of a sensor's new life: of the old one something may have been left to send."""
    options = ["--json", "--device", MACHINE, "--from", since, "--until-end"]
    result = stack.run("edgeway", "monitor", "--stack", STACK, *options, check=False, limit_s=120)
    found = [json.loads(line) for line in result.stdout.splitlines() if line.startswith("{")]
    return next((one for one in found if one["properties"]["batchId"] != old_batch), None)


def vault_calls(stack: LocalStack) -> int:
    log = (stack.standin_state / "standin.log").read_text(errors="replace")
    return sum(f"vault.azure.net/secrets/device-{MACHINE}" in line for line in log.splitlines())


def report(stack: LocalStack) -> tuple[int, dict[str, Any]]:
    done = stack.run("edgeway", "device", "check", MACHINE, "--stack", STACK, "--json", check=False)
    return done.returncode, dict(json.loads(done.stdout)) if done.stdout.startswith("{") else {"told": done.stderr}


def test_a_machine_becomes_a_device_and_scores(machine: LocalStack) -> None:
    begin = time.monotonic()
    said = unfolded(machine.command("tools/up.sh", STACK, limit_s=900).stdout)
    TABLE.add("up with a virtual machine", "scored there, its image perhaps built", f"{time.monotonic() - begin:.0f} s")
    assert f"device {MACHINE} is new: its virtual machine connects by itself" in said
    first = scored_since(machine, str(made(machine)["timeCreated"]))
    assert first is not None and first["properties"]["AzureMLResponse"] == "OK"
    code, told = report(machine)
    assert code == 0, told


def test_a_second_up_changes_nothing_nor_after_a_refresh(machine: LocalStack) -> None:
    machine.up("--expect-no-changes")
    # what Azure keeps of a network has changed since the machine is in it
    machine.pulumi("refresh", "--yes", "--skip-preview")
    assert machine.changes() == {}


def test_neither_the_state_nor_arm_nor_a_log_has_the_devices_key(machine: LocalStack) -> None:
    hub = str(machine.outputs()["hub"]["host"])
    key = machine.run("python", "-c", _KEY, hub, MACHINE).stdout.strip()
    assert len(base64.b64decode(key)) == 32
    assert key not in machine.pulumi("stack", "export", "--show-secrets").stdout
    data = base64.b64decode(made(machine, "inputs")["osProfile"]["customData"]).decode()
    assert "cloud-config" in data and key not in data and "customData" not in made(machine)["osProfile"]
    assert key not in (machine.standin_state / "standin.log").read_text(errors="replace")


def test_a_restart_asks_the_vault_for_nothing_and_scoring_goes_on(machine: LocalStack) -> None:
    before = vault_calls(machine)
    assert before > 0
    since = now()
    machine.run("python", "-c", _RESTART, str(machine.outputs()["devices"][MACHINE]["machine"]["id"]), limit_s=120)
    assert eventually("scored after the restart", lambda: scored_since(machine, since), limit_s=120)
    assert vault_calls(machine) == before


def test_a_machine_that_gets_out_otherwise_is_another_one_and_the_same_device(machine: LocalStack) -> None:
    """With another interface, which has to be there before Azure lets the first one go."""
    generation, before = device_generation(machine), scored_since(machine, now())
    assert before is not None
    with machine.config("edgeway:devices[0].host.outbound", "nat"):
        told = unfolded(machine.command("tools/preview.sh", STACK).stdout)
        assert f"the machine of device {MACHINE} is DELETED AND MADE AGAIN" in told
        machine.up()
        created = str(made(machine)["timeCreated"])
        old = before["properties"]["batchId"]
        first = eventually("scored by the new machine", lambda: scored_anew(machine, created, old), limit_s=120)
    took = (moment(str(first["enqueued"])) - moment(created)).total_seconds()
    TABLE.add("a virtual machine, from its PUT", "first scored message upstream", f"{took:.1f} s")
    assert took <= LIMIT_S
    assert device_generation(machine) == generation


def device_generation(stack: LocalStack) -> str:
    (found,) = [
        one["outputs"]["generationId"]
        for one in exported(stack)
        if one["type"] == "mledge:iothub:DeviceIdentity" and one["outputs"]["deviceId"] == MACHINE
    ]
    return str(found)


def test_a_device_that_goes_takes_its_machine_and_its_key_along(machine: LocalStack) -> None:
    with machine.stack_file() as file:
        file.write_text(file.read_text().replace(ENTRY, ""))
        machine.up()
        kinds = {one["type"].rpartition(":")[2] for one in exported(machine)}
    assert not kinds & {"VirtualMachine", "NetworkInterface", "PublicIPAddress", "VirtualNetwork"}


def test_down_leaves_nothing(machine: LocalStack) -> None:
    machine.up()
    assert "nothing is left: no resource" in machine.command("tools/down.sh", STACK).stdout
