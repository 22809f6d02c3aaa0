"""Load balancers without a port: to listen at 443 is not for everybody."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from typing import Any

import pytest

from standin.core.part import Part


class Opened(set[str]):
    """Addresses at which a load balancer would listen, which not everybody may."""

    async def open(self, address: str) -> None:
        self.add(address)

    async def close(self, address: str) -> None:
        self.discard(address)

    async def stop(self) -> None:
        self.clear()


def no_port_443(parts: Sequence[Part]) -> Opened:
    service: Any = next(part.service for part in parts if part.name == "kubernetesconfiguration")
    service._routers._fronts = opened = Opened()
    return opened


def _may_listen_at_443() -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", 443))
        except PermissionError:
            return False
        except OSError:  # somebody else does
            return True
    return True


at_port_443 = pytest.mark.skipif(
    not _may_listen_at_443(),
    reason="nobody but root may listen at port 443: sudo sysctl -w net.ipv4.ip_unprivileged_port_start=443",
)
"""Of tests whose stand-in has a load balancer in earnest."""
