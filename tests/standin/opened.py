"""Load balancers without a port: to listen at 443 is not for everybody."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

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
