"""The threads of a process: the main one is the entry script's, from its import to its last `run`.

While it loads, an event loop in a thread answers probes. Then the loop runs where `run` is called: on the main thread
for a typed `run`, else in a thread again, and the main one takes one call after the other.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from types import FrameType

import uvloop

from images.scoring.errors import StartError
from images.scoring.process.worker import EXIT_FAILED, Worker
from images.scoring.service.script_thread import ScriptThread
from images.scoring.service.service import Service

log = logging.getLogger("scoring.threads")

SIGNALS = (signal.SIGTERM, signal.SIGINT)
RETURN_SECONDS = 1.0
"""For a `run` to return when the process ends; one that hangs is left."""

Loaded = Service | StartError


def run_worker(make: Callable[[Loaded | None], Worker], load: Callable[[ScriptThread], Loaded]) -> int:
    """On the main thread; the exit code. `make` is called in the event loop which its worker is for, with None while
    the model is loaded."""
    script, stops = ScriptThread(), Stops()
    probes = LoopThread(lambda: make(None), stops, ended=_exit)
    loaded = load(script)
    probes.hand_over()
    if isinstance(loaded, Service) and not loaded.on_loop:
        return _beside(lambda: make(loaded), stops, script)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        code = runner.run(_served(lambda: make(loaded), stops))
    stops.end()
    return code


def _beside(make: Callable[[], Worker], stops: Stops, script: ScriptThread) -> int:
    ended: list[int] = []
    returned = threading.Event()

    def end(code: int) -> None:
        ended.append(code)
        script.close()
        if not returned.wait(RETURN_SECONDS):
            _exit(code)

    LoopThread(make, stops, ended=end)
    script.work()
    returned.set()
    stops.end()
    return ended[0]


async def _served(make: Callable[[], Worker], stops: Stops) -> int:
    worker = make()
    stops.tell(worker.stop)
    return await worker.run()


def _exit(code: int) -> None:
    """At once: the main thread is in the script, and nobody waits for that any more."""
    logging.shutdown()
    sys.stderr.flush()
    os._exit(code)


class Stops:
    """SIGTERM and SIGINT, told to the event loop of whatever thread, also while the main one is in code of C: Python
    calls its handlers only between two steps in Python, but wakes a file at once.
    https://docs.python.org/3.11/library/signal.html#signal.set_wakeup_fd"""

    def __init__(self) -> None:
        self._reading, self._writing = socket.socketpair()
        self._reading.setblocking(False)
        self._writing.setblocking(False)
        self.came = False
        for number in SIGNALS:
            signal.signal(number, self._handle)
        signal.set_wakeup_fd(self._writing.fileno(), warn_on_full_buffer=False)

    def tell(self, stop: Callable[[], None]) -> None:
        """Have the running loop call `stop`."""
        asyncio.get_running_loop().add_reader(self._reading, self._read, stop)
        if self.came:
            stop()

    def tell_no_more(self) -> None:
        asyncio.get_running_loop().remove_reader(self._reading)

    def end(self) -> None:
        """A second SIGTERM, during the exit, kills."""
        for number in SIGNALS:
            signal.signal(number, signal.SIG_DFL)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        # twice does no harm, and a script or another loop may have taken the wake-up for itself
        with contextlib.suppress(BlockingIOError):
            self._writing.send(bytes((number,)))

    def _read(self, stop: Callable[[], None]) -> None:
        with contextlib.suppress(BlockingIOError):
            # other signals of the script wake it, too
            if any(number in SIGNALS for number in self._reading.recv(4096)):
                self.came = True
                stop()


class LoopThread:
    """A worker on an event loop in a thread."""

    def __init__(self, make: Callable[[], Worker], stops: Stops, *, ended: Callable[[int], None]) -> None:
        """`ended` is told the exit code, unless the worker was handed over."""
        self._make = make
        self._stops = stops
        self._ended = ended
        self._loop: asyncio.AbstractEventLoop | None = None
        self._worker: Worker | None = None
        self._made = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True, name="loop")
        self._thread.start()

    def hand_over(self) -> None:
        """The next worker takes new connections, and is told to stop; here what has begun is answered."""
        self._made.wait()
        left = threading.Event()

        def leave() -> None:
            self._stops.tell_no_more()
            if self._worker is not None and not self._stops.came:
                self._ended = lambda code: None
                self._worker.hand_over()
            left.set()

        if self._loop is not None and not self._loop.is_closed():
            with contextlib.suppress(RuntimeError):  # closed this moment: the process ends
                self._loop.call_soon_threadsafe(leave)
                left.wait(RETURN_SECONDS)
        if self._stops.came:
            self._thread.join()  # it ends the process

    def _run(self) -> None:
        code = EXIT_FAILED
        try:
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                code = runner.run(_served(self._kept, self._stops))
        except BaseException:
            log.exception("ending because of a failure")
        finally:
            self._made.set()
            self._ended(code)

    def _kept(self) -> Worker:
        self._loop = asyncio.get_running_loop()
        self._worker = self._make()
        self._made.set()
        return self._worker
