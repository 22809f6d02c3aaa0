"""What the wait tells meanwhile: each change of a device in a line, and where nothing changes for a minute, what the
modules that are waited for said last."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from cli.rollout.mailbox import Clock
from cli.rollout.module_log import logs_of, shown, telling
from cli.rollout.standing import Standing, State
from cli.rollout.wanted import Hub, Layer

_QUIET_SECONDS = 60.0


class Progress:
    def __init__(self, hub: Hub, clock: Clock, tell: Callable[[str], None]) -> None:
        """`hub` is asked for logs; one that is not patient, as a device that gives none must not hold up the others."""
        self._hub = hub
        self._clock = clock
        self._tell = tell
        self._began = clock.monotonic()
        self._told: dict[str, float] = {}

    def changed(self, device: str, says: str) -> None:
        self._told[device] = self._clock.monotonic()
        self._tell(f"{self._told[device] - self._began:4.0f} s  {device}  {says}")

    def remind(
        self, standings: Mapping[str, Standing], wanted: Mapping[str, Sequence[Layer]], left_seconds: float
    ) -> None:
        """Of one device a round, the one that was told of longest ago: to ask for logs takes time."""
        latest = self._clock.monotonic() - _QUIET_SECONDS
        quiet = [name for name, one in standings.items() if one.state is State.WAITING and self._told[name] <= latest]
        if not quiet or left_seconds <= 0:
            return
        device = min(quiet, key=self._told.__getitem__)
        self.changed(device, f"{standings[device].says}; {left_seconds:.0f} s left")
        for log in telling(logs_of(self._hub, device, standings[device], wanted[device])):
            self._tell(f"        {log.module} | {shown(log.last_words or '')}")
