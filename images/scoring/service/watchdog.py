"""The time-out of a `run` on the event loop: SIGALRM raises TimeoutError in it, as in Azure ML's own server.

The alarm is not set for each call: a thread looks four times per time-out how long the current call has run, so that a
request costs two assignments and no system call.
"""

from __future__ import annotations

import signal
import threading
from time import perf_counter
from types import FrameType


class Watchdog:
    def __init__(self, seconds: float) -> None:
        """`seconds` is how long a call may run."""
        self._seconds = seconds
        self._ended = threading.Event()
        self.since = 0.0
        """When the current call began, by `perf_counter`; 0 while there is none."""

    def start(self) -> None:
        """On the main thread alone: only there Python handles signals."""
        if threading.current_thread() is not threading.main_thread():
            return
        signal.signal(signal.SIGALRM, self._alarm)
        threading.Thread(target=self._watch, daemon=True, name="watchdog").start()

    def close(self) -> None:
        self._ended.set()

    def _late(self) -> bool:
        return self.since > 0.0 and perf_counter() - self.since > self._seconds

    def _alarm(self, number: int, frame: FrameType | None) -> None:
        if self._late():
            # once only: what runs after this call must not be interrupted
            self.since = 0.0
            raise TimeoutError("run() took too long")

    def _watch(self) -> None:
        main = threading.main_thread().ident
        while not self._ended.wait(min(1.0, self._seconds / 4)):
            if self._late() and main is not None:
                signal.pthread_kill(main, signal.SIGALRM)
