"""What two operations of this process must not do side by side, where the second can take what the first has made."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from pluginbase.resource import OperationContext

_LOOK_SECONDS = 0.2


class OneAtATime:
    """`with builds.of(ctx, digest): ...`: the others of this key wait meanwhile; a Ctrl-C ends the wait."""

    def __init__(self) -> None:
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

    @contextmanager
    def of(self, ctx: OperationContext, key: str) -> Iterator[None]:
        lock = self._locks[key]
        while not lock.acquire(blocking=False):
            ctx.wait(_LOOK_SECONDS)
        try:
            yield
        finally:
            lock.release()
