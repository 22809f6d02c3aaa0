"""All queues of a device's hub: one to the cloud and one for each module that a message ever went to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from standin.edgeruntime.hub.domain.metrics import Metrics
from standin.edgeruntime.hub.domain.queues.inbox import Inbox
from standin.edgeruntime.hub.domain.queues.queue import Queue
from standin.edgeruntime.hub.domain.queues.upstream import UpstreamQueue
from standin.edgeruntime.hub.domain.store import Store


class Queues:
    """Filled with what an earlier process stored."""

    def __init__(self, upstream: UpstreamQueue, store: Store, metrics: Metrics) -> None:
        self.upstream = upstream
        self._store = store
        self._metrics = metrics
        self._inboxes: dict[str, Inbox] = {}
        for seq, endpoint, priority, expires in store.queued():
            queue: Queue[Any] = upstream if endpoint == upstream.name else self.inbox(endpoint)
            queue.restore(priority, seq, expires)

    def inbox(self, module: str) -> Inbox:
        known = self._inboxes.get(module)
        if known is None:
            known = self._inboxes[module] = Inbox(module, self._store, self._metrics)
        return known

    def lengths(self) -> dict[str, int]:
        return {queue.name: len(queue) for queue in self._all()}

    def sweep(self) -> None:
        for queue in self._all():
            queue.sweep()

    def _all(self) -> Iterator[Queue[Any]]:
        yield self.upstream
        yield from self._inboxes.values()
