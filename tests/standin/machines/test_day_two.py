"""A machine that has booted is looked after by the command line: it says how it is, and gets another key."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from cli.devices.health import of_machine, report_of
from cli.devices.key_places import KeyPlaces
from cli.devices.machine import VirtualMachine
from cli.devices.rotation import rotate
from cloud.iot_hub import fingerprint, fresh_key
from cloud.sessions import forget_sessions
from edge.machine import commands, own
from edge.machine.files import KeyFile, machine_files
from edge.machine.files import Machine as MachineOfOnesOwn
from edge.machine.surroundings import Surroundings
from standin.core.auth import BUILT_IN_ROLES, DEPLOYER_OBJECT_ID, SUBSCRIPTION_ID
from standin.machines import MachineSpec
from tests.standin.machines.world import DEVICE, HOST, VAULT, World
from tests.waiting import until

pytestmark = pytest.mark.vm

SECRET = f"device-{DEVICE}"
VAULT_ID = f"/subscriptions/{SUBSCRIPTION_ID}/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/{VAULT}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine(VirtualMachine):
    """Asked without ARM's run-command, which is another test's."""

    world: World
    spec: MachineSpec

    def run(self, script: str) -> str:
        return self.world.run(self.spec, script).stdout


@pytest.fixture(scope="module")
def machine(booting: World) -> Iterator[Machine]:
    forget_sessions()
    booting.grant()
    role = f"/subscriptions/{SUBSCRIPTION_ID}/providers/Microsoft.Authorization/roleDefinitions/"
    role += BUILT_IN_ROLES["Key Vault Secrets Officer"]
    booting.put(
        f"{VAULT_ID}/providers/Microsoft.Authorization/roleAssignments/{uuid.uuid4()}",
        {"properties": {"roleDefinitionId": role, "principalId": DEPLOYER_OBJECT_ID}},
    )
    spec = booting.boot()
    booting.until_on()
    made = Machine(id="/machine", vault=VAULT, secret=SECRET, world=booting, spec=spec)
    made.run("cloud-init status --wait")
    yield made
    forget_sessions()


def report(machine: Machine) -> dict[str, Any]:
    found = report_of(machine.run(commands.report()))
    assert found is not None
    return found


def wrong(machine: Machine) -> dict[str, str]:
    """About what, and what is told of it."""
    return {one.about: one.told for one in of_machine(report(machine)) if one.ok is False}


def key_used(machine: Machine) -> str:
    return str(report(machine)["key"])


def test_a_machine_that_is_well_says_so(machine: Machine) -> None:
    found = report(machine)
    assert set(found["units"].values()) <= {"active", "inactive"}, found
    assert found["said"] == f"edgeway: ok, key {fingerprint(machine.world.key)}"
    assert found["cloudInit"] == "done"
    assert found["modules"]["edgeAgent"] == "running"
    assert wrong(machine) == {}


def test_it_gets_another_key_and_the_old_one_is_refused(machine: Machine) -> None:
    places = KeyPlaces(HOST, DEVICE, machine)
    old = places.keys()
    new = rotate(places, lambda line: None)
    keys = places.keys()
    assert new == fingerprint(keys.primary) == key_used(machine)
    assert places.kept() == keys.primary
    assert not {keys.primary, keys.secondary} & {old.primary, old.secondary}
    assert machine.world.device()["power"] == "on"
    assert wrong(machine) == {}
    leaks = [key for key in (old.primary, keys.primary) if any(key in line for line in machine.world.answers)]
    assert leaks == []


def test_a_key_that_the_hub_refuses_is_told_by_the_machine_and_put_right_from_outside(machine: Machine) -> None:
    places = KeyPlaces(HOST, DEVICE, machine)
    places.keep(fresh_key())
    machine.world.standin.wait_for(
        machine.world.machines.run(machine.spec.vm_id, "systemctl --no-block start edgeway-provision", {}, 30)
    )
    until("the device is not let in", lambda: machine.world.device()["power"] == "off")
    until("its daemon is told of", lambda: {"units", "check"} & wrong(machine).keys())
    said = wrong(machine)
    assert "host-connect-iothub-https" in " ".join(f"{one.about} {one.told}" for one in of_machine(report(machine)))
    assert "aziot-edged" in said["units"]
    rotate(places, lambda line: None)
    machine.world.until_on()
    assert wrong(machine) == {}


def test_a_machine_of_ones_own_takes_the_dead_ones_place_by_install_sh(machine: Machine) -> None:
    """Nothing but the folder that `device config --new-key` writes is brought to it."""
    world = machine.world
    world.standin.wait_for(world.machines.delete(machine.spec.vm_id))
    world.until_off()
    places, key = KeyPlaces(HOST, DEVICE, machine), fresh_key()
    places.change_keys(places.keys(), primary=key, secondary=fresh_key())
    spec = world.boot(world.spec(user_data=b"#cloud-config\n{}\n", identities=()))
    until("it takes commands", lambda: world.run(spec, "cloud-init status --wait").exit_code == 0)
    for name, text in own_folder(world).items():
        content = base64.b64encode(text.encode()).decode()
        world.run(spec, f"mkdir -p /root/own && base64 -d > /root/own/{name} <<'END'\n{content}\nEND\n")
    world.run(spec, "umask 077; echo $KEY | base64 -d > /root/own/device.key", KEY=key)
    done = world.run(spec, "sh /root/own/install.sh")
    assert (done.exit_code, done.stdout) == (0, f"edgeway: ok, key {fingerprint(key)}\n"), done
    world.until_on()
    left = world.run(spec, "ls /root/own/device.key /etc/edgeway/device.key; stat -c '%U %a' /var/secrets/aziot/keyd/*")
    assert left.stdout == "aziotks 600\n"


def own_folder(world: World) -> dict[str, str]:
    own_machine = MachineOfOnesOwn(
        hub_host=HOST,
        device_id=DEVICE,
        key=KeyFile(path=own.INSTALLED_KEY),
        made_by="a test",
        surroundings=Surroundings.of(world.standin.environment),
    )
    return own.folder_of(machine_files(own_machine), own_machine.ubuntu)
