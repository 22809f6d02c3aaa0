"""Several workers: one process a core, each a fork of this one, restarted where it crashes.

Sockets and metrics are made before the fork and shared; the model is loaded after it, by each worker.
"""

from __future__ import annotations

import logging
import math
import os
import signal
import time
from collections.abc import Callable

from images.scoring.process.worker import EXIT_NOT_READY, EXIT_OK

log = logging.getLogger("scoring.supervisor")

SHORT_LIFE_SECONDS = 2.0
MAX_PAUSE_SECONDS = 10.0
SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD)


class Supervisor:
    def __init__(self, workers: int, run: Callable[[int], int], *, release: Callable[[], None]) -> None:
        """`release` closes the sockets in this process, else they would still take connections while workers end."""
        self._run = run
        self._release = release
        self._running: dict[int, tuple[int, float]] = {}
        """By process: which worker it is, and since when."""
        self._due = dict.fromkeys(range(workers), 0.0)
        """When a worker that does not run is to be started."""
        self._pauses = [0.0] * workers
        self._stopping = False
        self._exit_code = EXIT_OK

    def supervise(self) -> int:
        # blocked and waited for: no handler runs in the middle of anything, and a pause holds up nothing else
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        while self._running or self._due:
            self._start_due()
            self._wait()
            self._reap()
        return self._exit_code

    def _start_due(self) -> None:
        now = time.monotonic()
        for index in [index for index, due in self._due.items() if due <= now]:
            del self._due[index]
            self._start(index)

    def _wait(self) -> None:
        pause = min(self._due.values(), default=math.inf) - time.monotonic()
        told = signal.sigwaitinfo(SIGNALS) if pause == math.inf else signal.sigtimedwait(SIGNALS, max(0.0, pause))
        if told is not None and told.si_signo != signal.SIGCHLD:
            self._stop()

    def _reap(self) -> None:
        while self._running:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            if (worker := self._running.pop(pid, None)) is not None:
                self._ended(*worker, code=os.waitstatus_to_exitcode(status))

    def _start(self, index: int) -> None:
        pid = os.fork()
        if pid == 0:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
            # never back into the parent's stack
            os._exit(_guarded(self._run, index))
        self._running[pid] = (index, time.monotonic())

    def _ended(self, index: int, started: float, *, code: int) -> None:
        if code == EXIT_NOT_READY:
            # it said why, and another try would end alike
            self._exit_code = EXIT_NOT_READY
            self._stop()
        if self._stopping:
            return
        lived = time.monotonic() - started
        pause = min(MAX_PAUSE_SECONDS, max(0.1, self._pauses[index] * 2)) if lived < SHORT_LIFE_SECONDS else 0.0
        self._pauses[index] = pause
        log.error("worker %d ended with %d, starting it again in %.1f s", index, code, pause)
        self._due[index] = time.monotonic() + pause

    def _stop(self) -> None:
        self._stopping = True
        self._due.clear()
        self._release()
        for pid in self._running:
            os.kill(pid, signal.SIGTERM)


def _guarded(run: Callable[[int], int], index: int) -> int:
    try:
        return run(index)
    except BaseException:
        log.exception("worker %d failed", index)
        return 1
    finally:
        logging.shutdown()
