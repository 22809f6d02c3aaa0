"""Direct methods over REST.

https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-direct-methods
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from standin.core.http import Request, Response, json_response
from standin.iothub.devices.invocation import Invocation
from standin.iothub.hub import Hub
from standin.iothub.kernel.errors import BadRequest, TooLarge
from standin.iothub.rest.parameters import target

_RESPONSE_TIMEOUT_S, _CONNECT_TIMEOUT_S = 30, 0
_SHORTEST_S, _LONGEST_S = 5, 300
_PAYLOAD_BYTES = 128 * 1024


async def invoke_method(hub: Hub, request: Request, parameters: Mapping[str, str]) -> Response:
    device, module = target(hub, parameters)
    body = request.json_object()
    name = body.get("methodName")
    if not isinstance(name, str) or not name:
        raise BadRequest(f"methodName is {name!r}, allowed is a name")
    response = _seconds(body, "responseTimeoutInSeconds", _RESPONSE_TIMEOUT_S, least=_SHORTEST_S)
    connect = _seconds(body, "connectTimeoutInSeconds", _CONNECT_TIMEOUT_S, least=0)
    if connect > response:
        raise BadRequest(
            f"connectTimeoutInSeconds is {connect}, allowed is responseTimeoutInSeconds ({response}) at most"
        )
    size = len(json.dumps(body.get("payload"), ensure_ascii=False, separators=(",", ":")).encode())
    if size > _PAYLOAD_BYTES:
        raise TooLarge(f"The payload has {size} bytes, allowed are {_PAYLOAD_BYTES}.")
    invocation = Invocation(name, body.get("payload"), response, connect)
    status, payload = await hub.methods.invoke(device, module, invocation)
    return json_response({"status": status, "payload": payload})


def _seconds(body: Mapping[str, Any], name: str, default: int, *, least: int) -> int:
    value = body.get(name)
    if value is None:
        return default
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= _LONGEST_S:
        raise BadRequest(f"{name} is {value!r}, allowed are seconds from {least} to {_LONGEST_S}")
    return value
