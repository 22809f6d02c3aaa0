"""What is known of a container that runs, or ran: Docker's description, what befell it, whether its probes pass."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_MAX_EVENTS = 50


@dataclass(slots=True)
class Event:
    """Times are RFC 3339 texts on the stand-in's clock."""

    name: str
    """Kubernetes' words: Pulled, Started, Killing, Unhealthy, Failed."""
    message: str
    warning: bool
    first: str
    last: str
    count: int = 1


@dataclass(frozen=True, slots=True)
class Ended:
    """How the process before the present one ended."""

    exit_code: int
    started: str | None
    """Docker's own time; None where nobody had looked."""
    finished: str


@dataclass(slots=True)
class Live:
    inspected: Mapping[str, Any] | None = None
    """None: Docker has no such container."""
    vanished: bool = False
    """It was there, and somebody else took it away."""
    previous: Ended | None = None
    ready: bool | None = None
    """What the readiness probe says; None before its first verdict, or without one."""
    events: list[Event] = field(default_factory=list)

    @property
    def running(self) -> bool:
        return self.inspected is not None and bool(self.inspected["State"]["Running"])

    @property
    def started(self) -> str | None:
        """When the present process started, as Docker tells it."""
        return str(self.inspected["State"]["StartedAt"]) if self.inspected else None

    @property
    def restarts(self) -> int:
        """Those that Docker did since somebody else last started the container."""
        return int((self.inspected or {}).get("RestartCount", 0))

    def note(self, name: str, message: str, now: str, *, warning: bool = False) -> None:
        """The same event again counts up."""
        for event in self.events:
            if (event.name, event.message) == (name, message):
                event.count += 1
                event.last = now
                return
        self.events.append(Event(name, message, warning, now, now))
        del self.events[:-_MAX_EVENTS]
