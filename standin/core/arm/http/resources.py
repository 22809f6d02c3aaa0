"""Requests for one resource, for lists of a type, and for actions below a resource."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from standin.core.arm import ids
from standin.core.arm.errors import InvalidResourceNamespace, InvalidResourceType, RefusedMethod, UnknownMember
from standin.core.arm.fields import check_fields
from standin.core.arm.groups import GROUP_TYPE, require_group
from standin.core.arm.http.conditions import CONDITIONS, check_body, check_conditions
from standin.core.arm.http.polling import Polling
from standin.core.arm.kind_table import KindTable
from standin.core.arm.kinds import Resource, ResourceKind
from standin.core.arm.lists import page_of
from standin.core.arm.manager import Arm
from standin.core.arm.rendering import render
from standin.core.arm.writes import Writes
from standin.core.errors import NotFound, ServiceError
from standin.core.http import Request, Response, Service, empty, json_response, match_path
from standin.core.obeys import NOTHING, Obeys, Part, unobeyed

_VERSION = frozenset({"api-version"})


_WRITES = ("PUT", "PATCH")


def _headers(method: str) -> frozenset[str]:
    return CONDITIONS if method in ("PUT", "PATCH", "DELETE") else frozenset()


def refuse_unobeyed(
    obeys: Obeys,
    request: Request,
    codes: Mapping[Part, str] = Service.unobeyed,
    *,
    headers: frozenset[str] = frozenset(),
    body: bool = False,
) -> None:
    """Every request of the resource manager has an api-version; `body`: it is held against the type's fields."""
    whole = replace(obeys, query=obeys.query | _VERSION, headers=obeys.headers | headers, body=obeys.body or body)
    if (asked := unobeyed(whole, request)) is not None:
        raise asked.refusal(codes)


class ResourceHandlers:
    def __init__(self, arm: Arm, kinds: KindTable, writes: Writes, polling: Polling) -> None:
        self._arm = arm
        self._kinds = kinds
        self._writes = writes
        self._polling = polling

    async def answer(self, request: Request) -> Response:
        parts = ids.parse(request.path)
        kind = self._kinds.find(parts.type) if parts else None
        if parts is not None and kind is not None:
            return await self._resource(request, parts, kind)
        return await self._below(request)

    async def _resource(self, request: Request, parts: ids.ResourceId, kind: ResourceKind) -> Response:
        asked = "GET" if request.method == "HEAD" else request.method
        refuse_unobeyed(
            kind.options.get(asked, NOTHING), request, kind.unobeyed, headers=_headers(asked), body=asked in _WRITES
        )
        match request.method:
            case "GET":
                refusal = kind.missing(parts.name) if self._arm.get(parts.text) is None else None
                if refusal is not None:
                    raise refusal
                return await self._get(request, self._require(parts), kind)
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

    async def _get(self, request: Request, resource: Resource, kind: ResourceKind) -> Response:
        shown = self._polling.shown(kind, resource)
        more = await kind.more(resource, request.query)
        return json_response({**shown, "properties": {**shown["properties"], **more}} if more else shown)

    def _require(self, parts: ids.ResourceId) -> Resource:
        if self._arm.get(parts.text) is None and parts.group:
            require_group(self._arm, parts)
        return self._arm.require(parts.text)

    async def _put(self, request: Request, parts: ids.ResourceId, kind: ResourceKind, *, patch: bool) -> Response:
        body, there = request.json_object(), self._arm.get(parts.text)
        check_conditions(kind, request, there)
        check_body(kind, body, there)
        if patch and kind.patchable is not None and (unknown := sorted(body.keys() - {*kind.patchable})):
            raise UnknownMember(unknown[0], kind.type)
        check_fields(kind, body, render(kind, there) if there is not None else None)
        written = await self._writes.put(parts, kind, body, patch=patch)
        status = kind.created_status if written.created else 200 if patch else kind.updated_status
        if written.operation is None:
            return json_response(render(kind, written.resource), status)
        style = kind.operation_of(update=not written.created)
        headers = self._polling.headers(request, parts, written.operation, style)
        if style == "location":
            return empty(202, headers)
        return json_response(render(kind, written.resource), status, headers)

    async def _delete(self, request: Request, parts: ids.ResourceId) -> Response:
        resource = self._arm.get(parts.text)
        if resource is None:
            if parts.group:
                require_group(self._arm, parts)
            return empty(204)
        kind = self._kinds.of(resource)
        check_conditions(kind, request, resource)
        was_there = render(kind, resource)
        operation = await self._writes.delete(resource, request.query)
        if operation is None:
            return json_response(was_there) if kind.answers_deleted else empty(200)
        return empty(202, self._polling.headers(request, parts, operation, kind.delete_operation))

    async def _below(self, request: Request) -> Response:
        """A list or an action: the path goes on below a resource, a group or the subscription."""
        segments = request.path.strip("/").split("/")
        collection = self._collection(segments)
        if collection is not None and request.method == "GET":
            return self._list(*collection, request)
        for end in range(len(segments) - 1, 1, -1):
            base = ids.parse("/".join(segments[:end]))
            kind = self._kinds.find(base.type) if base else None
            if base is None or kind is None or base.type == GROUP_TYPE:
                continue
            return await self._action(request, kind, self._require(base), "/".join(segments[end:]))
        raise self._unknown_type(request, segments)

    def _collection(self, segments: list[str]) -> tuple[ResourceKind, str] | None:
        """(kind, scope) of a path that ends in a type: the id of a thing without its name."""
        probe = ids.parse("/".join([*segments, "x"]))
        kind = self._kinds.find(probe.type) if probe else None
        if probe is None or kind is None or kind.type == GROUP_TYPE:
            return None
        return kind, probe.parent

    def _list(self, kind: ResourceKind, scope: str, request: Request) -> Response:
        refuse_unobeyed(kind.options.get("LIST", NOTHING), request, kind.unobeyed)
        above = ids.parse(scope)
        if above is not None and above.type == GROUP_TYPE:
            require_group(self._arm, above)
        elif above is not None and "/providers/" in above.key and not kind.implied_parent:
            self._arm.require(above.text)
        found = self._arm.list(kind.type, kind.list_scope(scope, request.query))
        selected = kind.select(found, request.query)
        return page_of(request, [render(kind, resource) for resource in selected], size=kind.page, token=kind.next_page)

    async def _action(self, request: Request, kind: ResourceKind, resource: Resource, rest: str) -> Response:
        for text, handler in kind.actions.items():
            method, _, pattern = text.rpartition(" ")
            parameters = match_path("/" + pattern, "/" + rest)
            if (method or "POST") == request.method and parameters is not None:
                refuse_unobeyed(kind.options.get(pattern, NOTHING), request, kind.unobeyed)
                answer = await handler(resource, request, parameters)
                return self._polling.acted(request, resource, answer) if pattern in kind.long_actions else answer
        raise InvalidResourceType(f"{kind.type}/{rest}", request.query["api-version"])

    def _unknown_type(self, request: Request, segments: list[str]) -> ServiceError:
        lowered = [segment.lower() for segment in segments]
        if "providers" not in lowered:
            return NotFound(f"No HTTP resource was found that matches the request URI '{request.path}'.")
        start = len(lowered) - 1 - lowered[::-1].index("providers") + 1
        namespace = segments[start] if start < len(segments) else ""
        if not self._kinds.in_namespace(namespace):
            return InvalidResourceNamespace(namespace)
        kind = "/".join([namespace, *segments[start + 1 :: 2]])
        return InvalidResourceType(kind, request.query["api-version"])
