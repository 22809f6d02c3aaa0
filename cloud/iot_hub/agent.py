"""Direct methods of a device's `$edgeAgent`: what is asked, and what its answers say. Pure.

https://learn.microsoft.com/azure/iot-edge/how-to-edgeagent-direct-method
https://learn.microsoft.com/azure/iot-edge/how-to-retrieve-iot-edge-logs
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from cloud.errors import ServiceError


class AgentRefused(ServiceError):
    """What a device's agent answered, not the hub."""


def answered(what: str, status: int, payload: Any) -> Any:
    """The payload; AgentRefused where the status is not 200."""
    if status != 200:
        message = payload.get("message") if isinstance(payload, Mapping) else payload
        raise AgentRefused(what, status, "", str(message or ""))
    return payload


def logs_request(module: str, tail: int, since: str | None) -> dict[str, Any]:
    """The agent takes an id as an expression that matches anywhere and in any case: hence its ends."""
    wanted = {"tail": tail, **({"since": since} if since else {})}
    return {
        "schemaVersion": "1.1",
        "items": [{"id": f"^{re.escape(module)}$", "filter": wanted}],
        "encoding": "none",
        "contentType": "text",
    }


def log_of(answer: Any, what: str, module: str) -> str:
    texts = [str(one.get("payload") or "") for one in answer or () if isinstance(one, Mapping)]
    if not texts:
        raise AgentRefused(what, 404, "", f"the agent knows no module {module!r}")
    return texts[0]


def restart_request(module: str) -> dict[str, str]:
    """The agent does not tell an unknown module from any other failure: 500."""
    return {"schemaVersion": "1.0", "id": module}
