"""What is asked of machines. One is meant by its vmId; all but `create`, `delete` and `state` raise NoMachine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Protocol

from standin.machines.spec import MachineSpec, Ran

State = Literal["running", "stopped", "gone"]


class Machines(Protocol):
    async def create(self, spec: MachineSpec) -> None:
        """Returns when the machine has been started, long before it has booted. One that is there is left as it is, so
        that what a crash interrupted can be asked again. MachineRefused."""

    async def assign(self, vm_id: str, identities: tuple[str, ...]) -> None:
        """The machine's identities from now on: its metadata service knows no others."""

    async def start(self, vm_id: str) -> None: ...

    async def stop(self, vm_id: str) -> None:
        """Powers off, as a guest that is asked to; the disk stays."""

    async def restart(self, vm_id: str) -> None: ...

    async def delete(self, vm_id: str) -> None:
        """With its disk. Succeeds on what is gone."""

    async def run(self, vm_id: str, script: str, parameters: Mapping[str, str], seconds: float) -> Ran:
        """As root, with the parameters in the environment; NoMachine unless it runs."""

    async def serial_log(self, vm_id: str) -> bytes: ...

    async def state(self, vm_id: str) -> State: ...
