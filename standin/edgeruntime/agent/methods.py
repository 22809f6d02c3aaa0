"""Direct methods of `$edgeAgent`: ping, RestartModule, GetModuleLogs.

https://learn.microsoft.com/azure/iot-edge/how-to-edgeagent-direct-method
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from standin.containers import engine
from standin.containers.docker_host import DockerHost
from standin.edgeruntime.agent.device_names import HUB_CONTAINER
from standin.edgeruntime.agent.module_containers import STOP_SECONDS
from standin.edgeruntime.agent.plan import Observed

SCHEMA_VERSIONS = ("1.0", "1.1")

Answer = tuple[int, Any]


class _Refused(ValueError):
    """A payload that the agent answers with 400."""


async def invoke(
    name: str, payload: Any, *, docker: DockerHost, observe: Callable[[], Awaitable[Mapping[str, Observed]]]
) -> Answer:
    try:
        if name.lower() == "ping":
            return 200, None
        if name.lower() == "restartmodule":
            return await _restart(_checked(payload), docker, await observe())
        if name.lower() == "getmodulelogs":
            return await _logs(_checked(payload), docker, await observe())
    except _Refused as problem:
        return 400, {"message": str(problem)}
    return 400, {"message": f"method {name!r} is not built; there are ping, RestartModule and GetModuleLogs"}


def _checked(payload: Any) -> Mapping[str, Any]:
    if not isinstance(payload, Mapping) or payload.get("schemaVersion") not in SCHEMA_VERSIONS:
        raise _Refused(f"the payload must be an object with schemaVersion {' or '.join(SCHEMA_VERSIONS)}")
    return payload


async def _restart(payload: Mapping[str, Any], docker: DockerHost, observed: Mapping[str, Observed]) -> Answer:
    one = _find(payload.get("id"), observed)
    await engine.restart(docker, one.id, timeout_seconds=STOP_SECONDS)
    return 200, None


async def _logs(payload: Mapping[str, Any], docker: DockerHost, observed: Mapping[str, Observed]) -> Answer:
    if payload.get("encoding", "none") != "none" or payload.get("contentType", "text") != "text":
        raise _Refused("only encoding 'none' and contentType 'text' are built")
    items = payload.get("items")
    if isinstance(items, Mapping):
        items = [items]
    if not isinstance(items, list) or not items:
        raise _Refused("items is missing; allowed: a list of {id, filter: {tail}}")
    answer = []
    for item in items:
        one, tail = _find(item.get("id"), observed), (item.get("filter") or {}).get("tail")
        text = await engine.logs(docker, one.id, tail=tail)
        answer.append({"id": one.name, "payloadBytes": None, "payload": text})
    return 200, answer


def _find(name: Any, observed: Mapping[str, Observed]) -> Observed:
    module = HUB_CONTAINER if str(name).lower() == HUB_CONTAINER.lower() else name
    if module not in observed:
        raise _Refused(f"module {name!r} is not here; there are {', '.join(sorted(observed)) or 'none'}")
    return observed[module]
