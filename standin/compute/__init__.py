"""Azure's virtual machines as resources; the machines themselves are `standin.machines`.

Each of these lines stands on those below it:

    service, routes
    handlers            what a region has; what a machine has printed
    kinds               machines, their disks, commands that are resources
    actions, admission  what is done to a machine; whether one may be
    commands, serial_logs, offers
    state               from a description to a machine, and what Azure tells of it
    images, instance_view, profiles
    errors
"""

from __future__ import annotations

from standin.compute.actions import MachineActions
from standin.compute.admission import Admission
from standin.compute.handlers import LogHandlers, OfferHandlers
from standin.compute.kinds.disks import Disk
from standin.compute.kinds.run_commands import RunCommand
from standin.compute.kinds.virtual_machines import VirtualMachine
from standin.compute.routes import arm_routes
from standin.compute.serial_logs import SerialLogs
from standin.compute.service import SerialLogService
from standin.compute.state import VirtualMachines
from standin.core.arm import Arm
from standin.core.clock import Clock
from standin.core.part import Part
from standin.core.store import Store
from standin.cores import Quota

__all__ = ["VirtualMachines", "part"]


def part(arm: Arm, store: Store, clock: Clock, machines: VirtualMachines) -> Part:
    quota, logs = Quota(arm), SerialLogs(arm, store, clock)
    machine = VirtualMachine(arm, machines, Admission(arm, quota), MachineActions(machines, logs))
    return Part(
        name="compute",
        service=SerialLogService(LogHandlers(machines, logs)),
        kinds=(machine, RunCommand(arm, machines, clock), Disk()),
        arm_routes=arm_routes(OfferHandlers(quota)),
    )
