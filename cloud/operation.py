"""Whoever waits for a service: how a call goes is told there, and the waiting can be given up there.

The provider's `OperationContext` (`pluginbase.resource`) is one; a command that just waits uses `Waiting()`:

    Arm(Waiting()).get(f"/subscriptions/{subscription}", "2022-12-01")
"""

from __future__ import annotations

import time
from typing import Protocol


class Operation(Protocol):
    def status(self, message: str) -> None:
        """Progress for the user; may come several times a second."""

    def wait(self, seconds: float) -> None:
        """Sleeps. Raises whatever ends the operation where it is given up meanwhile."""


class Waiting:
    """Says nothing and waits; Ctrl-C ends it, as it ends any Python program."""

    def status(self, message: str) -> None:
        return None

    def wait(self, seconds: float) -> None:
        time.sleep(seconds)
