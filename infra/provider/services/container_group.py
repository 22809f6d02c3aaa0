"""What ARM tells of a container in a group: how it is, and what it printed last.

https://learn.microsoft.com/rest/api/container-instances/containers/list-logs
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cloud.arm import ARM_LIMITS, Arm
from cloud.errors import ServiceError, is_missing
from cloud.operation import Operation
from cloud.retrying import RetryLimits

API_VERSION = "2025-09-01"
_LAST_LINES = 20


@dataclass(frozen=True, slots=True)
class Standing:
    restarts: int
    told: str
    is_gone: bool = False


def standing(operation: Operation, group_id: str, container: str, limits: RetryLimits = ARM_LIMITS) -> Standing:
    """Where ARM does not tell, that is what is told: who waits for the container goes on."""
    try:
        properties = (Arm(operation, limits).get(group_id, API_VERSION).body or {}).get("properties") or {}
    except ServiceError as error:
        return Standing(0, f"the state of container {container} cannot be read ({error})", is_missing(error))
    view = next((_view(one) for one in properties.get("containers") or () if one.get("name") == container), {})
    restarts = int(view.get("restartCount") or 0)
    told = f"container {container} is {_state(view.get('currentState') or {}) or 'of no known state'}"
    told += f", was restarted {restarts} time{'' if restarts == 1 else 's'}"
    if previous := view.get("previousState"):
        told += f", ended last as {_state(previous)}"
    return Standing(restarts, told)


def last_lines(operation: Operation, group_id: str, container: str) -> list[str]:
    try:
        answer = Arm(operation).get(f"{group_id}/containers/{container}/logs", API_VERSION, tail=str(_LAST_LINES))
    except ServiceError as error:
        return [f"(they cannot be read: {error})"]
    return str((answer.body or {}).get("content") or "").splitlines()[-_LAST_LINES:] or ["(none)"]


def _view(container: Mapping[str, Any]) -> Mapping[str, Any]:
    return (container.get("properties") or {}).get("instanceView") or {}


def _state(state: Mapping[str, Any]) -> str:
    more = [str(state["detailStatus"])] if state.get("detailStatus") else []
    more += [f"exit code {state['exitCode']}"] if state.get("exitCode") is not None else []
    return f"{state.get('state', '')}{' (' + ', '.join(more) + ')' if more else ''}"
