"""Identities over REST.

https://learn.microsoft.com/rest/api/iothub/service/devices
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from standin.core.http import Request, Response, empty, json_response
from standin.iothub.hub import Hub
from standin.iothub.registry.identity import Identity
from standin.iothub.registry.requests import identity_request
from standin.iothub.rest.parameters import top_of

_LIST_LIMIT = 1000


def _view(hub: Hub, identity: Identity) -> dict[str, Any]:
    """Keys included."""
    presence = hub.presences.of(identity.device, identity.module)
    keys = {"primaryKey": identity.primary_key, "secondaryKey": identity.secondary_key}
    thumbprint = {"primaryThumbprint": None, "secondaryThumbprint": None}
    body: dict[str, Any] = {
        "deviceId": identity.device,
        "generationId": identity.generation_id,
        "etag": identity.etag,
        "cloudToDeviceMessageCount": 0,
        "authentication": {"symmetricKey": keys, "x509Thumbprint": thumbprint, "type": identity.authentication},
        "connectionState": "Connected" if presence.connected else "Disconnected",
        "connectionStateUpdatedTime": presence.changed,
        "lastActivityTime": presence.last_activity,
    }
    if identity.module is not None:
        return body | {"moduleId": identity.module, "managedBy": identity.managed_by}
    return body | _device_part(identity)


def _device_part(identity: Identity) -> dict[str, Any]:
    return {
        "status": identity.status,
        "statusReason": identity.status_reason,
        "statusUpdatedTime": identity.status_updated,
        "capabilities": {"iotEdge": identity.edge},
        "deviceScope": identity.device_scope,
        "parentScopes": list(identity.parent_scopes),
    }


def _answer(hub: Hub, identity: Identity) -> Response:
    return json_response(_view(hub, identity), headers={"etag": f'"{identity.etag}"'})


async def list_devices(hub: Hub, request: Request, _: Mapping[str, str]) -> Response:
    top = top_of(request, _LIST_LIMIT)
    return json_response([_view(hub, identity) for identity in hub.registry.devices()[:top]])


async def get_device(hub: Hub, request: Request, parameters: Mapping[str, str]) -> Response:
    return _answer(hub, hub.registry.get(parameters["device"]))


async def put_device(hub: Hub, request: Request, parameters: Mapping[str, str]) -> Response:
    device = parameters["device"]
    requested = identity_request(request.json_object(), device=device, module=None)
    identity = hub.registry.put_device(device, requested, request.headers.get("if-match"))
    return _answer(hub, identity)


async def delete_device(hub: Hub, request: Request, parameters: Mapping[str, str]) -> Response:
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
    requested = identity_request(request.json_object(), device=device, module=module)
    identity = hub.registry.put_module(device, module, requested, request.headers.get("if-match"))
    return _answer(hub, identity)


async def delete_module(hub: Hub, request: Request, parameters: Mapping[str, str]) -> Response:
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
    connected = sum(hub.presences.of(identity.device, None).connected for identity in hub.registry.devices())
    return json_response({"connectedDeviceCount": connected})
