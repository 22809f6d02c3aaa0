"""Waiting for a condition, with a deadline."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable

DEADLINE_S = 60.0
"""For what happens at once on an idle machine: a busy one takes its time, and only what never happens fails."""


async def eventually(condition: Callable[[], object], *, within_s: float = DEADLINE_S, what: str = "") -> None:
    deadline = asyncio.get_running_loop().time() + within_s
    while not condition():
        if asyncio.get_running_loop().time() > deadline:
            raise AssertionError(f"not within {within_s} s: {what or condition.__code__.co_name}")
        await asyncio.sleep(0.005)


def until(what: str, condition: Callable[[], object], *, within_s: float = DEADLINE_S) -> None:
    """As `eventually`, where there is no event loop."""
    deadline, pause = time.monotonic() + within_s, threading.Event()
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within_s} s: {what}")
        pause.wait(0.05)
