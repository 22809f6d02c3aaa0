"""Direct methods of `$edgeAgent`: ping, RestartModule, GetModuleLogs.

https://learn.microsoft.com/azure/iot-edge/how-to-edgeagent-direct-method
Names count in any case. What cannot be read is 400; what is well formed and fails is 500.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from standin.containers import engine
from standin.containers.docker_host import DockerHost
from standin.edgeruntime.agent.device_names import HUB_CONTAINER, DeviceNames
from standin.edgeruntime.agent.module_containers import STOP_SECONDS
from standin.edgeruntime.agent.module_logs import BadRequest, answer, parse_request
from standin.edgeruntime.agent.plan import Observed

SCHEMA_MAJOR = "1"
_BUILT = ("ping", "RestartModule", "GetModuleLogs")

Answer = tuple[int, Any]
Observe = Callable[[], Awaitable[Mapping[str, Observed]]]


class _Failed(Exception):
    """A request that the agent answers with 500."""


async def invoke(name: str, payload: Any, names: DeviceNames, *, docker: DockerHost, observe: Observe) -> Answer:
    try:
        if name.lower() == "ping":
            return 200, None
        if name.lower() == "restartmodule":
            return await _restart(_checked(payload), docker, await observe())
        if name.lower() == "getmodulelogs":
            return 200, await _logs(_checked(payload), names, docker, await observe())
    except BadRequest as problem:
        return 400, {"message": str(problem)}
    except _Failed as problem:
        return 500, {"message": str(problem)}
    return 400, {"message": f"Command '{name}' not found. The supported commands are - {', '.join(_BUILT)}"}


def _checked(payload: Any) -> Mapping[str, Any]:
    version = payload.get("schemaVersion") if isinstance(payload, Mapping) else None
    if not isinstance(payload, Mapping) or not isinstance(version, str):
        raise BadRequest("the payload must be an object with a schemaVersion")
    if version.partition(".")[0] != SCHEMA_MAJOR:
        raise _Failed(f"schemaVersion is {version!r}; 1.0 is supported")
    return payload


async def _restart(payload: Mapping[str, Any], docker: DockerHost, observed: Mapping[str, Observed]) -> Answer:
    wanted = str(payload.get("id"))
    module = HUB_CONTAINER if wanted.lower() == HUB_CONTAINER.lower() else wanted
    if module not in observed:
        raise _Failed(f"Module {wanted} not found in the current environment")
    await engine.restart(docker, observed[module].id, timeout_seconds=STOP_SECONDS)
    return 200, None


async def _logs(
    payload: Mapping[str, Any], names: DeviceNames, docker: DockerHost, observed: Mapping[str, Observed]
) -> list[dict[str, Any]]:
    """Docker dates log lines by the machine's clock, not by the stand-in's."""
    request = parse_request(payload, datetime.now(UTC))
    texts = {}
    for module, wanted in request.of(observed).items():
        texts[module] = await engine.log_lines(
            docker, observed[module].id, tail=wanted.tail, since=wanted.since, until=wanted.until
        )
    return answer(request, texts, names.host, names.device)
