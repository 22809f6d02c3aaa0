"""Scores a body. It knows neither HTTP nor messages: both ask here, so both answer alike."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from contracts.card import ENTRY_SCRIPT, MODEL_FILE, Card, CardError, artifact_digest, load_card, version_of
from images.scoring.entry import EntryScript, load_entry_script
from images.scoring.errors import RunFailed, RunTimedOut, ScoringError, StartError
from images.scoring.request import Request

log = logging.getLogger("scoring.service")


@dataclass(frozen=True, slots=True)
class Answer:
    body: bytes
    rows: int
    run_ms: float


class Service:
    """One model, loaded."""

    def __init__(self, *, card: Card, digest: str, entry: EntryScript, run_timeout_ms: int = 60_000) -> None:
        self.card = card
        self.digest = digest
        self.version = version_of(digest)
        self._entry = entry
        self._run_timeout_ms = run_timeout_ms
        # one thread: entry scripts are written for a server that calls run() once at a time
        self._thread = None if entry.typed else ThreadPoolExecutor(1, thread_name_prefix="run")
        self._overdue = 0

    @property
    def hung(self) -> bool:
        """True while a `run` that timed out has still not returned: only a restart helps."""
        return self._overdue > 0

    def answer(self, asked: Request) -> Answer | Awaitable[Answer]:
        """At once, where the model runs on the event loop."""
        if self._thread is None:
            return self.score(asked)
        return self._answer_in_thread(self._thread, asked)

    def score(self, asked: Request) -> Answer:
        request = self._entry.decode(asked.body)
        began = time.perf_counter()
        try:
            result = self._entry.run(request)
        except ScoringError:
            raise
        except Exception as error:
            log.exception("run() failed")
            raise RunFailed("run() of the entry script failed; the log says why") from error
        run_ms = (time.perf_counter() - began) * 1e3
        return Answer(_encoded(result), len(request) if isinstance(request, list) else 1, run_ms)

    def close(self) -> None:
        if self._thread is not None:
            self._thread.shutdown(wait=not self.hung, cancel_futures=True)

    async def _answer_in_thread(self, thread: ThreadPoolExecutor, asked: Request) -> Answer:
        call = asyncio.get_running_loop().run_in_executor(thread, self.score, asked)
        try:
            return await asyncio.wait_for(asyncio.shield(call), self._run_timeout_ms / 1e3)
        except TimeoutError:
            self._overdue += 1
            call.add_done_callback(self._returned_late)
            raise RunTimedOut(f"run() took longer than {self._run_timeout_ms} ms") from None

    def _returned_late(self, call: asyncio.Future[Answer]) -> None:
        self._overdue -= 1
        if not call.cancelled():
            call.exception()  # its request was answered long ago


def load_service(folder: Path, *, run_timeout_ms: int = 60_000) -> Service:
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
    entry = load_entry_script(folder / ENTRY_SCRIPT, model_folder=folder)
    return Service(card=card, digest=digest, entry=entry, run_timeout_ms=run_timeout_ms)


def listed(body: bytes) -> bytes:
    """Azure ML's original form of an answer: a list that holds it as one JSON string."""
    return msgspec.json.encode([body.decode()])


def _encoded(result: Any) -> bytes:
    try:
        return msgspec.json.encode(result)
    except (TypeError, ValueError, RecursionError) as error:
        log.error("run() returned %s, which is no JSON: %s", type(result).__name__, error)
        raise RunFailed(f"run() returned {type(result).__name__}, which is no JSON") from error
