"""Liveness and readiness probes: what one asks, and what a row of results means.

https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#container-probes
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    command: tuple[str, ...] = ()
    """Runs in the container; else an HTTP GET."""
    path: str = "/"
    port: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    initial_delay_seconds: float
    period_seconds: float
    timeout_seconds: float
    failure_threshold: int
    success_threshold: int

    @property
    def what(self) -> str:
        return " ".join(self.command) if self.command else f"GET :{self.port}{self.path}"


@dataclass(slots=True)
class Track:
    """The state of one probe of one run of a container."""

    probe: Probe
    healthy: bool | None = None
    """None until the first threshold is reached."""
    _row: list[bool] = field(default_factory=list)

    def feed(self, passed: bool) -> Literal["up", "down"] | None:
        """One result; says when the state turns. A further full row of failures is "down" again."""
        if self._row and self._row[-1] is not passed:
            self._row.clear()
        self._row.append(passed)
        threshold = self.probe.success_threshold if passed else self.probe.failure_threshold
        if len(self._row) < threshold:
            return None
        if passed:
            turned = self.healthy is not True
            self.healthy = True
            return "up" if turned else None
        self._row.clear()
        self.healthy = False
        return "down"


def passes(status: int) -> bool:
    return 200 <= status < 400
