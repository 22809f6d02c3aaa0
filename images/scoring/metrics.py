"""Prometheus metrics, summed over worker processes.

Each worker owns a row of one shared anonymous mapping, made before the workers are forked; whichever worker is asked
for /metrics adds the rows up. So nothing is locked, sent or written to disk.
https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from __future__ import annotations

import mmap
from bisect import bisect_left
from collections.abc import Iterator, Sequence

OTHER_STATUS, OTHER_NAME = 0, "other"
"""Of an entry script that answers with a response of its own."""
STATUSES = (200, 400, 401, 403, 404, 405, 408, 413, 415, 431, 500, 503, OTHER_STATUS)
SECONDS = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0)
ROWS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 4096)
OUTCOMES = ("scored", "dropped")

_STATUS = 0
_SECONDS = _STATUS + len(STATUSES)
_SECONDS_SUM = _SECONDS + len(SECONDS) + 1
_ROWS = _SECONDS_SUM + 1
_ROWS_SUM = _ROWS + len(ROWS) + 1
_IN_FLIGHT = _ROWS_SUM + 1
_OUTCOMES = _IN_FLIGHT + 1
_WAITING = _OUTCOMES + len(OUTCOMES)
_RETRIES = _WAITING + 1
_WIDTH = _RETRIES + 1
_GAUGES = (_IN_FLIGHT, _WAITING)
_STATUS_INDEX = {status: _STATUS + index for index, status in enumerate(STATUSES)}
_OTHER = _STATUS_INDEX[OTHER_STATUS]
_OUTCOME_INDEX = {outcome: _OUTCOMES + index for index, outcome in enumerate(OUTCOMES)}


class WorkerMetrics:
    """What one worker counts."""

    def __init__(self, row: memoryview[float]) -> None:
        self._row = row
        # the row outlives a worker that crashed: its counters stay true, what was going on in it did not
        for gauge in _GAUGES:
            row[gauge] = 0.0
        self.in_flight = 0

    def began(self) -> None:
        self._row[_IN_FLIGHT] = self.in_flight = self.in_flight + 1

    def ended(self) -> None:
        self._row[_IN_FLIGHT] = self.in_flight = self.in_flight - 1

    def scored(self, *, seconds: float, rows: int) -> None:
        row = self._row
        row[_SECONDS + bisect_left(SECONDS, seconds)] += 1
        row[_SECONDS_SUM] += seconds
        if rows:
            row[_ROWS + (bisect_left(ROWS, rows) if rows > 1 else 0)] += 1
            row[_ROWS_SUM] += rows

    def ran(self, rows: int) -> None:
        """For a run of several requests together, which therefore say that they have no rows."""
        self._row[_ROWS + bisect_left(ROWS, rows)] += 1
        self._row[_ROWS_SUM] += rows

    def answered(self, status: int) -> None:
        self._row[_STATUS_INDEX.get(status, _OTHER)] += 1

    def message(self, outcome: str) -> None:
        self._row[_OUTCOME_INDEX[outcome]] += 1

    def messages_waiting(self, count: int) -> None:
        self._row[_WAITING] = count

    def send_retried(self) -> None:
        self._row[_RETRIES] += 1


class Metrics:
    def __init__(self, workers: int = 1) -> None:
        self._values = memoryview(mmap.mmap(-1, workers * _WIDTH * 8)).cast("d")
        self._workers = workers

    def worker(self, index: int) -> WorkerMetrics:
        return WorkerMetrics(self._values[index * _WIDTH : (index + 1) * _WIDTH])

    def render(self, *, model: str = "", version: str = "", device: str = "", ready: bool = False) -> bytes:
        total = [sum(self._values[column::_WIDTH]) for column in range(_WIDTH)]
        lines = [
            "# TYPE scoring_model_info gauge",
            f'scoring_model_info{{model="{model}",version="{version}",device="{device}"}} 1',
            "# TYPE scoring_ready gauge",
            f"scoring_ready {int(ready)}",
            "# TYPE scoring_workers gauge",
            f"scoring_workers {self._workers}",
            "# TYPE scoring_requests_total counter",
            *(
                f'scoring_requests_total{{code="{status or OTHER_NAME}"}} {total[_STATUS_INDEX[status]]:.0f}'
                for status in STATUSES
            ),
            *_histogram("scoring_request_seconds", SECONDS, total[_SECONDS:], total[_SECONDS_SUM]),
            *_histogram("scoring_batch_rows", ROWS, total[_ROWS:], total[_ROWS_SUM]),
            "# TYPE scoring_in_flight gauge",
            f"scoring_in_flight {total[_IN_FLIGHT]:.0f}",
            "# TYPE scoring_messages_total counter",
            *(f'scoring_messages_total{{outcome="{name}"}} {total[_OUTCOME_INDEX[name]]:.0f}' for name in OUTCOMES),
            "# TYPE scoring_messages_waiting gauge",
            f"scoring_messages_waiting {total[_WAITING]:.0f}",
            "# TYPE scoring_send_retries_total counter",
            f"scoring_send_retries_total {total[_RETRIES]:.0f}",
        ]
        return ("\n".join(lines) + "\n").encode()


def _histogram(name: str, bounds: Sequence[float], counts: Sequence[float], total: float) -> Iterator[str]:
    yield f"# TYPE {name} histogram"
    running = 0.0
    for bound, count in zip(bounds, counts, strict=False):
        running += count
        yield f'{name}_bucket{{le="{bound:g}"}} {running:.0f}'
    running += counts[len(bounds)]
    yield f'{name}_bucket{{le="+Inf"}} {running:.0f}'
    yield f"{name}_sum {total:.9g}"
    yield f"{name}_count {running:.0f}"
