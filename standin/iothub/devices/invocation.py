"""A direct method on its way to a device.

https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-direct-methods
"""

from __future__ import annotations

import asyncio
from typing import Any, Literal


class NobodyTakesIt(Exception):
    """The module is connected, and has not subscribed to methods."""


class Invocation:
    """`respond` answers the caller, once; `fail` says why nobody does."""

    def __init__(self, name: str, payload: Any, response_timeout_s: int, connect_timeout_s: int = 0) -> None:
        self.name = name
        self.payload = payload
        self.response_timeout_s = response_timeout_s
        self.connect_timeout_s = connect_timeout_s
        self._answer: asyncio.Future[tuple[int, Any]] = asyncio.get_running_loop().create_future()

    def respond(self, status: int, payload: Any) -> None:
        """Too late (the caller has given up) or twice is no error, as with the real hub."""
        if not self._answer.done():
            self._answer.set_result((status, payload))

    def fail(self, reason: Literal["offline", "timeout"]) -> None:
        if not self._answer.done():
            self._answer.set_exception(NobodyTakesIt() if reason == "offline" else TimeoutError())

    async def answer(self) -> tuple[int, Any]:
        """Raises NobodyTakesIt and TimeoutError."""
        return await asyncio.wait_for(self._answer, self.connect_timeout_s + self.response_timeout_s)
