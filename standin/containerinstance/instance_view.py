"""A group's live state in the words of Azure's `instanceView`: states, restarts, events.

https://learn.microsoft.com/rest/api/container-instances/container-groups/get#containerstate
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from standin.containers.group.live import Ended, Event, Live

_NEVER = "0001-01-01"
VANISHED = "ContainerVanished"


def container_view(live: Live, restarts: int) -> dict[str, Any]:
    """`restarts` are those beside Docker's own."""
    view: dict[str, Any] = {
        "restartCount": restarts + live.restarts,
        "currentState": state_of(live),
        "events": [_event(event) for event in live.events],
    }
    return view | ({"previousState": _previous(live.previous)} if live.previous else {})


def state_of(live: Live) -> dict[str, Any]:
    if live.vanished:
        return {"state": "Terminated", "detailStatus": VANISHED}
    return current_state(live.inspected)


def _event(event: Event) -> dict[str, Any]:
    return {
        "count": event.count,
        "firstTimestamp": event.first,
        "lastTimestamp": event.last,
        "name": event.name,
        "message": event.message,
        "type": "Warning" if event.warning else "Normal",
    }


def _previous(ended: Ended) -> dict[str, Any]:
    return {
        "state": "Terminated",
        "exitCode": ended.exit_code,
        "detailStatus": _detail(ended.exit_code),
        "finishTime": ended.finished,
    } | ({"startTime": ended.started} if ended.started else {})


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
    detail = "OOMKilled" if state.get("OOMKilled") else _detail(code)
    view: dict[str, Any] = {"state": "Terminated", "exitCode": code, "detailStatus": detail}
    for name, source in (("startTime", "StartedAt"), ("finishTime", "FinishedAt")):
        if not str(state.get(source, _NEVER)).startswith(_NEVER):
            view[name] = state[source]
    return view


def _detail(exit_code: int) -> str:
    return "Completed" if exit_code == 0 else "Error"


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
