"""`/_standin/reset`: everything that a test or `make down` may have left goes. Keys and the CA stay."""

from __future__ import annotations

from standin.core.arm.http.service import ArmService
from standin.core.clock import Clock
from standin.core.faults import Faults
from standin.core.serving.throttling import Throttle


class Reset:
    def __init__(self, arm_service: ArmService, faults: Faults, throttle: Throttle, clock: Clock) -> None:
        self._arm_service = arm_service
        self._faults = faults
        self._throttle = throttle
        self._clock = clock

    async def run(self) -> None:
        """Purges every resource, and forgets faults, throttling and the moved clock."""
        await self._arm_service.purge_all()
        self._faults.clear()
        self._throttle.forget()
        self._clock.reset()
