"""From what shall run and what does run to what to do now, and when to look again. Pure.

https://github.com/Azure/iotedge/blob/main/edge-agent/src/Microsoft.Azure.Devices.Edge.Agent.Core/planners/RestartPlanner.cs
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from standin.edgeruntime.agent.restarts import MAX_RESTARTS, Record, backoff, wants_restart


@dataclass(frozen=True, slots=True, kw_only=True)
class Desired:
    name: str
    fingerprint: str
    """Of everything that needs a new container when it changes."""
    running: bool
    restart_policy: str
    order: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    name: str
    id: str
    fingerprint: str
    state: str
    """Docker's: created, running, paused, restarting, exited, dead."""
    exit_code: int = 0
    started: str = ""
    finished: str = ""
    image: str = ""
    """Its digest, as Docker has it."""
    made_of: str = ""
    """The name of the image, as it was when the container was made."""
    address: str = ""


class Action(Enum):
    REMOVE = "remove"
    CREATE = "create"
    START = "start"
    RESTART = "restart"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Step:
    action: Action
    name: str


@dataclass(frozen=True, slots=True)
class Plan:
    steps: tuple[Step, ...]
    due: datetime | None
    """When the next backoff ends."""


def make_plan(
    desired: Mapping[str, Desired], observed: Mapping[str, Observed], records: Mapping[str, Record], now: datetime
) -> Plan:
    steps = [Step(Action.REMOVE, name) for name in sorted(observed.keys() - desired.keys())]
    due: list[datetime] = []
    for module in sorted(desired.values(), key=lambda each: (each.order, each.name)):
        there = observed.get(module.name)
        if there is None or there.fingerprint != module.fingerprint or there.state == "dead":
            steps.append(Step(Action.CREATE, module.name))
        elif not module.running:
            if there.state == "running":
                steps.append(Step(Action.STOP, module.name))
        elif there.state != "running":
            record = records.get(module.name, Record())
            when = _start_at(module, there, record, now)
            if when is not None and when <= now:
                first = there.state == "created" or record.resting
                steps.append(Step(Action.START if first else Action.RESTART, module.name))
            elif when is not None:
                due.append(when)
    return Plan(tuple(steps), min(due, default=None))


def _start_at(desired: Desired, there: Observed, record: Record, now: datetime) -> datetime | None:
    if there.state == "created" or record.resting:
        return now
    if not wants_restart(desired.restart_policy, there.exit_code) or record.restarts >= MAX_RESTARTS:
        return None
    return (record.ended or now) + backoff(record.restarts)
