"""Scores a request. It knows neither HTTP nor messages: both ask here, so both answer alike."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import msgspec
from msgspec import Struct

from contracts.card import ENTRY_SCRIPT, MODEL_FILE, Card, CardError, artifact_digest, load_card, version_of
from images.daemon_thread import Job
from images.scoring.bodies.json_refusal import refusal
from images.scoring.errors import Overloaded, RunFailed, RunTimedOut, ScoringError, StartError
from images.scoring.model.call_forms import CallForm
from images.scoring.model.entry_script import load_entry_script
from images.scoring.request import Request
from images.scoring.service.batching import Batcher
from images.scoring.service.run_thread import RunThread
from images.scoring.service.watchdog import Watchdog

log = logging.getLogger("scoring.service")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSettings:
    timeout_ms: int
    """Of one `run`, which is then interrupted."""
    batch_max: int
    """Rows that may be run together; 1 is off."""
    batch_wait_ms: int
    """How long a row waits for others; 0 is the turn of the event loop in which it came."""


class Answer(Struct, frozen=True):
    body: bytes
    rows: int
    run_ms: float
    status: int = 200
    head: bytes | None = None


class Service:
    """One model, loaded."""

    def __init__(
        self, *, card: Card, digest: str, form: CallForm, settings: RunSettings, ran: Callable[[int], None]
    ) -> None:
        """`ran` is told the rows of each batch."""
        self.card = card
        self.digest = digest
        self.version = version_of(digest)
        self.schemas = form.schemas
        self.bodies = form.bodies
        self._call_form = form
        self._timeout_ms = settings.timeout_ms
        self._watchdog = Watchdog(settings.timeout_ms / 1e3)
        self._thread = None if form.on_loop else RunThread()
        self._turn = asyncio.Lock()
        self._overdue = 0
        self._batcher = self._make_batcher(form, settings, ran)

    @property
    def hung(self) -> bool:
        """True while a `run` that timed out has still not returned: only a restart helps."""
        return self._overdue > 0

    def start(self) -> None:
        """On the main thread, before the first answer."""
        if self._call_form.on_loop:
            self._watchdog.start()

    def answer(self, asked: Request) -> Answer | Awaitable[Answer]:
        """At once, where the model runs on the event loop."""
        if self._thread is not None:
            return self._answer_in_thread(self._thread, asked)
        if self._batcher is not None:
            request = self._call_form.decode(asked)
            return self._answer_in_batch(self._batcher.add(request), request, asked)
        self._watchdog.since = perf_counter()
        try:
            return self.score(asked)
        finally:
            self._watchdog.since = 0.0

    def score(self, asked: Request) -> Answer:
        form = self._call_form
        request = form.decode(asked)
        began = perf_counter()
        try:
            result = form.call(request)
        except Exception as error:
            raise self._run_failed(error, asked) from error
        run_ms = (perf_counter() - began) * 1e3
        return self._encoded(result, request, run_ms)

    def close(self) -> None:
        self._watchdog.close()
        if self._thread is not None:
            self._thread.close()

    def _encoded(self, result: Any, request: Any, run_ms: float) -> Answer:
        try:
            body = self._call_form.encode(result)
        except RunFailed as error:
            log.error("%s: %s", error.message, error.detail)
            raise
        return Answer(body.content, len(request) if isinstance(request, list) else 1, run_ms, body.status, body.head)

    def _run_failed(self, error: Exception, asked: Request) -> ScoringError:
        if isinstance(error, ScoringError):
            return error
        if isinstance(error, msgspec.ValidationError):
            # the script decodes parts of the request itself
            return refusal(error, asked.body)
        if isinstance(error, TimeoutError):
            return self._timed_out()
        log.error("run() failed", exc_info=error)
        return RunFailed("run() of the entry script failed; the log says why")

    def _timed_out(self) -> RunTimedOut:
        log.error("run() took longer than %d ms", self._timeout_ms)
        return RunTimedOut(f"run() took longer than {self._timeout_ms} ms")

    # in a thread

    async def _answer_in_thread(self, thread: RunThread, asked: Request) -> Answer:
        # the turn is waited for here and not in the thread's queue, so that the time is that of the run alone
        async with self._turn:
            if self.hung:
                raise Overloaded("run() has timed out and still not returned")
            job = thread.start(lambda: self.score(asked))
            await asyncio.wait((job.done,), timeout=self._timeout_ms / 1e3)
            if job.done.done():
                answer: Answer = job.done.result()
                return answer
            thread.interrupt(job)
            self._overdue += 1
            job.done.add_done_callback(self._returned_late)
            await self._a_moment(job)
        raise self._timed_out()

    async def _a_moment(self, job: Job) -> None:
        """What heeds the interrupt returns at once, and the next request need not be refused."""
        await asyncio.wait((job.done,), timeout=0.02)

    def _returned_late(self, call: asyncio.Future[Any]) -> None:
        self._overdue -= 1
        if not call.cancelled():
            call.exception()  # its request was answered long ago

    # in a batch

    def _make_batcher(self, form: CallForm, settings: RunSettings, ran: Callable[[int], None]) -> Batcher | None:
        if settings.batch_max == 1:
            return None
        if not form.takes_lists:
            raise StartError(
                f"BATCH_MAX is {settings.batch_max}, allowed is 1: run() does not take a list of what it takes"
            )
        return Batcher(
            self._watched(form.call),
            rows=settings.batch_max,
            wait_seconds=settings.batch_wait_ms / 1e3,
            ran=ran,
        )

    def _watched(self, run: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def watched(request: Any) -> Any:
            self._watchdog.since = perf_counter()
            try:
                return run(request)
            finally:
                self._watchdog.since = 0.0

        return watched

    async def _answer_in_batch(self, done: asyncio.Future[Any], request: Any, asked: Request) -> Answer:
        began = perf_counter()
        try:
            result = await done
        except Exception as error:
            raise self._run_failed(error, asked) from error
        # counted by the batch
        return msgspec.structs.replace(self._encoded(result, request, (perf_counter() - began) * 1e3), rows=0)


def load_service(folder: Path, settings: RunSettings, *, ran: Callable[[int], None] = lambda rows: None) -> Service:
    """Load the artifact; a StartError says which part of it cannot be served, and why."""
    try:
        card = load_card(folder)
        digest = artifact_digest(folder)
    except FileNotFoundError as error:
        raise StartError(f"artifact {folder} is incomplete: {error}") from error
    except CardError as error:
        raise StartError(str(error)) from error
    if not (folder / MODEL_FILE).is_file():
        raise StartError(f"artifact {folder} is incomplete: {MODEL_FILE} is missing")
    form = load_entry_script(folder / ENTRY_SCRIPT, model_folder=folder)
    return Service(card=card, digest=digest, form=form, settings=settings, ran=ran)
