"""Several workers: one process a core, each a fork of this one, restarted where it crashes.

Sockets and metrics are made before the fork and shared; the model is loaded after it, by each worker.
"""

from __future__ import annotations

import logging
import os
import signal
import time
from collections.abc import Callable

from images.scoring.worker import EXIT_NOT_READY, EXIT_OK

log = logging.getLogger("scoring.supervisor")

SHORT_LIFE_SECONDS = 2.0
MAX_PAUSE_SECONDS = 10.0


class Supervisor:
    def __init__(self, workers: int, run: Callable[[int], int], *, release: Callable[[], None]) -> None:
        """`release` closes this process's hold on the sockets, else they would still take connections at the end."""
        self._count = workers
        self._run = run
        self._release = release
        self._started: dict[int, tuple[int, float]] = {}
        self._pauses = [0.0] * workers
        self._stopping = False
        self._exit_code = EXIT_OK

    def supervise(self) -> int:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._stop())
        for index in range(self._count):
            self._start(index)
        while self._started:
            pid, status = os.wait()
            if (worker := self._started.pop(pid, None)) is not None:
                self._ended(*worker, code=os.waitstatus_to_exitcode(status))
        return self._exit_code

    def _start(self, index: int) -> None:
        pid = os.fork()
        if pid == 0:
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, signal.SIG_DFL)
            # never back into the parent's stack
            os._exit(_guarded(self._run, index))
        self._started[pid] = (index, time.monotonic())
        if self._stopping:
            os.kill(pid, signal.SIGTERM)

    def _ended(self, index: int, started: float, *, code: int) -> None:
        if code == EXIT_NOT_READY:
            # it said why, and another try would end alike
            self._exit_code = EXIT_NOT_READY
            self._stop()
        if self._stopping:
            return
        lived = time.monotonic() - started
        self._pauses[index] = (
            min(MAX_PAUSE_SECONDS, max(0.1, self._pauses[index] * 2)) if lived < SHORT_LIFE_SECONDS else 0.0
        )
        log.error("worker %d ended with %d, starting it again in %.1f s", index, code, self._pauses[index])
        time.sleep(self._pauses[index])
        if not self._stopping:
            self._start(index)

    def _stop(self) -> None:
        self._stopping = True
        self._release()
        for pid in list(self._started):
            os.kill(pid, signal.SIGTERM)


def _guarded(run: Callable[[int], int], index: int) -> int:
    try:
        return run(index)
    except BaseException:
        log.exception("worker %d failed", index)
        return 1
    finally:
        logging.shutdown()
