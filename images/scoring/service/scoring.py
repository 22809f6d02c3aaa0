"""One call of `run`: from a request to an answer, with every way in which it can fail."""

from __future__ import annotations

import logging
from time import perf_counter
from typing import Any

import msgspec
from msgspec import Struct

from images.scoring.bodies.file import CONTENT
from images.scoring.bodies.json_refusal import refusal
from images.scoring.bodies.raw import RAW
from images.scoring.errors import BadRequest, RunFailed, RunTimedOut, ScoringError
from images.scoring.model.call_forms import CallForm
from images.scoring.request import Request

log = logging.getLogger("scoring.service")


class Answer(Struct, frozen=True):
    body: bytes
    rows: int
    """Scored by this call of `run`; 0 where a batch counted them."""
    run_ms: float
    status: int = 200
    head: bytes | None = None
    """HTTP header lines that the script itself set."""


class Scoring:
    """A call form in use."""

    def __init__(self, form: CallForm, *, timeout_ms: int) -> None:
        self._form = form
        self._timeout_ms = timeout_ms

    def score(self, request: Request) -> Answer:
        """Raises ScoringError."""
        form = self._form
        value = form.decode(request)
        began = perf_counter()
        try:
            result = form.call(value)
        except BaseException as error:  # sys.exit(), too: it must not end the server
            raise self.failed(error, request) from error
        run_ms = (perf_counter() - began) * 1e3
        return self.encoded(result, value, run_ms)

    def encoded(self, result: Any, value: Any, run_ms: float) -> Answer:
        """The answer, from what `run` gave for `value`, a decoded request; raises RunFailed."""
        try:
            answer = self._form.encode(result)
        except RunFailed as error:
            log.error("%s: %s", error.message, error.detail)
            raise
        except TimeoutError as error:
            raise self.timed_out() from error
        except BaseException as error:
            log.error("run() of the entry script gave a body that failed while it was read", exc_info=error)
            raise RunFailed(
                "run() of the entry script gave a body that failed while it was read; the log says why"
            ) from error
        rows = len(value) if isinstance(value, list) else 1
        return Answer(answer.content, rows, run_ms, answer.status, answer.head)

    def failed(self, error: BaseException, request: Request) -> ScoringError:
        """What to answer where `run` raised `error`."""
        if isinstance(error, ScoringError):
            return error
        if isinstance(error, msgspec.ValidationError):
            # the script decodes parts of the request itself
            refused = refusal(error, request.body)
            if refused.path == f"$.{CONTENT}" and request.media_type.startswith(RAW.media_types):
                # all of the body is the file: it has no field `content`
                return BadRequest(f"body{refused.message.removeprefix(CONTENT)}", path="$")
            return refused
        if isinstance(error, TimeoutError):
            return self.timed_out()
        log.error("run() failed", exc_info=error)
        return RunFailed("run() of the entry script failed; the log says why")

    def timed_out(self) -> RunTimedOut:
        log.error("run() took longer than %d ms", self._timeout_ms)
        return RunTimedOut(f"run() took longer than {self._timeout_ms} ms")
