"""Twins and direct methods over REST.

https://learn.microsoft.com/rest/api/iothub/service/devices
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from standin.core.http import Request, Response, json_response
from standin.iothub.errors import BadRequest
from standin.iothub.hub import Hub
from standin.iothub.subscriptions import Invocation

_RESPONSE_TIMEOUT_S, _CONNECT_TIMEOUT_S = 30, 0
_LONGEST_S = 300


def _answer(hub: Hub, device: str, module: str | None) -> Response:
    body = hub.document(device, module)
    return json_response(body, headers={"etag": f'"{body["etag"]}"'})


async def get_twin(hub: Hub, request: Request, parameters: Mapping[str, str]) -> Response:
    return _answer(hub, *_target(hub, parameters))


async def patch_twin(hub: Hub, request: Request, parameters: Mapping[str, str]) -> Response:
    device, module = _target(hub, parameters)
    with hub.transaction():
        hub.twins.patch(device, module, request.json_object(), request.headers.get("if-match"))
    return _answer(hub, device, module)


async def put_twin(hub: Hub, request: Request, parameters: Mapping[str, str]) -> Response:
    device, module = _target(hub, parameters)
    with hub.transaction():
        hub.twins.replace(device, module, request.json_object(), request.headers.get("if-match"))
    return _answer(hub, device, module)


async def invoke_method(hub: Hub, request: Request, parameters: Mapping[str, str]) -> Response:
    device, module = _target(hub, parameters)
    body = request.json_object()
    name = body.get("methodName")
    if not isinstance(name, str) or not name:
        raise BadRequest(f"methodName is {name!r}, allowed is a name")
    response = _seconds(body, "responseTimeoutInSeconds", _RESPONSE_TIMEOUT_S)
    connect = _seconds(body, "connectTimeoutInSeconds", _CONNECT_TIMEOUT_S)
    invocation = Invocation(name, body.get("payload"), max(response, 5))
    status, payload = await hub.invoke(device, module, invocation, connect_timeout_s=connect)
    return json_response({"status": status, "payload": payload})


def _target(hub: Hub, parameters: Mapping[str, str]) -> tuple[str, str | None]:
    """Raises the device's 404 before the module's."""
    device, module = parameters["device"], parameters.get("module")
    hub.registry.get(device)
    return device, module


def _seconds(body: Mapping[str, Any], name: str, default: int) -> int:
    value = body.get(name)
    if value is None:
        return default
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _LONGEST_S:
        raise BadRequest(f"{name} is {value!r}, allowed are seconds from 0 to {_LONGEST_S}")
    return value
