"""Machines that only remember: for tests of whoever asks for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from standin.machines import MachineRefused, MachineSpec, NoMachine, Ran
from standin.machines.machines import State


class FakeMachines:
    """`ran` is what `run` was asked; `answers` is what it says to a script, `serial` what a machine has printed."""

    def __init__(self, refusal: str = "") -> None:
        self.refusal = refusal
        self.specs: dict[str, MachineSpec] = {}
        self.states: dict[str, State] = {}
        self.boots: dict[str, int] = {}
        self.ran: list[tuple[str, str, Mapping[str, str], float]] = []
        self.answers: dict[str, Ran] = {}
        self.serial: dict[str, bytes] = {}

    async def create(self, spec: MachineSpec) -> None:
        if self.refusal or spec.gpus:
            raise MachineRefused(self.refusal or f"{spec.resource_id}: no GPU here")
        if spec.vm_id not in self.specs:
            self.specs[spec.vm_id] = spec
            self._boot(spec.vm_id)

    async def assign(self, vm_id: str, identities: tuple[str, ...]) -> None:
        self.specs[self._known(vm_id)] = replace(self.specs[vm_id], identities=identities)

    async def start(self, vm_id: str) -> None:
        if self.states[self._known(vm_id)] != "running":
            self._boot(vm_id)

    async def stop(self, vm_id: str) -> None:
        self.states[self._known(vm_id)] = "stopped"

    async def restart(self, vm_id: str) -> None:
        self._boot(self._known(vm_id))

    async def delete(self, vm_id: str) -> None:
        self.specs.pop(vm_id, None)
        self.states.pop(vm_id, None)

    async def run(self, vm_id: str, script: str, parameters: Mapping[str, str], seconds: float) -> Ran:
        if self.states[self._known(vm_id)] != "running":
            raise NoMachine(f"the machine {vm_id} does not run")
        self.ran.append((vm_id, script, parameters, seconds))
        return self.answers.get(script, Ran(0, "", ""))

    async def serial_log(self, vm_id: str) -> bytes:
        return self.serial.get(self._known(vm_id), b"")

    async def state(self, vm_id: str) -> State:
        return self.states.get(vm_id, "gone")

    def _boot(self, vm_id: str) -> None:
        self.states[vm_id] = "running"
        self.boots[vm_id] = self.boots.get(vm_id, 0) + 1

    def _known(self, vm_id: str) -> str:
        if vm_id not in self.specs:
            raise NoMachine(f"there is no machine {vm_id}")
        return vm_id
