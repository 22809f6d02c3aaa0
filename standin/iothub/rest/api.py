"""What every operation has in common: a hub at the host, a version, a caller who may, and a path that is built.

https://learn.microsoft.com/rest/api/iothub/
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from standin.core.auth import Roles
from standin.core.http import Handler, Request, Response, Route
from standin.iothub.hub import Hub
from standin.iothub.kernel.errors import BadRequest, NotFound
from standin.iothub.rest.permissions import authorize
from standin.iothub.rest.routes import HUB_ROUTES, HubRoute

_VERSION = re.compile(r"\d{4}-\d{2}-\d{2}(-preview)?")

HubAt = Callable[[str], Hub | None]
"""Host name -> its hub."""


def routes(hub_at: HubAt, roles: Roles) -> tuple[Route, ...]:
    return (
        *(Route(route.method, route.pattern, _guarded(route, hub_at, roles)) for route in HUB_ROUTES),
        Route("*", "/{path:path}", _unbuilt),
    )


def _guarded(route: HubRoute, hub_at: HubAt, roles: Roles) -> Handler:
    async def handle(request: Request, parameters: Mapping[str, str]) -> Response:
        hub = hub_at(request.host)
        if hub is None:
            raise NotFound(f"There is no IoT hub at {request.host}.", code="IotHubNotFound")
        hub.flicker.check()
        _check_version(request)
        if route.permission is not None:
            authorize(roles, hub, request, route.permission)
        return await route.handler(hub, request, parameters)

    return handle


def _check_version(request: Request) -> None:
    version = request.query.get("api-version", "")
    if _VERSION.fullmatch(version) is None:
        message = f"api-version is {version!r}, allowed is a date such as 2021-04-12"
        raise BadRequest(message, code="InvalidProtocolVersion")


async def _unbuilt(request: Request, _: Mapping[str, str]) -> Response:
    """What the real service has and this one does not (jobs, bulk, cloud-to-device, digital twins)."""
    uri = f"https://{request.host}{request.path}"
    message = f"No HTTP resource was found that matches the request URI '{uri}' with {request.method}."
    raise NotFound(message, code="NotFound")
