"""A queue in order of (priority, arrival). Contents beyond a bound stay on disk.

What was taken and comes back keeps its old number, so order holds and nothing is lost.
"""

from __future__ import annotations

import heapq
import time
from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Generic, NamedTuple, Protocol, TypeVar

from standin.edgeruntime.hub.domain.metrics import Metrics
from standin.edgeruntime.hub.domain.store import Store

MEMORY_BYTES = 8 * 1024 * 1024


class Content(Protocol):
    """What is queued, of one type in each kind of queue."""

    @property
    def body(self) -> bytes: ...


C = TypeVar("C", bound=Content)


class Item(NamedTuple, Generic[C]):
    priority: int
    seq: int
    """Its number in the store: no two items are equal up to here, so contents are never compared."""
    expires: float
    """Seconds since 1970."""
    content: C | None
    """None while it is on disk only."""
    again: bool
    """It may have been delivered before."""


class Queue(ABC, Generic[C]):
    def __init__(self, name: str, store: Store, metrics: Metrics) -> None:
        self.name = name
        self._store = store
        self._metrics = metrics
        self._heap: list[Item[C]] = []
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._heap)

    @abstractmethod
    def _read(self, head: str, body: bytes) -> C:
        """A content, from what the store holds of it."""

    def stored(self, content: C, head: str, *, priority: int, expires: float) -> Item[C]:
        """An item that has `arrived` once the store has written it; `head` is what `_read` takes."""
        seq = self._store.add(self.name, priority, expires, head, content.body)
        return Item(priority, seq, expires, content, False)

    def restore(self, priority: int, seq: int, expires: float) -> None:
        """An item that an earlier process stored."""
        self.push(Item(priority, seq, expires, None, True))

    def push(self, item: Item[C]) -> None:
        if item.content is not None:
            size = len(item.content.body)
            if self._bytes + size > MEMORY_BYTES:
                item = item._replace(content=None)
            else:
                self._bytes += size
        heapq.heappush(self._heap, item)

    def arrived(self, item: Item[C]) -> None:
        """It is stored: it may be taken."""
        self.push(item)

    def give_back(self, items: Iterable[Item[C]]) -> None:
        for item in items:
            self.push(item._replace(again=True))

    def pop(self) -> tuple[Item[C], C] | None:
        """The next one that is still of use, and its content; expired ones are dropped on the way."""
        now = time.time()
        while self._heap:
            item = heapq.heappop(self._heap)
            content = item.content
            if content is not None:
                self._bytes -= len(content.body)
            if item.expires < now:
                self._expire(item)
                continue
            if content is None:
                content = self._read(*self._store.message(item.seq))
                item = item._replace(content=content)
            return item, content
        return None

    def sweep(self) -> None:
        """Drops what expired, wherever it stands: an absent consumer would keep it for ever."""
        now = time.time()
        if any(item.expires < now for item in self._heap):
            kept = [item for item in self._heap if item.expires >= now]
            for item in self._heap:
                if item.expires < now:
                    self._expire(item)
            heapq.heapify(kept)
            self._heap = kept
            self._bytes = sum(len(item.content.body) for item in kept if item.content is not None)

    def _expire(self, item: Item[C]) -> None:
        self._metrics.dropped["ttl_expiry"] += 1
        self._store.settle(item.seq)
