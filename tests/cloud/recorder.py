"""Whoever waits, keeping what it is told; it never sleeps."""

from __future__ import annotations


class Ended(Exception):
    """The operation was given up while it waited."""


class Recorder:
    def __init__(self, *, ended: bool = False) -> None:
        self.statuses: list[str] = []
        self.waited: list[float] = []
        self._ended = ended

    def status(self, message: str) -> None:
        self.statuses.append(message)

    def wait(self, seconds: float) -> None:
        self.waited.append(seconds)
        if self._ended:
            raise Ended
