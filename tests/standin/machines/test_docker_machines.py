"""Machines on an engine in memory: which containers there are, what is refused, and what outlives the stand-in."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from standin.core.errors import Unauthorized
from standin.foundation import Foundation, lay_foundation
from standin.machines import MachineRefused, MachineSpec, NoMachine
from standin.machines.records import Records
from standin.machines.running import image
from standin.machines.running.docker_machines import DockerMachines
from standin.machines.running.doors import Doors
from tests.ports import free_port_base
from tests.standin.containers.fake_docker import FakeDocker, docker_host
from tests.waiting import eventually

SPEC = MachineSpec(
    vm_id="0a1b2c3d-1", resource_id="/vm", hostname="edge-01", user_data=b"#cloud-config\n", ssh_keys=("k",)
)
NAME, AROUND = "edgeway-012345-vm-0a1b2c3d", "edgeway-012345-vm-0a1b2c3d-around"
UP = ["test", "-S", "/run/systemd/private"]
DEVICE = ("hub", "edge-01")


class FakeDevices:
    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []

    async def power_on(self, hub: str, device: str, token: str) -> None:
        if token != "right":
            raise Unauthorized("no")
        self.calls.append(("on", hub, device))

    async def power_off(self, hub: str, device: str, *, orderly: bool) -> None:
        self.calls.append(("off", hub, device, orderly))

    async def modules(self, hub: str, device: str) -> Sequence[Any]:
        return []


class Site:
    """One life of the stand-in after another, on the same state and engine."""

    def __init__(self, root: Path) -> None:
        self.base: Foundation = lay_foundation(root, port_base=free_port_base())
        self.docker = FakeDocker()
        self.docker.succeeding.append(UP)
        self.docker.present.add(image.tag())
        self.devices = FakeDevices()
        self.machines = self._life()

    def _life(self) -> DockerMachines:
        self.host = docker_host(self.docker)
        self.host.bridge_address = "172.17.0.1"
        doors = Doors(self.base.state / "machines", self.base.authority)
        doors.to(_nobody, lambda: [".vault.azure.net"])
        records, disk = Records(self.base.store), image.DiskImage(self.host)
        return DockerMachines(self.host, records, doors, self.devices, disk, self.base.authority.ca_pem)

    async def restart(self) -> None:
        await self.end()
        self.machines = self._life()
        await self.machines.begin()

    async def end(self) -> None:
        await self.machines.end()
        await self.host.close()


async def _nobody(scope: Any, receive: Any, send: Any) -> None:
    raise AssertionError("nobody comes")


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    made = Site(tmp_path / "standin")
    await made.machines.begin()
    yield made
    await made.end()


async def test_a_machine_shares_the_network_of_what_is_around_it_and_has_no_other_and_no_privileges(site: Site) -> None:
    await site.machines.create(SPEC)
    around, machine = site.docker.bodies[AROUND]["HostConfig"], site.docker.bodies[NAME]["HostConfig"]
    assert (around["NetworkMode"], machine["NetworkMode"]) == ("none", f"container:{AROUND}")
    assert not machine.get("Privileged") and not machine.get("CapAdd") and not around.get("Privileged")
    assert site.docker.running() == {NAME, AROUND} and await site.machines.state(SPEC.vm_id) == "running"


async def test_it_is_seeded_with_its_id_its_user_data_and_nothing_else_of_it_is_kept(site: Site) -> None:
    await site.machines.create(SPEC)
    with tarfile.open(fileobj=io.BytesIO(site.docker.files["/"])) as tar:
        read = {one.name: tar.extractfile(one).read() for one in tar if one.isfile()}  # type: ignore[union-attr]
    meta = json.loads(read["var/lib/cloud/seed/nocloud/meta-data"])
    assert meta == {"instance-id": SPEC.vm_id, "local-hostname": "edge-01", "public-keys": ["k"]}
    assert read["var/lib/cloud/seed/nocloud/user-data"] == SPEC.user_data
    assert read["etc/ssl/certs/ca-certificates.crt"] == site.base.authority.ca_pem.read_bytes()
    assert "cloud-config" not in json.dumps(site.base.store.list("machine"))


async def test_making_it_again_leaves_it_as_it_is_also_when_it_is_stopped(site: Site) -> None:
    await site.machines.create(SPEC)
    await site.machines.create(SPEC)
    await site.machines.stop(SPEC.vm_id)
    await site.machines.create(SPEC)
    assert site.docker.calls.count(("create", NAME)) == 1
    assert await site.machines.state(SPEC.vm_id) == "stopped"


async def test_one_that_a_crash_left_half_made_is_made_anew(site: Site) -> None:
    await site.machines.create(SPEC)
    site.docker.states[NAME] |= {"Running": False, "Status": "created"}
    await site.machines.create(SPEC)
    assert site.docker.calls.count(("create", NAME)) == 2


async def test_an_engine_in_whose_containers_systemd_ends_is_told_with_its_words_and_nothing_is_left(
    site: Site,
) -> None:
    site.docker.succeeding.remove(UP)
    site.docker.written[NAME] = b"Failed to mount cgroup\r\nFreezing execution.\r\n"
    start = site.docker.start

    def ends(name: str) -> None:
        start(name)
        if name == NAME:
            site.docker.end(name, 255)

    site.docker.start = ends  # type: ignore[method-assign]
    with pytest.raises(MachineRefused, match=r"does not boot .*version 1\): Failed to mount cgroup Freezing execution"):
        await site.machines.create(SPEC)
    assert await site.machines.state(SPEC.vm_id) == "gone" and await site.machines.inventory() == []
    assert site.docker.things["containers"] == {}


async def test_unknown_cgroups_and_gpus_are_refused_before_anything_is_made(site: Site) -> None:
    site.docker.cgroups = "3"
    with pytest.raises(MachineRefused, match="the engine's cgroups are '3'"):
        await site.machines.create(SPEC)
    with pytest.raises(MachineRefused, match="1 GPU"):
        await site.machines.create(MachineSpec(vm_id="x", resource_id="/vm", hostname="h", gpus=1))
    assert site.docker.calls == []


async def test_its_device_goes_on_with_a_right_token_and_off_with_the_machine(site: Site) -> None:
    await site.machines.create(SPEC)
    with pytest.raises(Unauthorized):
        await site.machines.device_on(SPEC.vm_id, *DEVICE, "wrong")
    await site.machines.device_on(SPEC.vm_id, *DEVICE, "right")
    await site.machines.stop(SPEC.vm_id)
    await site.machines.start(SPEC.vm_id)
    assert site.devices.calls == [("on", *DEVICE), ("off", *DEVICE, False)]


async def test_a_machine_that_ends_by_itself_takes_its_device_with_it(site: Site) -> None:
    await site.machines.create(SPEC)
    await site.machines.device_on(SPEC.vm_id, *DEVICE, "right")
    site.docker.end(NAME)
    await eventually(lambda: ("off", *DEVICE, False) in site.devices.calls)


async def test_in_the_next_life_a_machine_runs_on_and_one_that_its_host_lost_boots_again(site: Site) -> None:
    await site.machines.create(SPEC)
    await site.restart()
    assert site.docker.calls.count(("start", NAME)) == 1
    await site.end()
    site.docker.states[NAME] |= {"Running": False, "Status": "exited"}
    await site.restart()
    assert site.docker.calls.count(("start", NAME)) == 2
    await site.machines.stop(SPEC.vm_id)
    await site.restart()
    assert await site.machines.state(SPEC.vm_id) == "stopped"


async def test_what_is_deleted_is_gone_with_its_doors_and_may_be_deleted_again(site: Site) -> None:
    await site.machines.create(SPEC)
    await site.machines.device_on(SPEC.vm_id, *DEVICE, "right")
    await site.machines.delete(SPEC.vm_id)
    await site.machines.delete(SPEC.vm_id)
    assert site.docker.things["containers"] == {} and site.devices.calls[-1] == ("off", *DEVICE, False)
    assert list((site.base.state / "machines").iterdir()) == []
    with pytest.raises(NoMachine, match="there is no machine"):
        await site.machines.restart(SPEC.vm_id)
