"""The virtual machine that is a device, as the stack's outputs tell of it; and what is run in it."""

from __future__ import annotations

from dataclasses import dataclass

from cli.azure import PATIENT
from cli.errors import Failed, Unreached
from cli.stack.outputs import Outputs
from cloud.arm import Arm
from cloud.errors import ServiceError
from cloud.machines.run_command import power_state, run_command
from cloud.operation import Waiting
from cloud.wording import one_line


@dataclass(frozen=True, slots=True, kw_only=True)
class VirtualMachine:
    id: str
    """Of ARM."""
    vault: str
    """The name of the vault that has the device's key."""
    secret: str

    @property
    def name(self) -> str:
        return self.id.rpartition("/")[2]

    def run(self, script: str) -> str:
        """What it printed. Unreached where the machine does not run or nobody hears there, Failed for what Azure
        refuses."""
        arm = Arm(Waiting(), PATIENT)
        try:
            if (power := power_state(arm, self.id)) not in ("running", ""):
                raise Unreached(f"the virtual machine {self.name} is {power}: `az vm start --ids {self.id}` starts it")
            return run_command(arm, Waiting(), self.id, script)
        except ServiceError as error:
            told = f"the virtual machine {self.name}: {one_line(str(error), 400)}"
            raise (Unreached if error.status in (0, 409) or error.status >= 500 else Failed)(told) from error


def virtual_machine(stack: Outputs, device: str) -> VirtualMachine | None:
    """None for a machine of somebody's own, and for the virtual devices of the local stack."""
    told = stack["devices"][device].get("machine")
    return VirtualMachine(id=told["id"], vault=told["vault"], secret=told["secret"]) if told else None
