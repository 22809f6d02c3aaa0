"""`run` on the event loop, several requests a call: see batching.py."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from time import perf_counter
from typing import Any

import msgspec

from images.scoring.model.call_forms import CallForm
from images.scoring.request import Request
from images.scoring.service.batching import Batcher
from images.scoring.service.scoring import Answer, Scoring
from images.scoring.service.watchdog import Watchdog


class InBatch:
    hung = False

    def __init__(
        self,
        form: CallForm,
        scoring: Scoring,
        watchdog: Watchdog,
        *,
        rows: int,
        wait_seconds: float,
        ran: Callable[[int], None],
    ) -> None:
        """`rows` may be run together; `ran` is told how many were."""
        self._decode = form.decode
        self._call = form.call
        self._scoring = scoring
        self._watchdog = watchdog
        self._batcher = Batcher(self._run, rows=rows, wait_seconds=wait_seconds, ran=ran)

    def start(self) -> None:
        self._watchdog.start()

    def answer(self, request: Request) -> Awaitable[Answer]:
        """A request that cannot be decoded is refused at once."""
        value = self._decode(request)
        return self._answered(self._batcher.add(value), value, request)

    def close(self) -> None:
        self._watchdog.close()

    def _run(self, value: Any) -> Any:
        self._watchdog.since = perf_counter()
        try:
            return self._call(value)
        finally:
            self._watchdog.since = 0.0

    async def _answered(self, done: asyncio.Future[Any], value: Any, request: Request) -> Answer:
        began = perf_counter()
        try:
            result = await done
        except asyncio.CancelledError:
            raise
        except BaseException as error:
            raise self._scoring.failed(error, request) from error
        answer = self._scoring.encoded(result, value, (perf_counter() - began) * 1e3)
        # the batch has counted the rows
        return msgspec.structs.replace(answer, rows=0)
