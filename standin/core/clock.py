"""The stand-in's time: real time plus an offset that `/_standin/clock` moves forward.

Whatever takes time in Azure (propagation, soft deletion, token lifetime) is measured on this clock, so a test can pass
two weeks in no time. Nothing in the stand-in sleeps on its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from standin.core.store import Store

_KIND = "clock"
_KEY = "offset"


class Clock:
    def __init__(self, store: Store | None = None) -> None:
        self._store = store
        saved = store.get(_KIND, _KEY) if store else None
        self._offset = timedelta(seconds=float(saved["seconds"]) if saved else 0.0)
        self._moved = asyncio.Event()

    def now(self) -> datetime:
        return datetime.now(UTC) + self._offset

    def timestamp(self) -> float:
        return self.now().timestamp()

    def advance(self, seconds: float) -> datetime:
        if seconds < 0:
            raise ValueError(f"the clock only goes forward: got {seconds} seconds")
        self._offset += timedelta(seconds=seconds)
        if self._store:
            self._store.put(_KIND, _KEY, {"seconds": self._offset.total_seconds()})
        self._wake()
        return self.now()

    def reset(self) -> None:
        self._offset = timedelta()
        if self._store:
            self._store.delete(_KIND, _KEY)
        self._wake()

    async def wait_until(self, when: datetime | Callable[[], bool], *, poll_seconds: float = 0.25) -> None:
        """Returns when the virtual time has come (at once when the clock jumps over it) or the predicate holds."""
        while True:
            if callable(when):
                if when():
                    return
                pause = poll_seconds
            else:
                pause = (when - self.now()).total_seconds()
                if pause <= 0:
                    return
            moved = self._moved
            try:
                await asyncio.wait_for(moved.wait(), timeout=pause)
            except TimeoutError:
                continue

    async def sleep(self, seconds: float) -> None:
        await self.wait_until(self.now() + timedelta(seconds=seconds))

    def _wake(self) -> None:
        self._moved.set()
        self._moved = asyncio.Event()


def iso(moment: datetime) -> str:
    """RFC 3339 with microseconds and Z, as ARM writes times."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def iso_of(timestamp: float) -> str:
    """The same of seconds since 1970."""
    return iso(datetime.fromtimestamp(timestamp, UTC))
