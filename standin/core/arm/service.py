"""management.azure.com: paths to resources, lists, actions and operations."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from standin.core.arm import authorization, groups, ids
from standin.core.arm.access import check_access
from standin.core.arm.errors import (
    InvalidApiVersion,
    InvalidResourceNamespace,
    InvalidResourceType,
    MissingApiVersion,
    RefusedMethod,
    ResourceGroupNotFound,
    SubscriptionNotFound,
)
from standin.core.arm.kinds import Resource, ResourceKind
from standin.core.arm.manager import Arm
from standin.core.arm.operations import Operation, Operations
from standin.core.arm.writes import Writes
from standin.core.auth import SUBSCRIPTION_ID, TENANT_ID
from standin.core.errors import NotFound, PreconditionFailed, ServiceError
from standin.core.http import (
    Handler,
    Request,
    Response,
    Route,
    WebSocketHandler,
    empty,
    find_route,
    json_response,
)

HOST = "management.azure.com"
_VERSION = re.compile(r"\d{4}-\d{2}-\d{2}(-[a-z]+)?(\.[a-z0-9]+)?")
_ASSIGNMENTS = "/{scope:path}/providers/Microsoft.Authorization/roleAssignments"
_DEFINITIONS = "/{scope:path}/providers/Microsoft.Authorization/roleDefinitions"
_POLL_SECONDS = "1"


class ArmService:
    hosts: Sequence[str] = (HOST,)
    websockets: Mapping[str, WebSocketHandler] = {}

    def __init__(self, arm: Arm) -> None:
        world = arm.world
        self._arm = arm
        self._operations = Operations(world.store, world.clock, world.profile)
        self._writes = Writes(arm, self._operations)
        self._fixed = (
            Route("GET", "/subscriptions/{subscription}", self._subscription),
            Route("GET", "/subscriptions/{subscription}/resources", self._resources),
            Route("GET", "/subscriptions/{subscription}/resourceGroups", self._groups),
            Route("GET", "/subscriptions/{subscription}/resourceGroups/{group}/resources", self._resources),
            Route("GET", "/subscriptions/{subscription}/providers", self._providers),
            Route("GET", "/subscriptions/{subscription}/providers/{namespace}", self._provider),
            Route("POST", "/subscriptions/{subscription}/providers/{namespace}/register", self._provider),
            Route("GET", "/{start:path}/operationStatuses/{operation}", self._status),
            Route("GET", "/{start:path}/operationResults/{operation}", self._result),
            Route("GET", _ASSIGNMENTS, self._assignments),
            Route("GET", _DEFINITIONS, self._definitions),
            Route("GET", _DEFINITIONS + "/{guid}", self._definition),
        )
        self.routes: Sequence[Route] = (
            Route("GET", "/subscriptions", self._guarded(self._subscriptions)),
            Route("GET", "/tenants", self._guarded(self._tenants)),
            Route("*", "/{path:path}", self._guarded(self._dispatch)),
        )

    async def start(self) -> None:
        await self._writes.resume()

    async def stop(self) -> None:
        await self._operations.close()

    async def purge_all(self) -> None:
        """Removes every resource for good, soft-deleted ones too (`/_standin/reset`)."""
        for group in self._arm.list(groups.GROUP_TYPE):
            await self._writes.delete_now(group)
        for resource in self._arm.list():
            await self._writes.delete_now(resource)
        for resource in self._arm.deleted():
            await self._arm.purge(resource)

    def error(self, problem: ServiceError) -> Response:
        body = {"error": {"code": problem.code, "message": problem.message, **problem.details}}
        return json_response(body, problem.status, problem.headers)

    def _guarded(self, handler: Handler) -> Handler:
        async def guarded(request: Request, parameters: Mapping[str, str]) -> Response:
            check_access(self._arm.world, request)
            return await handler(request, parameters)

        return guarded

    async def _dispatch(self, request: Request, _: Mapping[str, str]) -> Response:
        _check_version(request)
        _check_subscription(request.path)
        found = find_route(self._fixed, request.method, request.path)
        found = found or find_route(self._arm.routes, request.method, request.path)
        if found:
            route, parameters = found
            return await route.handler(request, parameters)
        parts = ids.parse(request.path)
        kind = self._arm.kind(parts.type) if parts else None
        if parts is not None and kind is not None:
            return await self._resource(request, parts, kind)
        return await self._below(request)

    async def _resource(self, request: Request, parts: ids.ResourceId, kind: ResourceKind) -> Response:
        match request.method:
            case "GET":
                return json_response(self._arm.render(self._require(parts, kind)))
            case "HEAD":
                return empty(204 if self._arm.get(parts.text) else 404)
            case "PUT":
                return await self._put(request, parts, kind, patch=False)
            case "PATCH":
                return await self._put(request, parts, kind, patch=True)
            case "DELETE":
                if not kind.deletable:
                    raise RefusedMethod(request.method, request.path)
                return await self._delete(request, parts)
        raise RefusedMethod(request.method, request.path)

    def _require(self, parts: ids.ResourceId, kind: ResourceKind) -> Resource:
        if self._arm.get(parts.text) is None and parts.group:
            self._require_group(parts)
        return self._arm.require(parts.text)

    def _require_group(self, parts: ids.ResourceId) -> None:
        if self._arm.get(f"/subscriptions/{parts.subscription}/resourceGroups/{parts.group}") is None:
            raise ResourceGroupNotFound(parts.group)

    async def _put(self, request: Request, parts: ids.ResourceId, kind: ResourceKind, *, patch: bool) -> Response:
        body = request.json_object()
        if request.headers.get("if-none-match") == "*" and self._arm.get(parts.text):
            raise PreconditionFailed(f"The resource '{parts.name}' already exists (If-None-Match: *).")
        written = await self._writes.put(parts, kind, body, patch=patch)
        status = kind.created_status if written.created else 200
        if written.operation is None:
            return json_response(self._arm.render(written.resource), status)
        headers = self._follow(request, parts, written.operation, kind.operation)
        if kind.operation == "location":
            return empty(202, headers)
        return json_response(self._arm.render(written.resource), status, headers)

    async def _delete(self, request: Request, parts: ids.ResourceId) -> Response:
        resource = self._arm.get(parts.text)
        if resource is None:
            if parts.group:
                self._require_group(parts)
            return empty(204)
        kind = self._arm.kind_of(resource)
        operation = await self._writes.delete(resource, request.query)
        if operation is None:
            return empty(200)
        return empty(202, self._follow(request, parts, operation, kind.delete_operation))

    def _follow(self, request: Request, parts: ids.ResourceId, operation: Operation, style: str) -> dict[str, str]:
        resource = self._arm.get(operation.resource_id)
        location = (resource.location if resource else "") or "global"
        word = "operationStatuses" if style == "async" else "operationResults"
        url = (
            f"https://{HOST}/subscriptions/{parts.subscription}/providers/{parts.namespace}/locations/{location}"
            f"/{word}/{operation.id}?api-version={request.query['api-version']}"
        )
        header = "Azure-AsyncOperation" if style == "async" else "Location"
        return {header: url, "Retry-After": _POLL_SECONDS}

    async def _below(self, request: Request) -> Response:
        """A list or an action: the path goes on below a resource, a group or the subscription."""
        segments = request.path.strip("/").split("/")
        collection = self._collection(segments)
        if collection is not None and request.method == "GET":
            return self._list(*collection, request)
        for end in range(len(segments) - 1, 1, -1):
            base = ids.parse("/".join(segments[:end]))
            kind = self._arm.kind(base.type) if base else None
            if base is None or kind is None or base.type == groups.GROUP_TYPE:
                continue
            resource = self._require(base, kind)
            return await self._action(request, kind, resource, "/".join(segments[end:]))
        raise self._unknown_type(request, segments)

    def _collection(self, segments: list[str]) -> tuple[ResourceKind, str] | None:
        """(kind, scope) of a path that ends in a type: the id of a thing without its name."""
        probe = ids.parse("/".join([*segments, "x"]))
        kind = self._arm.kind(probe.type) if probe else None
        if probe is None or kind is None or kind.type == groups.GROUP_TYPE:
            return None
        return kind, probe.parent

    def _list(self, kind: ResourceKind, scope: str, request: Request) -> Response:
        above = ids.parse(scope)
        if above is not None and above.type == groups.GROUP_TYPE:
            self._require_group(above)
        elif above is not None and "/providers/" in above.key and not kind.implied_parent:
            self._arm.require(above.text)
        found = kind.select(self._arm.list(kind.type, scope), request.query)
        return json_response({"value": [self._arm.render(resource) for resource in found]})

    async def _action(self, request: Request, kind: ResourceKind, resource: Resource, rest: str) -> Response:
        for text, handler in kind.actions.items():
            method, _, pattern = text.rpartition(" ")
            parameters = Route(method or "POST", "/" + pattern, _unused).match("/" + rest)
            if (method or "POST") == request.method and parameters is not None:
                return await handler(self._arm.world, resource, request, parameters)
        raise InvalidResourceType(f"{kind.type}/{rest}", request.query["api-version"])

    def _unknown_type(self, request: Request, segments: list[str]) -> ServiceError:
        lowered = [segment.lower() for segment in segments]
        if "providers" not in lowered:
            return NotFound(f"No HTTP resource was found that matches the request URI '{request.path}'.")
        start = len(lowered) - 1 - lowered[::-1].index("providers") + 1
        namespace = segments[start] if start < len(segments) else ""
        if groups.provider(self._arm, namespace) is None:
            return InvalidResourceNamespace(namespace)
        kind = "/".join([namespace, *segments[start + 1 :: 2]])
        return InvalidResourceType(kind, request.query["api-version"])

    async def _subscriptions(self, request: Request, _: Mapping[str, str]) -> Response:
        _check_version(request)
        return json_response({"value": [groups.subscription()], "count": {"type": "Total", "value": 1}})

    async def _tenants(self, request: Request, _: Mapping[str, str]) -> Response:
        _check_version(request)
        return json_response({"value": [{"id": f"/tenants/{TENANT_ID}", "tenantId": TENANT_ID}]})

    async def _subscription(self, request: Request, _: Mapping[str, str]) -> Response:
        return json_response(groups.subscription())

    async def _groups(self, request: Request, parameters: Mapping[str, str]) -> Response:
        found = self._arm.list(groups.GROUP_TYPE)
        return json_response({"value": [self._arm.render(group) for group in found]})

    async def _resources(self, request: Request, parameters: Mapping[str, str]) -> Response:
        scope = f"/subscriptions/{parameters['subscription']}"
        if "group" in parameters:
            scope += f"/resourceGroups/{parameters['group']}"
            self._require_group(ids.parse(scope) or _impossible(scope))
        found = [resource for resource in self._arm.list(scope=scope) if self._arm.kind_of(resource).tracked]
        listed = [resource for resource in found if resource.type != groups.GROUP_TYPE]
        return json_response({"value": [_short(self._arm.render(resource)) for resource in listed]})

    async def _providers(self, request: Request, _: Mapping[str, str]) -> Response:
        return json_response({"value": groups.providers(self._arm)})

    async def _provider(self, request: Request, parameters: Mapping[str, str]) -> Response:
        found = groups.provider(self._arm, parameters["namespace"])
        if found is None:
            raise InvalidResourceNamespace(parameters["namespace"])
        return json_response(found)

    async def _status(self, request: Request, parameters: Mapping[str, str]) -> Response:
        operation = self._polled(parameters)
        body: dict[str, Any] = {
            "id": request.path,
            "name": operation.id,
            "status": operation.status,
            "startTime": operation.started_at,
        }
        if operation.status == "Failed":
            refusal = operation.refusal()
            body["error"] = {"code": refusal.code, "message": refusal.message}
        return json_response(body, headers={"Retry-After": _POLL_SECONDS} if operation.status == "InProgress" else {})

    async def _result(self, request: Request, parameters: Mapping[str, str]) -> Response:
        operation = self._polled(parameters)
        if operation.status == "InProgress":
            url = f"https://{HOST}{request.path}?api-version={request.query['api-version']}"
            return empty(202, {"Location": url, "Retry-After": _POLL_SECONDS})
        if operation.status == "Failed":
            raise operation.refusal()
        resource = self._arm.get(operation.resource_id) if operation.verb == "put" else None
        return json_response(self._arm.render(resource)) if resource else empty(200)

    def _polled(self, parameters: Mapping[str, str]) -> Operation:
        operation = self._operations.poll(parameters["operation"])
        if operation is None:
            raise NotFound(f"The operation '{parameters['operation']}' could not be found.", code="OperationNotFound")
        return operation

    async def _assignments(self, request: Request, parameters: Mapping[str, str]) -> Response:
        """At the scope and above it; below it too unless `$filter=atScope()`."""
        scope = "/" + parameters["scope"].strip("/").lower()
        condition = request.query.get("$filter", "")
        wanted = re.search(r"(?:principalId|assignedTo)\s*(?:eq\s*|\()'([^']+)'", condition)
        found = []
        for resource in self._arm.list(authorization.ASSIGNMENT_TYPE):
            own = authorization.scope_of(resource).lower()
            above = scope == own or scope.startswith(own + "/")
            below = own.startswith(scope + "/") and "atscope()" not in condition.lower()
            of_principal = wanted is None or resource.properties["principalId"].lower() == wanted[1].lower()
            if (above or below) and of_principal:
                found.append(self._arm.render(resource))
        return json_response({"value": found})

    async def _definitions(self, request: Request, parameters: Mapping[str, str]) -> Response:
        scope = "/" + parameters["scope"].strip("/")
        return json_response({"value": authorization.role_definitions(scope, request.query.get("$filter", ""))})

    async def _definition(self, request: Request, parameters: Mapping[str, str]) -> Response:
        found = authorization.role_definition("/" + parameters["scope"].strip("/"), parameters["guid"])
        if found is None:
            raise NotFound(
                f"The specified role definition with ID '{parameters['guid']}' does not exist.",
                code="RoleDefinitionDoesNotExist",
            )
        return json_response(found)


def _check_version(request: Request) -> None:
    version = request.query.get("api-version")
    if not version:
        raise MissingApiVersion
    if not _VERSION.fullmatch(version):
        raise InvalidApiVersion(version)


def _check_subscription(path: str) -> None:
    segments = path.strip("/").split("/")
    if segments[0].lower() == "subscriptions" and len(segments) > 1 and segments[1].lower() != SUBSCRIPTION_ID:
        raise SubscriptionNotFound(segments[1])


def _short(rendered: dict[str, Any]) -> dict[str, Any]:
    """The generic list leaves out properties."""
    return {key: value for key, value in rendered.items() if key not in ("properties", "systemData")}


async def _unused(request: Request, parameters: Mapping[str, str]) -> Response:
    raise RefusedMethod(request.method, request.path)


def _impossible(scope: str) -> ids.ResourceId:
    raise NotFound(f"'{scope}' is not a resource id.")
