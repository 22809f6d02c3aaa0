"""Virtual machines for whoever needs them: each boots real systemd and cloud-init in an unprivileged container.

Knows Docker and what a machine sees of Azure around it (metadata service, package server), and no ARM type of machines:
those are `Microsoft.Compute`'s, which asks for a machine through `Machines`. Each of these lines stands on those below:

    parts                             composes
    service, host                     a life; what a machine stands on
    running/                          machines in Docker
    metadata, package_server          what a machine sees around it
    packages/                         the packages of packages.microsoft.com, and their signed lists
    records, machines, devices        what is remembered, what is asked of machines, what they ask
    guest/                            the programs inside a machine: they know nothing but Python
    spec, errors
"""

from __future__ import annotations

from standin.machines.errors import MachineRefused, NoMachine
from standin.machines.machines import Machines
from standin.machines.parts import MachinesAndSurroundings
from standin.machines.spec import MachineSpec, Ran

__all__ = ["MachineRefused", "MachineSpec", "Machines", "MachinesAndSurroundings", "NoMachine", "Ran"]
