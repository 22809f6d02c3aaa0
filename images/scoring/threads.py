"""Blocking calls in threads that cannot keep the process from ending, as an executor's can."""

from __future__ import annotations

import asyncio
import ctypes
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, TypeVar

T = TypeVar("T")


async def in_daemon_thread(function: Callable[[], T], *, name: str) -> T:
    job = Job(function, asyncio.get_running_loop())
    threading.Thread(target=job.work, daemon=True, name=name).start()
    result: T = await job.done
    return result


class Job:
    """A call whose outcome a loop awaits; it may have stopped waiting, or be closed, when the call returns."""

    def __init__(self, function: Callable[[], Any], loop: asyncio.AbstractEventLoop) -> None:
        self._function = function
        self._loop = loop
        self.done: asyncio.Future[Any] = loop.create_future()

    def work(self) -> None:
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


class RunThread:
    """One thread, one call at a time: entry scripts are written for a server that calls them so."""

    def __init__(self) -> None:
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._current: Job | None = None
        self._thread = threading.Thread(target=self._work, daemon=True, name="run")
        self._thread.start()

    def start(self, function: Callable[[], Any]) -> Job:
        job = Job(function, asyncio.get_running_loop())
        self._jobs.put(job)
        return job

    def interrupt(self, job: Job) -> None:
        """Raise TimeoutError in the call, as Azure ML's own server does: at its next step in Python, so not inside a
        blocking call of C."""
        if self._current is job and self._thread.ident is not None:
            ctypes.pythonapi.PyThreadState_SetAsyncExc(
                ctypes.c_ulong(self._thread.ident), ctypes.py_object(TimeoutError)
            )

    def close(self) -> None:
        """After what was started."""
        self._jobs.put(None)

    def _work(self) -> None:
        while True:
            try:
                job = self._jobs.get()
                if job is None:
                    return
                self._current = job
                job.work()
                self._current = None
            except TimeoutError:
                # an interrupt that came when its call had just returned
                continue
