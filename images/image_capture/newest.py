"""A place for one thing between two threads: who is slower misses what came in between, and nothing piles up."""

from __future__ import annotations

import threading
from time import monotonic
from typing import Generic, TypeVar

T = TypeVar("T")


class Newest(Generic[T]):
    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._there: T | None = None
        self.missed = 0
        """How many were replaced before anybody took them."""

    def put(self, value: T) -> None:
        with self._changed:
            self.missed += self._there is not None
            self._there = value
            self._changed.notify()

    def take(self, seconds: float) -> T | None:
        """Waits so long for one; None where none came."""
        until = monotonic() + seconds
        with self._changed:
            while self._there is None:
                if (left := until - monotonic()) <= 0:
                    return None
                self._changed.wait(left)
            value, self._there = self._there, None
            return value
