"""The thread that an entry script lives in: it is imported, initialised and run there, one call at a time.

Scripts are written for a server that does so, on its main thread: a SQLite connection serves no other thread, a decimal
context, numpy's error state and thread-local values would silently be others, signals are for the main thread alone.
"""

from __future__ import annotations

import asyncio
import ctypes
import signal
import threading
from collections.abc import Callable
from queue import SimpleQueue
from types import FrameType
from typing import Any

from images.daemon_thread import Job


class ScriptThread:
    """Whoever calls `work` gives it his thread: the process its main one."""

    def __init__(self) -> None:
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._current: Job | None = None
        self._overdue: Job | None = None
        self._ident = 0
        self._is_main = False

    def start(self, function: Callable[[], Any]) -> Job:
        """From an event loop, which then awaits what the job has `done`."""
        job = Job(function, asyncio.get_running_loop())
        self._jobs.put(job)
        return job

    def interrupt(self, job: Job) -> None:
        """Raise TimeoutError in the call. On the main thread by SIGALRM, as Azure ML's own server does it, which ends a
        wait too; on another at the next step in Python."""
        self._overdue = job
        if self._current is not job:
            return
        if self._is_main:
            signal.pthread_kill(self._ident, signal.SIGALRM)
        else:
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self._ident), ctypes.py_object(TimeoutError))

    def close(self) -> None:
        """After what was started."""
        self._jobs.put(None)

    def work(self) -> None:
        """Make the calls, until it is closed."""
        self._ident = threading.get_ident()
        self._is_main = threading.current_thread() is threading.main_thread()
        while True:
            try:
                job = self._jobs.get()
                if job is None:
                    return
                self._make(job)
            except TimeoutError:
                # an interrupt that came when its call had just returned
                continue

    def _make(self, job: Job) -> None:
        if self._is_main and signal.getsignal(signal.SIGALRM) != self._alarm:
            # before each call: a script may use this signal itself, as long as the call lasts
            signal.signal(signal.SIGALRM, self._alarm)
        self._current = job
        try:
            job.work()
        finally:
            self._current = None

    def _alarm(self, number: int, frame: FrameType | None) -> None:
        if self._overdue is not None and self._overdue is self._current:
            self._overdue = None
            raise TimeoutError("run() took too long")
