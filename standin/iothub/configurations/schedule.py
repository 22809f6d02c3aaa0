"""When deployments are evaluated: at once, or with the lag of the `slow` profile."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime, timedelta

from standin.core.clock import Clock


class Schedule:
    """Collects devices to look at. Without a lag `settle` (before a commit) looks at them, else a task does, later.

    What is waiting when the process dies is not lost: a hub looks at every device when it starts.
    """

    def __init__(self, clock: Clock, lag: timedelta, evaluate: Callable[[str], None], act: Callable[[], None]) -> None:
        self._clock = clock
        self._lag = lag
        self._evaluate = evaluate
        self._act = act
        self._devices: set[str] = set()
        self._task: asyncio.Task[None] | None = None

    def add(self, devices: Iterable[str]) -> None:
        self._devices.update(devices)

    def settle(self) -> None:
        """Within a transaction."""
        if not self._lag:
            self.run()

    def run(self) -> None:
        """Looks at what is waiting now; doing so may add more (a module that came may be one that reports)."""
        while self._devices:
            self._evaluate(self._devices.pop())

    def later(self) -> None:
        """After a commit: sees to it that what is left is looked at, once the lag has passed."""
        if self._devices and self._lag and self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._wait(self._clock.now() + self._lag))

    async def _wait(self, due: datetime) -> None:
        await self._clock.wait_until(due)
        self._task = None
        self._act()

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            self._task = None
