"""What every operation has in common: a hub at the host, a version, a caller who may, and a path that is built.

https://learn.microsoft.com/rest/api/iothub/
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from standin.core.auth import Roles
from standin.core.http import Handler, Request, Response, Route
from standin.core.obeys import EVERYTHING, Part, unobeyed
from standin.iothub.hub import Hub
from standin.iothub.kernel.errors import BadRequest, NotFound
from standin.iothub.rest.permissions import authorize, is_device
from standin.iothub.rest.routes import HUB_ROUTES, HubRoute

VERSIONS = (
    "2016-02-03", "2016-11-14", "2017-06-30", "2017-08-21-preview", "2017-11-08-preview", "2018-03-30-preview",
    "2018-04-01", "2018-06-30", "2018-08-30-preview", "2019-03-30", "2019-07-01-preview", "2019-10-01", "2020-03-01",
    "2020-03-13", "2020-05-31-preview", "2020-06-30-preview", "2020-09-30", "2021-04-12",
)  # fmt: skip
"""Those that Microsoft's service and device SDKs were released with."""
_CODES: Mapping[Part, str] = dict.fromkeys(("query", "header", "field"), "ArgumentInvalid")

HubAt = Callable[[str], Hub | None]
"""Host name -> its hub."""


def routes(hub_at: HubAt, roles: Roles) -> tuple[Route, ...]:
    return (
        *(Route(route.method, route.pattern, _guarded(route, hub_at, roles), obeys=EVERYTHING) for route in HUB_ROUTES),
        Route("*", "/{path:path}", _unbuilt, obeys=EVERYTHING),
    )


def _guarded(route: HubRoute, hub_at: HubAt, roles: Roles) -> Handler:
    async def handle(request: Request, parameters: Mapping[str, str]) -> Response:
        hub = hub_at(request.host)
        if hub is None:
            raise NotFound(f"There is no IoT hub at {request.host}.", code="IotHubNotFound")
        hub.flicker.check()
        _check_version(request)
        own = route.own and is_device(hub, request, parameters["device"])
        if route.permission is not None and not own:
            authorize(roles, hub, request, route.permission)
        with_version = replace(route.obeys, query=route.obeys.query | {"api-version"})
        if (asked := unobeyed(with_version, request)) is not None:
            raise asked.refusal(_CODES)
        return await route.handler(hub, request, parameters)

    return handle


def _check_version(request: Request) -> None:
    version = request.query.get("api-version", "")
    if version not in VERSIONS:
        message = f"api-version is {version!r}, allowed are {', '.join(VERSIONS)}"
        raise BadRequest(message, code="InvalidProtocolVersion")


async def _unbuilt(request: Request, _: Mapping[str, str]) -> Response:
    """What the real service has and this one does not (jobs, bulk, cloud-to-device, digital twins)."""
    uri = f"https://{request.host}{request.path}"
    message = f"No HTTP resource was found that matches the request URI '{uri}' with {request.method}."
    raise NotFound(message, code="NotFound")
