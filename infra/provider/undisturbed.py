"""Putting back what stood before: a Ctrl-C may have led there, and must not end it half-way."""

from __future__ import annotations

import time

from cloud.retrying import RetryLimits
from pluginbase.resource import OperationContext

PUT_BACK_LIMITS = RetryLimits(transient_seconds=30.0, unauthorised_seconds=30.0)
AT_ONCE = RetryLimits(transient_seconds=0.0, unauthorised_seconds=0.0)
"""For a look that may be passed over."""


class Undisturbed:
    """An Operation (`cloud.operation`) that nothing ends before its time."""

    def __init__(self, ctx: OperationContext) -> None:
        self._ctx = ctx

    def status(self, message: str) -> None:
        self._ctx.status(message)

    def wait(self, seconds: float) -> None:
        time.sleep(seconds)
