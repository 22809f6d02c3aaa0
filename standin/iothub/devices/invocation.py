"""A direct method on its way to a device.

https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-direct-methods
"""

from __future__ import annotations

import asyncio
from typing import Any


class Invocation:
    """`respond` answers the caller, once."""

    def __init__(self, name: str, payload: Any, response_timeout_s: int) -> None:
        self.name = name
        self.payload = payload
        self.response_timeout_s = response_timeout_s
        self._answer: asyncio.Future[tuple[int, Any]] = asyncio.get_running_loop().create_future()

    def respond(self, status: int, payload: Any) -> None:
        """Too late (the caller has given up) or twice is no error, as with the real hub."""
        if not self._answer.done():
            self._answer.set_result((status, payload))

    async def answer(self) -> tuple[int, Any]:
        return await asyncio.wait_for(self._answer, self.response_timeout_s)
