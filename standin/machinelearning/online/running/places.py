"""How many requests a deployment takes at once: the others wait for a turn, and too many are refused.

https://learn.microsoft.com/azure/machine-learning/how-to-troubleshoot-online-endpoints#http-status-codes: twice the
concurrent requests of all instances are let in, of which so the half waits.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from standin.machinelearning.online.errors import TooManyRequests


@dataclass(slots=True)
class Places:
    """Of one deployment."""

    running: int = 0
    _waiting: deque[asyncio.Future[None]] = field(default_factory=deque)

    @asynccontextmanager
    async def one(self, most: int, wait_s: float | None) -> AsyncIterator[None]:
        """TooManyRequests where as many wait already as may run, or none came free within the time."""
        if self.running >= most:
            await self._turn(most, wait_s)
        else:
            self.running += 1
        try:
            yield
        finally:
            self._leave(most)

    async def _turn(self, most: int, wait_s: float | None) -> None:
        if len(self._waiting) >= most:
            raise TooManyRequests
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            async with asyncio.timeout(wait_s):
                await turn
        except BaseException as ended:
            if turn.done() and not turn.cancelled():  # it was given in the same moment
                self._leave(most)
            elif turn in self._waiting:  # whoever left in the same moment passed over it
                self._waiting.remove(turn)
            if isinstance(ended, TimeoutError):
                raise TooManyRequests from ended
            raise

    def _leave(self, most: int) -> None:
        """Hands the place on, unless there are fewer of them now."""
        while self._waiting and self.running <= most:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self.running -= 1
