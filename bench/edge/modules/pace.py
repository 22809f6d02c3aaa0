"""When messages are due."""

from __future__ import annotations

import time
from collections.abc import Iterator


def due_times(count: int, rate: float) -> Iterator[float]:
    """On the clock of `time.monotonic`, `rate` a second from now; 0: all at once."""
    begin = time.monotonic()
    for number in range(count):
        yield begin + number / rate if rate else begin
