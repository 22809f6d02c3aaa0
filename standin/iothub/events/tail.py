"""The newest messages of a partition, in memory."""

from __future__ import annotations

from collections import deque
from itertools import islice

_MESSAGES = 4096
_BYTES = 4 * 1024 * 1024


class Tail:
    """Also knows where the partition begins and ends."""

    def __init__(self, *, first_sequence: int, next_sequence: int, enqueued_ms: int) -> None:
        self.first_sequence = first_sequence
        self.next_sequence = next_sequence
        self.enqueued_ms = enqueued_ms
        self._bodies: deque[bytes] = deque()
        self._size = 0

    def extend(self, bodies: list[bytes], enqueued_ms: int) -> None:
        self._bodies.extend(bodies)
        self._size += sum(map(len, bodies))
        self.next_sequence += len(bodies)
        self.enqueued_ms = enqueued_ms
        while self._bodies and (len(self._bodies) > _MESSAGES or self._size > _BYTES):
            self._size -= len(self._bodies.popleft())

    def read(self, sequence: int, limit: int) -> list[bytes] | None:
        """None where the message `sequence` is no longer in memory."""
        start = sequence - (self.next_sequence - len(self._bodies))
        if start < 0:
            return None
        return list(islice(self._bodies, start, start + limit))

    def forget(self, keep: int) -> None:
        """Everything before the sequence number `keep` is gone."""
        self.first_sequence = keep
        while self._bodies and self.next_sequence - len(self._bodies) < keep:
            self._size -= len(self._bodies.popleft())
