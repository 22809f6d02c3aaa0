"""What a machine cannot do, in words that services pass on.

ServiceError 500
├── MachineRefused
└── NoMachine
"""

from __future__ import annotations

from standin.core.errors import ServiceError


class MachineRefused(ServiceError):
    """It cannot be made or started here: no engine, no systemd in its containers, a size with GPUs."""

    code = "MachineRefused"


class NoMachine(ServiceError):
    """There is none of this vmId, or it does not run and what was asked wants it to."""

    code = "NoMachine"
