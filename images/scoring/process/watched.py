"""Runs the check in a child process, which is ended where it does not end itself.

A deadline of a thread is enough for a script that waits. Code in C that holds Python's lock (a loop in an extension)
lets no other thread of its process run: that one is asked where it is by a signal, which needs no lock
(https://docs.python.org/3.11/library/faulthandler.html#faulthandler.register), and killed.
"""

from __future__ import annotations

import faulthandler
import os
import re
import select
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass

_ASKS = signal.SIGUSR1
_ANSWER_SECONDS = 2.0
_POLL_SECONDS = 0.01
_FRAME = re.compile(r'  File "(.*)", line (\d+) in (.*)')


@dataclass(frozen=True)
class Ended:
    """`code` as a shell says it: 137 for a SIGKILL. `threads`: where each was, the outermost call first, if it hung."""

    code: int
    hung: bool = False
    threads: tuple[tuple[traceback.FrameSummary, ...], ...] = ()


def run_watched(work: Callable[[], int], seconds: float) -> Ended:
    """`work` runs in a child that has this process' files; its answer is the child's exit code."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        _work(work, writing)
    os.close(writing)
    try:
        status = _status(child, seconds)
        if status is not None:
            return Ended(_code(status))
        said = _where_it_is(child, reading)
        os.kill(child, signal.SIGKILL)
        return Ended(_code(os.waitpid(child, 0)[1]), hung=True, threads=_threads(said))
    finally:
        os.close(reading)


def _work(work: Callable[[], int], writing: int) -> None:
    code = 1
    try:
        faulthandler.register(_ASKS, file=writing, all_threads=True)
        # asked on a thread of its own: where the main one waits in C, it would not wait on after that
        threading.Thread(target=threading.Event().wait, daemon=True, name="asked").start()
        signal.pthread_sigmask(signal.SIG_BLOCK, (_ASKS,))
        code = work()
    finally:
        sys.stderr.flush()
        # without what the parent has to do at its end; a thread may hang, too
        os._exit(code)


def _status(child: int, seconds: float) -> int | None:
    """None where it still runs after that time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return status
        time.sleep(_POLL_SECONDS)
    return None


def _code(status: int) -> int:
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code


def _where_it_is(child: int, reading: int) -> str:
    os.kill(child, _ASKS)
    said = b""
    while select.select([reading], [], [], _ANSWER_SECONDS if not said else 0.2)[0]:
        more = os.read(reading, 65536)
        if not more:
            break
        said += more
    return said.decode(errors="replace")


def _threads(said: str) -> tuple[tuple[traceback.FrameSummary, ...], ...]:
    found: list[list[traceback.FrameSummary]] = []
    for line in said.splitlines():
        if frame := _FRAME.fullmatch(line):
            found[-1].insert(0, traceback.FrameSummary(frame[1], int(frame[2]), frame[3]))
        else:
            found.append([])
    return tuple(tuple(thread) for thread in found)
