"""management.azure.com: every request is let in or not, then goes to a fixed route, a service's own, or a resource."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from standin.core.arm.errors import SubscriptionNotFound
from standin.core.arm.groups import GROUP_TYPE
from standin.core.arm.http.access import check_access
from standin.core.arm.http.polling import HOST, Polling
from standin.core.arm.http.resources import ResourceHandlers, refuse_unobeyed
from standin.core.arm.http.subscription import SubscriptionHandlers
from standin.core.arm.kind_table import KindTable
from standin.core.arm.kinds import Resource
from standin.core.arm.manager import Arm
from standin.core.arm.operations import Operations
from standin.core.arm.versions import check_version
from standin.core.arm.writes import Writes
from standin.core.auth import SUBSCRIPTION_ID, Roles
from standin.core.clock import Clock
from standin.core.http import Request, Response, Route, Service, find_route
from standin.core.obeys import EVERYTHING, obeys
from standin.core.profile import Profile
from standin.core.store import Store

_SLASHES = re.compile("/{2,}")


class ArmService(Service):
    hosts = (HOST,)

    def __init__(
        self,
        arm: Arm,
        kinds: KindTable,
        routes: Sequence[Route],
        *,
        store: Store,
        clock: Clock,
        profile: Profile,
        roles: Roles,
    ) -> None:
        """`routes` are those of services, beside what their kinds bring."""
        self._arm = arm
        self._kinds = kinds
        self._roles = roles
        self._operations = Operations(store, clock, profile)
        self._writes = Writes(arm, kinds, self._operations, store=store, clock=clock, profile=profile)
        polling = Polling(arm, kinds, self._operations)
        self._resources = ResourceHandlers(arm, kinds, self._writes, polling)
        self.fixed = (*routes, *_fixed_routes(SubscriptionHandlers(arm, kinds, roles), polling))
        """What is no resource, list or action of a type; each says what it obeys."""
        self.routes = (Route("*", "/{path:path}", self._answer, obeys=EVERYTHING),)

    async def start(self) -> None:
        await self._writes.resume()

    async def stop(self) -> None:
        await self._operations.close()

    def deleted(self) -> list[Resource]:
        """Soft-deleted resources of every type."""
        kinds = sorted(self._kinds, key=lambda kind: f"{kind.type.lower()}|")  # a child before its parent
        return [resource for kind in kinds for resource in self._arm.deleted(kind)]

    async def purge_all(self) -> None:
        """Removes every resource for good, soft-deleted ones too (`/_standin/reset`)."""
        for group in self._arm.list(GROUP_TYPE):
            await self._writes.delete_now(group)
        for resource in self._arm.list():
            await self._writes.delete_now(resource)
        for resource in self.deleted():
            await self._arm.purge(self._kinds.of(resource), resource)

    async def _answer(self, request: Request, _: Mapping[str, str]) -> Response:
        # a client that leaves a resource's parent out asks for `.../providers/{namespace}//{type}/{name}`
        request = replace(request, path=_SLASHES.sub("/", request.path))
        check_access(self._roles, request)
        check_version(request.query.get("api-version"), request.path)
        _check_subscription(request.path)
        fixed = find_route(self.fixed, request.method, request.path)
        if fixed is None:
            return await self._resources.answer(request)
        route, parameters = fixed
        refuse_unobeyed(route.obeys, request)
        return await route.handler(request, parameters)


def _fixed_routes(subscription: SubscriptionHandlers, polling: Polling) -> tuple[Route, ...]:
    listed = obeys(query="$filter $top $skiptoken")
    expanded = obeys(query="$filter $top $skiptoken $expand")
    return (
        Route("GET", "/subscriptions", subscription.subscriptions),
        Route("GET", "/tenants", subscription.tenants),
        Route("GET", "/subscriptions/{subscription}", subscription.subscription),
        Route("GET", "/subscriptions/{subscription}/resources", subscription.resources, obeys=expanded),
        Route("GET", "/subscriptions/{subscription}/resourceGroups", subscription.groups, obeys=listed),
        Route(
            "GET",
            "/subscriptions/{subscription}/resourceGroups/{group}/resources",
            subscription.resources,
            obeys=expanded,
        ),
        Route("GET", "/subscriptions/{subscription}/providers", subscription.providers),
        Route("GET", "/subscriptions/{subscription}/providers/{namespace}", subscription.provider),
        Route("POST", "/subscriptions/{subscription}/providers/{namespace}/register", subscription.provider),
        Route("GET", "/{start:path}/operationStatuses/{operation}", polling.status),
        Route("GET", "/{start:path}/operationResults/{operation}", polling.result),
    )


def _check_subscription(path: str) -> None:
    segments = path.strip("/").split("/")
    if segments[0].lower() == "subscriptions" and len(segments) > 1 and segments[1].lower() != SUBSCRIPTION_ID:
        raise SubscriptionNotFound(segments[1])
