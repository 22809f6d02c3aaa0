"""The thread in which an entry script's `run` is called, and the way to interrupt it."""

from __future__ import annotations

import asyncio
import ctypes
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any

from images.daemon_thread import Job


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
