"""Identities over REST.

https://learn.microsoft.com/rest/api/iothub/service/devices
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from standin.core.http import Request, Response, empty, json_response
from standin.iothub.errors import BadRequest
from standin.iothub.hub import Hub
from standin.iothub.registry.identity import Identity
from standin.iothub.registry.requests import identity_request
from standin.iothub.registry.state import view

_LIST_LIMIT = 1000


def _view(hub: Hub, identity: Identity) -> dict[str, Any]:
    presence = hub.presence(identity.device, identity.module)
    state = {
        "connectionState": "Connected" if presence.connected else "Disconnected",
        "connectionStateUpdatedTime": presence.changed,
        "lastActivityTime": presence.last_activity,
    }
    return view(identity, state)


def _answer(hub: Hub, identity: Identity) -> Response:
    return json_response(_view(hub, identity), headers={"etag": f'"{identity.etag}"'})


async def list_devices(hub: Hub, request: Request, _: Mapping[str, str]) -> Response:
    top = top_of(request, _LIST_LIMIT)
    return json_response([_view(hub, identity) for identity in hub.registry.devices()[:top]])


async def get_device(hub: Hub, request: Request, parameters: Mapping[str, str]) -> Response:
    return _answer(hub, hub.registry.get(parameters["device"]))


async def put_device(hub: Hub, request: Request, parameters: Mapping[str, str]) -> Response:
    device = parameters["device"]
    wanted = identity_request(request.json_object(), device=device, module=None)
    with hub.transaction():
        identity = hub.registry.put_device(device, wanted, request.headers.get("if-match"))
    return _answer(hub, identity)


async def delete_device(hub: Hub, request: Request, parameters: Mapping[str, str]) -> Response:
    with hub.transaction():
        hub.registry.delete(parameters["device"], None, request.headers.get("if-match"))
    return empty(204)


async def list_modules(hub: Hub, request: Request, parameters: Mapping[str, str]) -> Response:
    device = hub.registry.get(parameters["device"]).device
    return json_response([_view(hub, identity) for identity in hub.registry.modules(device)])


async def get_module(hub: Hub, request: Request, parameters: Mapping[str, str]) -> Response:
    hub.registry.get(parameters["device"])
    return _answer(hub, hub.registry.get(parameters["device"], parameters["module"]))


async def put_module(hub: Hub, request: Request, parameters: Mapping[str, str]) -> Response:
    device, module = parameters["device"], parameters["module"]
    wanted = identity_request(request.json_object(), device=device, module=module)
    with hub.transaction():
        identity = hub.registry.put_module(device, module, wanted, request.headers.get("if-match"))
    return _answer(hub, identity)


async def delete_module(hub: Hub, request: Request, parameters: Mapping[str, str]) -> Response:
    with hub.transaction():
        hub.registry.delete(parameters["device"], parameters["module"], request.headers.get("if-match"))
    return empty(204)


async def device_statistics(hub: Hub, request: Request, _: Mapping[str, str]) -> Response:
    devices = hub.registry.devices()
    enabled = sum(identity.enabled for identity in devices)
    return json_response(
        {
            "totalDeviceCount": len(devices),
            "enabledDeviceCount": enabled,
            "disabledDeviceCount": len(devices) - enabled,
        }
    )


async def service_statistics(hub: Hub, request: Request, _: Mapping[str, str]) -> Response:
    connected = sum(hub.presence(device, None).connected for device in hub.devices)
    return json_response({"connectedDeviceCount": connected})


def top_of(request: Request, limit: int) -> int:
    """`top`, or its older spelling `maxCount`."""
    text = request.query.get("top", request.query.get("maxCount", str(limit)))
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise BadRequest(f"top is {text!r}, allowed are whole numbers from 1 to {limit}")
    return min(int(text), limit)
