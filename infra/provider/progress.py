"""Progress that comes by the line, told at a pace that a reader can follow: off a terminal each status is a line."""

from __future__ import annotations

import time

from pluginbase.resource import OperationContext

_INTERVAL_SECONDS = 2.0


class Progress:
    def __init__(self, ctx: OperationContext) -> None:
        self._ctx = ctx
        self._told = float("-inf")

    def tell(self, text: str) -> None:
        now = time.monotonic()
        if now - self._told >= _INTERVAL_SECONDS:
            self._told = now
            self._ctx.status(text)
