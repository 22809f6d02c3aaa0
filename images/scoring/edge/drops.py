"""What a scorer drops, told on its twin: `edgeway device status` reads it there (cli/rollout/drops.py).

"dropped": {"count": 3, "reasons": {"BadRequest": 3}, "dropping": true,
            "last": {"reason": "Expected `float`, got `str` - at `$.speed`", "at": "2026-11-28T12:00:00.123Z"}}
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Protocol

from images.edge_hub.messages import ClientFailed

log = logging.getLogger("scoring.module")

PROPERTY = "dropped"
GOOD_AGAIN = 10
"""After so many scored in a row, it is no longer dropping."""
REPORT_SECONDS = 10.0
"""Between two reports at the least: each is a message that the hub counts."""
LONGEST_REASON = 400
"""Characters; a text in a twin may have 4 KB."""


class Drops:
    """Counted since the process began; `changed` is set where the twin does not say it yet."""

    def __init__(self, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.changed = asyncio.Event()
        self._now = now
        self._reasons = Counter[str]()
        self._last: Mapping[str, str] | None = None
        self._good_in_a_row = GOOD_AGAIN
        # at once: what the process before it dropped no longer counts
        self.changed.set()

    def dropped(self, code: str, reason: str) -> None:
        """`code` is the kind of reason: a word without dots, a key in the twin."""
        self._reasons[code] += 1
        at = self._now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
        self._last = {"reason": reason[:LONGEST_REASON], "at": at}
        self._good_in_a_row = 0
        self.changed.set()

    def scored(self) -> None:
        if self._good_in_a_row < GOOD_AGAIN:
            self._good_in_a_row += 1
            if self._good_in_a_row == GOOD_AGAIN:
                self.changed.set()

    def reported(self) -> dict[str, Any]:
        """A patch: null takes away what a process before it left."""
        return {
            PROPERTY: {
                "count": self._reasons.total(),
                "reasons": dict(self._reasons) or None,
                "dropping": self._good_in_a_row < GOOD_AGAIN,
                "last": self._last,
            }
        }


class Twin(Protocol):
    async def report(self, properties: Mapping[str, Any]) -> None: ...


async def keep_told(drops: Drops, twin: Twin, *, seconds: float = REPORT_SECONDS) -> None:
    """On change, and at most once in `seconds`; until cancelled."""
    while True:
        await drops.changed.wait()
        drops.changed.clear()
        try:
            await twin.report(drops.reported())
        except ClientFailed as error:
            log.warning("drops not reported, trying again: %s", error)
            drops.changed.set()
        await asyncio.sleep(seconds)
