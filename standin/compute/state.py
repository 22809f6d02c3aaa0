"""Virtual machines: from their description to a machine of `standin.machines`, and what Azure tells of it.

What is asked of a machine is kept beside its resource: whether it was deallocated no machine knows.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from standin.compute.errors import NotRunning, RunningAlready
from standin.compute.images import known
from standin.compute.instance_view import Power, instance_view
from standin.compute.profiles import boot_diagnostics, custom_data, ssh_keys
from standin.core.arm import Arm, Resource
from standin.core.arm.fields import object_at
from standin.cores import size_named
from standin.machines import Machines, MachineSpec, NoMachine, Ran

_VM, _POWER, _MADE = "vmId", "power", "made"


class VirtualMachines:
    def __init__(self, arm: Arm, machines: Machines) -> None:
        self._arm = arm
        self.machines = machines
        self._busy: set[str] = set()

    def begin(self, machine: Resource) -> None:
        """Ids of a new one, before anything is made: what a crash interrupts is found again by them."""
        machine.private |= {_VM: str(uuid.uuid4()), _POWER: "running"}

    async def make(self, machine: Resource, *, restart: bool) -> None:
        """One that was made stays as it is, disk and all, but for its identities; `restart`: it is of another size."""
        spec = spec_of(machine)
        if not machine.private.get(_MADE):
            await self.machines.create(spec)
            machine.private[_MADE] = True
        await self.machines.assign(spec.vm_id, spec.identities)
        if restart and machine.private[_POWER] == "running":
            await self.machines.restart(spec.vm_id)

    async def start(self, machine: Resource) -> None:
        await self.machines.start(vm_id(machine))
        self._remember(machine, "running")

    async def stop(self, machine: Resource, power: Power) -> None:
        await self.machines.stop(vm_id(machine))
        self._remember(machine, power)

    async def restart(self, machine: Resource) -> None:
        if await self.power(machine) != "running":
            raise NotRunning
        await self.machines.restart(vm_id(machine))

    async def delete(self, machine: Resource) -> None:
        if _VM in machine.private:
            await self.machines.delete(vm_id(machine))

    async def power(self, machine: Resource) -> Power:
        """One that stopped by itself is stopped, and costs as if it ran."""
        if machine.private.get(_POWER) == "deallocated" or _VM not in machine.private:
            return "deallocated"
        return "running" if await self.machines.state(vm_id(machine)) == "running" else "stopped"

    async def run(self, machine: Resource, script: str, parameters: Mapping[str, str], seconds: float) -> Ran:
        """Raises NotRunning."""
        if await self.power(machine) != "running":
            raise NotRunning
        try:
            return await self.machines.run(vm_id(machine), script, parameters, seconds)
        except NoMachine:
            raise NotRunning from None

    async def run_alone(self, machine: Resource, script: str, parameters: Mapping[str, str], seconds: float) -> Ran:
        """Of those that are posted one runs at a time, beside those that are resources. Raises RunningAlready, too."""
        if machine.key in self._busy:
            raise RunningAlready
        self._busy.add(machine.key)
        try:
            return await self.run(machine, script, parameters, seconds)
        finally:
            self._busy.discard(machine.key)

    async def serial_log(self, machine: Resource) -> bytes:
        return await self.machines.serial_log(vm_id(machine))

    async def view(self, machine: Resource) -> dict[str, Any]:
        profile = object_at(machine.body, "properties.osProfile")
        reference = object_at(machine.body, "properties.storageProfile.imageReference")
        return instance_view(
            power=await self.power(machine),
            computer=str(profile.get("computerName")),
            image=known(reference),
            disk=disk_name(machine),
            since=machine.changed_at,
            failed=machine.properties.get("provisioningState") == "Failed",
            boot_diagnostics=boot_diagnostics(machine),
        )

    def _remember(self, machine: Resource, power: Power) -> None:
        now = self._arm.require(machine.id)
        now.private[_POWER] = power
        self._arm.save(now)


def vm_id(machine: Resource) -> str:
    return str(machine.private[_VM])


def disk_name(machine: Resource) -> str:
    return str(object_at(machine.body, "properties.storageProfile.osDisk").get("name"))


def spec_of(machine: Resource) -> MachineSpec:
    profile = object_at(machine.body, "properties.osProfile")
    size = size_named(object_at(machine.body, "properties.hardwareProfile").get("vmSize"))
    return MachineSpec(
        vm_id=vm_id(machine),
        resource_id=machine.id,
        hostname=str(profile.get("computerName")),
        user_data=custom_data(profile),
        identities=tuple((machine.body.get("identity") or {}).get("userAssignedIdentities") or ()),
        admin=str(profile.get("adminUsername")),
        ssh_keys=tuple(str(key.get("keyData")) for key in ssh_keys(profile)),
        gpus=size.gpus if size else 0,
    )
