"""Waiting for what Azure does in its own time; the step's limit is the end of it."""

from __future__ import annotations

import time
from collections.abc import Callable

from cli.first_contact.finding import Surprise

PAUSE_SECONDS = 3.0


def seconds_until(what: str, holds: Callable[[], bool], within_s: float) -> float:
    """How long it took. A Surprise that says `what` once the time is over."""
    began = time.monotonic()
    while not holds():
        if time.monotonic() - began > within_s:
            raise Surprise(f"not within {within_s:.0f} s: {what}")
        time.sleep(PAUSE_SECONDS)
    return time.monotonic() - began
