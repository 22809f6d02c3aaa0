"""A load on a deployed place: users that ask the golden examples of its card, each as soon as it has its answer.

Every answer is compared as `verify` does: a fast wrong answer is a failure. As a user waits for the answer before it
asks again, a place that is slow is asked less; the rate is what it gave, not what it was offered.
"""

from __future__ import annotations

import math
import threading
import time
from array import array
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from cli.errors import CliError
from cli.scoring.client import Client
from cli.scoring.verification import VerifiedPlace, problem_of

PROGRESS_SECONDS = 5.0
NO_ANSWER = "no answer"
WRONG_ANSWER = "wrong answer"
# after one that was refused or not answered: a place that is down must not keep this machine busy
_PAUSE_SECONDS = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    seconds: float
    milliseconds: array[float]
    """Of each request that was answered as the card says, ascending."""
    failures: Counter[str]
    """By status, `no answer` or `wrong answer`."""
    example: str | None
    """What one of the failures said."""

    @property
    def failed(self) -> int:
        return self.failures.total()

    @property
    def requests(self) -> int:
        return len(self.milliseconds) + self.failed

    @property
    def rate(self) -> float:
        """Good answers a second."""
        return len(self.milliseconds) / self.seconds

    @property
    def mean(self) -> float:
        return math.fsum(self.milliseconds) / len(self.milliseconds)

    def quantile(self, share: float) -> float:
        """Milliseconds within which this share of the good answers came (nearest rank)."""
        return self.milliseconds[max(0, math.ceil(share * len(self.milliseconds)) - 1)]


@dataclass(slots=True)
class _Counted:
    milliseconds: array[float] = field(default_factory=lambda: array("d"))
    failures: Counter[str] = field(default_factory=Counter)
    example: str | None = None


class Load:
    """`place` has golden examples; `timeout` in seconds, of one request."""

    def __init__(self, place: VerifiedPlace, *, users: int, timeout: float) -> None:
        self._place = place
        self._timeout = timeout
        self._asked = [(example.request, example) for example in place.card.golden]
        self._stop = threading.Event()
        self._counted = [_Counted() for _ in range(users)]

    def run(self, seconds: float, *, tell: Callable[[Tally], None]) -> Tally:
        """Until the time is over or a Ctrl-C, which is raised again as it comes: `so_far` then has what was counted."""
        threads = [
            threading.Thread(target=self._user, args=(number, counted), name=f"user-{number}")
            for number, counted in enumerate(self._counted)
        ]
        self._began = time.monotonic()
        for thread in threads:
            thread.start()
        try:
            while (left := self._began + seconds - time.monotonic()) > 0:
                if not self._stop.wait(min(left, PROGRESS_SECONDS)) and left > PROGRESS_SECONDS:
                    tell(self.so_far())
        finally:
            self._stop.set()
            for thread in threads:
                thread.join()
        return self.so_far()

    def so_far(self) -> Tally:
        seconds = time.monotonic() - self._began
        failures: Counter[str] = Counter()
        for counted in self._counted:
            failures += counted.failures
        return Tally(
            seconds=seconds,
            milliseconds=array("d", sorted(value for counted in self._counted for value in counted.milliseconds)),
            failures=failures,
            example=next((counted.example for counted in self._counted if counted.example), None),
        )

    def _user(self, number: int, counted: _Counted) -> None:
        """Each begins at another example, so that a place with several is not asked the same one by all."""
        with closing(Client(self._place.endpoint, self._place.key, self._timeout)) as client:
            while not self._stop.is_set():
                body, example = self._asked[number % len(self._asked)]
                number += 1
                began = time.perf_counter()
                try:
                    answer = client.score(body)
                except CliError as error:
                    self._failed(counted, NO_ANSWER, str(error))
                    continue
                took = (time.perf_counter() - began) * 1000
                problem = problem_of(example, answer)
                if problem is None:
                    counted.milliseconds.append(took)
                elif answer.status == 200:
                    self._failed(counted, WRONG_ANSWER, f"golden example {example.name!r} {problem}")
                else:
                    self._failed(counted, str(answer.status), problem)

    def _failed(self, counted: _Counted, kind: str, what: str) -> None:
        counted.failures[kind] += 1
        counted.example = counted.example or what
        self._stop.wait(_PAUSE_SECONDS)


def as_json(tally: Tally) -> dict[str, Any]:
    good = bool(tally.milliseconds)
    return {
        "seconds": round(tally.seconds, 3),
        "requests": tally.requests,
        "rate": round(tally.rate, 3),
        "milliseconds": {
            "mean": round(tally.mean, 3),
            "median": round(tally.quantile(0.5), 3),
            "p99": round(tally.quantile(0.99), 3),
            "longest": round(tally.quantile(1), 3),
        }
        if good
        else None,
        "failures": dict(sorted(tally.failures.items())),
    }


def as_rows(tally: Tally) -> list[str]:
    rows = [f"requests  {tally.requests:,}, {tally.rate:,.1f} good answers a second"]
    if tally.milliseconds:
        rows.append(
            f"latency   mean {tally.mean:.1f} ms, median {tally.quantile(0.5):.1f} ms, "
            f"p99 {tally.quantile(0.99):.1f} ms, longest {tally.quantile(1):.1f} ms"
        )
    kinds = ", ".join(f"{count:,} x {kind}" for kind, count in tally.failures.most_common())
    return [*rows, f"failures  {kinds or 'none'}"]
