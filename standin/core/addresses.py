"""Where the stand-in answers: four ports in a row on loopback, and the host name of its own surface."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

CONTROL_HOST = "standin.edgeway.internal"


@dataclass(frozen=True, slots=True)
class Ports:
    base: int

    @property
    def proxy(self) -> int:
        return self.base

    @property
    def tls(self) -> int:
        return self.base + 1

    @property
    def registry(self) -> int:
        return self.base + 2

    @property
    def plain(self) -> int:
        """Plain HTTP on loopback: the registry's token service and the control surface."""
        return self.base + 3


def instance_of(state: Path) -> str:
    """12 hex digits that tell this state folder's containers, networks and volumes from another's."""
    return _digest(state)[:12]


def default_port_base(state: Path) -> int:
    """Below the ports that the system lends to clients."""
    return 20000 + 20 * (int(_digest(state)[:8], 16) % 600)


def _digest(state: Path) -> str:
    return hashlib.sha256(str(state.resolve()).encode()).hexdigest()
