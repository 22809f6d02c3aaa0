"""When a module that ended is started again: `min(10 * 2^n, 300)` seconds after its end, at most 20 times.

https://github.com/Azure/iotedge/blob/main/edge-agent/src/Microsoft.Azure.Devices.Edge.Agent.Core/RestartPolicyManager.cs
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

MAX_RESTARTS = 20
UNIT_SECONDS = 10
LONGEST_SECONDS = 300
HEALTHY_AFTER = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What the agent remembers of a module over its containers."""

    restarts: int = 0
    last_restart: datetime | None = None
    ended: datetime | None = None
    """On the stand-in's clock, when the agent saw it."""
    ending: str = ""
    """Docker's own name for that end (when the container finished), to tell a new one."""
    resting: bool = False
    """Stopped by the agent itself, or by a loss of power: it starts again without waiting."""


def backoff(count: int) -> timedelta:
    return timedelta(seconds=min(UNIT_SECONDS * 2**count, LONGEST_SECONDS))


def wants_restart(policy: str, exit_code: int) -> bool:
    return policy == "always" or (policy in ("on-failure", "on-unhealthy") and exit_code != 0)


def runtime_status(state: str, exit_code: int, policy: str, record: Record, *, desired: str) -> str:
    """What the twin says of a container."""
    if state in ("running", "dead"):
        return state
    ended = "stopped" if exit_code == 0 or state != "exited" else "failed"
    if desired != "running" or record.resting or not wants_restart(policy, exit_code):
        return "stopped" if desired != "running" else ended
    return "failed" if record.restarts >= MAX_RESTARTS else "backoff"
