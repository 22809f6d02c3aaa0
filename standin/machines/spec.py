"""What a machine is made of, and what a command in it answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineSpec:
    """What the body of a VirtualMachine means for the machine."""

    vm_id: str
    """`properties.vmId`: new at each creation, the same over restarts. cloud-init's instance-id."""
    resource_id: str
    """The ARM id, for labels and messages."""
    hostname: str
    """`osProfile.computerName`"""
    user_data: bytes = field(default=b"", repr=False)
    """`osProfile.customData`, decoded; empty for none."""
    identities: tuple[str, ...] = ()
    """ARM ids of the user-assigned identities that the machine may ask tokens for."""
    admin: str = "azureuser"
    ssh_keys: tuple[str, ...] = ()
    gpus: int = 0
    """More than none is refused: a container here has no GPU."""
    disks: Mapping[str, int] = field(default_factory=dict)
    """Folder -> bytes of a disk of its own that is mounted there, empty after a restart: for tests of a full one."""


@dataclass(frozen=True, slots=True)
class Ran:
    """A command's end; 124: it was ended when its time was over."""

    exit_code: int
    stdout: str
    stderr: str
