"""What came at the end of the way, counted."""

from __future__ import annotations

import dataclasses
import time
from collections import Counter, defaultdict
from dataclasses import dataclass

from bench.edge.messages import marks
from bench.edge.orders import answer, next_order

POLL_SECONDS = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What arrived of one run."""

    lost: int
    repeated: int
    first_sent_ns: int
    last_arrived_ns: int
    latencies_ns: tuple[int, ...]
    """From before it was sent to when it was there, sorted."""


class Arrivals:
    """By run: what comes late of an earlier one is not counted for a later."""

    def __init__(self) -> None:
        self._times: defaultdict[int, dict[int, tuple[int, int]]] = defaultdict(dict)
        """(sent, arrived) of each number, the first time that it came."""
        self._repeated: Counter[int] = Counter()

    def note(self, arrived_ns: int, data: bytes) -> None:
        """`data` has the body somewhere in it."""
        run, number, sent_ns = marks(data)
        if number in self._times[run]:
            self._repeated[run] += 1
        else:
            self._times[run][number] = sent_ns, arrived_ns

    def distinct(self, run: int) -> int:
        return len(self._times[run])

    def tally(self, run: int, expected: int) -> Tally:
        """Forgets the run."""
        times = self._times.pop(run, {}).values()
        return Tally(
            lost=expected - len(times),
            repeated=self._repeated.pop(run, 0),
            first_sent_ns=min((sent for sent, _ in times), default=0),
            last_arrived_ns=max((arrived for _, arrived in times), default=0),
            latencies_ns=tuple(sorted(arrived - sent for sent, arrived in times)),
        )


def tell_of(arrivals: Arrivals) -> None:
    """Answers orders of {"run", "expected", "within_s"} with the run's tally, once all have come or time is over."""
    while (order := next_order()) is not None:
        run, expected, deadline = order["run"], order["expected"], time.monotonic() + order["within_s"]
        while arrivals.distinct(run) < expected and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
        answer(dataclasses.asdict(arrivals.tally(run, expected)))
