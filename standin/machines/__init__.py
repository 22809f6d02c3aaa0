"""Virtual machines for whoever needs them: each boots real systemd and cloud-init in an unprivileged container.

Knows Docker and what a machine sees of Azure around it (metadata service, package server), and no ARM type: those are
`Microsoft.Compute`'s, which asks for a machine through `Machines`.

    machines, spec    what is asked of them
"""

from __future__ import annotations

from standin.machines.errors import MachineRefused, NoMachine
from standin.machines.machines import Machines
from standin.machines.spec import MachineSpec, Ran

__all__ = ["MachineRefused", "MachineSpec", "Machines", "NoMachine", "Ran"]
