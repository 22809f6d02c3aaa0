"""Blocking calls in threads that cannot keep the process from ending, as an executor's threads can."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")


async def in_daemon_thread(function: Callable[[], T], *, name: str) -> T:
    """What `function` returns or raises; a cancelled caller leaves the thread behind."""
    job = Job(function, asyncio.get_running_loop())
    threading.Thread(target=job.work, daemon=True, name=name).start()
    result: T = await job.done
    return result


class Job:
    """A call whose outcome an event loop awaits; the loop may have stopped waiting, or be closed, when it returns."""

    def __init__(self, function: Callable[[], Any], loop: asyncio.AbstractEventLoop) -> None:
        self._function = function
        self._loop = loop
        self.done: asyncio.Future[Any] = loop.create_future()

    def work(self) -> None:
        """In the thread that makes the call."""
        try:
            result = self._function()
        except BaseException as error:
            failure = error
            self._report(lambda: self.done.set_exception(failure))
        else:
            self._report(lambda: self.done.set_result(result))

    def _report(self, set_outcome: Callable[[], None]) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._settle, set_outcome)

    def _settle(self, set_outcome: Callable[[], None]) -> None:
        if not self.done.done():
            set_outcome()
