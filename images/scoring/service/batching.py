"""Micro-batching, for models whose second row costs little: requests that wait together are run as one list.

A request is decoded before it waits, so a bad one is refused by itself; where the run of a batch fails, each of its
requests is run by itself, so that one cannot fail the others. Off unless BATCH_MAX says otherwise: it trades latency
for throughput, and a small model has nothing to gain.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from images.scoring.errors import RunFailed


@dataclass(frozen=True, slots=True)
class Waiting:
    value: Any
    """A decoded request: a row, or a list of rows."""
    done: asyncio.Future[Any]

    @property
    def rows(self) -> list[Any]:
        return self.value if isinstance(self.value, list) else [self.value]


class Batcher:
    def __init__(
        self, run: Callable[[Any], Any], *, rows: int, wait_seconds: float, ran: Callable[[int], None]
    ) -> None:
        """`run` takes a list and gives one as long; `ran` is told how many rows it got."""
        self._run = run
        self._max_rows = rows
        self._wait_seconds = wait_seconds
        self._ran = ran
        self._waiting: list[Waiting] = []
        self._rows = 0
        self._timer: asyncio.Handle | None = None

    def add(self, value: Any) -> asyncio.Future[Any]:
        loop = asyncio.get_running_loop()
        waiting = Waiting(value, loop.create_future())
        rows = len(waiting.rows)
        if self._rows + rows > self._max_rows:
            self.flush()
        self._waiting.append(waiting)
        self._rows += rows
        if self._rows >= self._max_rows:
            self.flush()
        elif self._timer is None:
            # without a wait, at the end of this turn of the loop: with what else had arrived by then
            self._timer = (
                loop.call_later(self._wait_seconds, self.flush) if self._wait_seconds else loop.call_soon(self.flush)
            )
        return waiting.done

    def flush(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        batch, self._waiting, self._rows = self._waiting, [], 0
        if len(batch) == 1:
            self._settle(batch[0])
        elif batch:
            self._run_together(batch)

    def _run_together(self, batch: list[Waiting]) -> None:
        rows = [row for waiting in batch for row in waiting.rows]
        try:
            answers = self._run(rows)
            if len(answers) != len(rows):
                raise RunFailed(f"run() has to answer each row: {len(rows)} were asked, {len(answers)} answered")
        except BaseException:  # sys.exit() of a `run` must not end the server
            for waiting in batch:
                self._settle(waiting)
            return
        self._ran(len(rows))
        at = 0
        for waiting in batch:
            count = len(waiting.rows)
            answer = answers[at : at + count] if isinstance(waiting.value, list) else answers[at]
            at += count
            if not waiting.done.done():
                waiting.done.set_result(answer)

    def _settle(self, waiting: Waiting) -> None:
        if waiting.done.done():
            return
        try:
            answer = self._run(waiting.value)
        except BaseException as error:
            waiting.done.set_exception(error)
        else:
            self._ran(len(waiting.rows))
            waiting.done.set_result(answer)
