"""`run` on the event loop, one request a call: for models that take less time than handing them to a thread."""

from __future__ import annotations

from time import perf_counter

from images.scoring.request import Request
from images.scoring.service.scoring import Answer, Scoring
from images.scoring.service.watchdog import Watchdog


class OnLoop:
    hung = False

    def __init__(self, scoring: Scoring, watchdog: Watchdog) -> None:
        self._score = scoring.score
        self._watchdog = watchdog

    def start(self) -> None:
        self._watchdog.start()

    def answer(self, request: Request) -> Answer:
        self._watchdog.since = perf_counter()
        try:
            return self._score(request)
        finally:
            self._watchdog.since = 0.0

    def close(self) -> None:
        self._watchdog.close()
