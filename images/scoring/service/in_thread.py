"""`run` in the script's thread, one call at a time, as Azure ML's own server calls it: it may be slow or block."""

from __future__ import annotations

import asyncio
from typing import Any

from images.scoring.errors import Overloaded
from images.scoring.request import Request
from images.scoring.service.scoring import Answer, Scoring
from images.scoring.service.script_thread import ScriptThread

HEEDED_SECONDS = 0.02


class InThread:
    def __init__(self, scoring: Scoring, thread: ScriptThread, *, timeout_seconds: float) -> None:
        self._scoring = scoring
        self._timeout_seconds = timeout_seconds
        self._thread = thread
        self._turn = asyncio.Lock()
        self._overdue = 0

    @property
    def hung(self) -> bool:
        """True while a `run` that timed out has still not returned: only a restart helps."""
        return self._overdue > 0

    def start(self) -> None:
        return

    async def answer(self, request: Request) -> Answer:
        # the turn is waited for here and not in the thread's queue, so that the time is that of the run alone
        async with self._turn:
            if self.hung:
                raise Overloaded("run() has timed out and still not returned")
            job = self._thread.start(lambda: self._scoring.score(request))
            await asyncio.wait((job.done,), timeout=self._timeout_seconds)
            if job.done.done():
                answer: Answer = job.done.result()
                return answer
            self._thread.interrupt(job)
            self._overdue += 1
            job.done.add_done_callback(self._returned_late)
            # a run that heeds the interrupt returns at once, and the next request need not be refused
            await asyncio.wait((job.done,), timeout=HEEDED_SECONDS)
        raise self._scoring.timed_out()

    def close(self) -> None:
        """The thread is not its own."""

    def _returned_late(self, call: asyncio.Future[Any]) -> None:
        self._overdue -= 1
        if not call.cancelled():
            call.exception()  # its request was answered long ago
