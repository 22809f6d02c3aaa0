"""The running side of a group, as Azure's `instanceView` tells it: states, restarts, events.

https://learn.microsoft.com/rest/api/container-instances/container-groups/get#containerstate
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

_NEVER = "0001-01-01"
_MAX_EVENTS = 50
VANISHED = "ContainerVanished"


@dataclass(slots=True)
class Event:
    name: str
    message: str
    type: str
    first: str
    last: str
    count: int = 1

    def view(self) -> dict[str, Any]:
        return {
            "count": self.count,
            "firstTimestamp": self.first,
            "lastTimestamp": self.last,
            "name": self.name,
            "message": self.message,
            "type": self.type,
        }


@dataclass(slots=True)
class Live:
    """What is known of one container now. `inspected` is Docker's description, None when Docker has none."""

    inspected: Mapping[str, Any] | None = None
    vanished: bool = False
    """It was there, and somebody else took it away."""
    previous: dict[str, Any] | None = None
    ready: bool | None = None
    events: list[Event] = field(default_factory=list)

    def note(self, name: str, message: str, now: str, *, warning: bool = False) -> None:
        """The same event again counts up, as in Azure."""
        for event in self.events:
            if (event.name, event.message) == (name, message):
                event.count += 1
                event.last = now
                return
        self.events.append(Event(name, message, "Warning" if warning else "Normal", now, now))
        del self.events[:-_MAX_EVENTS]

    @property
    def state(self) -> dict[str, Any]:
        if self.vanished:
            return {"state": "Terminated", "detailStatus": VANISHED}
        return current_state(self.inspected)

    def view(self, restarts: int) -> dict[str, Any]:
        view: dict[str, Any] = {
            "restartCount": restarts + int((self.inspected or {}).get("RestartCount", 0)),
            "currentState": self.state,
            "events": [event.view() for event in self.events],
        }
        return view | ({"previousState": self.previous} if self.previous else {})


def current_state(inspected: Mapping[str, Any] | None) -> dict[str, Any]:
    """Docker's State as Azure's ContainerState."""
    if inspected is None:
        return {"state": "Waiting", "detailStatus": "Creating"}
    state = inspected["State"]
    status = state["Status"]
    if status in ("running", "paused"):
        return {"state": "Running", "startTime": state["StartedAt"], "detailStatus": ""}
    if status == "created":
        return {"state": "Waiting", "detailStatus": str(state.get("Error") or "Created")}
    if status == "restarting":
        return {"state": "Waiting", "detailStatus": "CrashLoopBackOff"}
    return terminated_state(state)


def terminated_state(state: Mapping[str, Any]) -> dict[str, Any]:
    code = int(state.get("ExitCode", 0))
    detail = "OOMKilled" if state.get("OOMKilled") else ("Completed" if code == 0 else "Error")
    view: dict[str, Any] = {"state": "Terminated", "exitCode": code, "detailStatus": detail}
    for name, source in (("startTime", "StartedAt"), ("finishTime", "FinishedAt")):
        if not str(state.get(source, _NEVER)).startswith(_NEVER):
            view[name] = state[source]
    return view


def group_state(states: Iterable[Mapping[str, Any]], *, stopped: bool) -> str:
    """Azure's word for the whole group."""
    states = list(states)
    if stopped:
        return "Stopped"
    if not states:
        return "Pending"
    if any(state.get("detailStatus") == VANISHED for state in states):
        return "Failed"
    if any(state["state"] != "Terminated" for state in states):
        return "Running" if any(state["state"] == "Running" for state in states) else "Pending"
    return "Succeeded" if all(state.get("exitCode") == 0 for state in states) else "Failed"


TERMINATED = ("Stopped", "Succeeded", "Failed")
"""A group in one of these is deployed as new by a PUT: create-only rules do not hold."""
