"""Direct methods: a call goes to a device that is connected, and its answer comes back.

https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-direct-methods
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import Any

from standin.core.clock import Clock
from standin.iothub.devices.invocation import Invocation, NobodyTakesIt
from standin.iothub.devices.subscriptions import Subscriptions
from standin.iothub.kernel.errors import MethodTimeout, NotOnline
from standin.iothub.registry.presence import Presences
from standin.iothub.registry.state import IdentityRegistry


class DirectMethods:
    def __init__(
        self, clock: Clock, registry: IdentityRegistry, presences: Presences, subscriptions: Subscriptions
    ) -> None:
        self._clock = clock
        self._registry = registry
        self._presences = presences
        self._subscriptions = subscriptions

    async def invoke(self, device: str, module: str | None, invocation: Invocation) -> tuple[int, Any]:
        """-> status and payload of the answer. Raises NotFound, NotOnline and MethodTimeout.

        Not online is also who is connected and has not subscribed to methods; a time-out needs somebody who has.
        """
        self._registry.get(device, module)
        if not await self._connected(device, module, invocation.connect_timeout_s):
            raise _not_online(invocation.connect_timeout_s)
        if not self._subscriptions.publish(device, ("method", module, invocation)):
            raise _not_online(invocation.connect_timeout_s)
        try:
            return await invocation.answer()
        except NobodyTakesIt as error:
            raise _not_online(invocation.connect_timeout_s) from error
        except TimeoutError as error:
            raise MethodTimeout("Timed out waiting for the response from device.") from error

    async def _connected(self, device: str, module: str | None, timeout_s: int) -> bool:
        def connected() -> bool:
            return self._presences.of(device, module).connected

        if not connected() and timeout_s:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._clock.wait_until(connected), timeout_s)
        return connected()


def _not_online(timeout_s: int) -> NotOnline:
    details = {"timeout": str(timedelta(seconds=timeout_s)).rjust(8, "0")}
    return NotOnline("Timed out waiting for device to connect.", details=details)
