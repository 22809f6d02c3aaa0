"""Twins over REST.

https://learn.microsoft.com/rest/api/iothub/service/devices
"""

from __future__ import annotations

from collections.abc import Mapping

from standin.core.http import Request, Response, json_response
from standin.iothub.hub import Hub
from standin.iothub.rest.parameters import target


def _answer(hub: Hub, device: str, module: str | None) -> Response:
    body = hub.documents.document(device, module)
    return json_response(body, headers={"etag": f'"{body["etag"]}"'})


async def get_twin(hub: Hub, request: Request, parameters: Mapping[str, str]) -> Response:
    return _answer(hub, *target(hub, parameters))


async def patch_twin(hub: Hub, request: Request, parameters: Mapping[str, str]) -> Response:
    device, module = target(hub, parameters)
    hub.twins.patch(device, module, request.json_object(), request.headers.get("if-match"))
    return _answer(hub, device, module)


async def put_twin(hub: Hub, request: Request, parameters: Mapping[str, str]) -> Response:
    device, module = target(hub, parameters)
    hub.twins.replace(device, module, request.json_object(), request.headers.get("if-match"))
    return _answer(hub, device, module)
