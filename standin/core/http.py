"""HTTP as the services see it: requests, responses, route tables. ASGI stays in `server.py`.

https://asgi.readthedocs.io/en/latest/specs/www.html
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Protocol

from standin.core.auth import Principal
from standin.core.errors import BadRequest, BodyTooLarge, ServiceError
from standin.core.obeys import NOTHING, Obeys, Part

MOST_BODY_BYTES = 64 * 1024 * 1024
"""Of a body that is read whole: more than any operation here takes."""


async def whole(chunks: AsyncIterator[bytes]) -> bytes:
    """A body that comes in pieces; raises BodyTooLarge."""
    body = bytearray()
    async for chunk in chunks:
        body += chunk
        if len(body) > MOST_BODY_BYTES:
            raise BodyTooLarge(f"The request body is larger than the {MOST_BODY_BYTES} bytes that are allowed.")
    return bytes(body)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    method: str
    host: str
    path: str
    """Percent-decoded, without the query."""
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    """Names in lower case."""
    body: bytes = b""
    """Empty for routes with `streaming=True`: these read `stream()`."""
    principal: Principal | None = None
    """Who the Bearer token belongs to; None when there is none or it is not valid."""
    raw_path: str = ""
    """As it came, still percent-encoded; signatures are computed over it."""
    raw_query: str = ""
    machine: str = ""
    """vmId of the virtual machine whose own door it came through; empty: it came as everybody's does."""
    chunks: AsyncIterator[bytes] | None = None

    def json(self) -> Any:
        try:
            value = json.loads(self.body)
            # what is read can be written: no number that is none or endless, no half of a surrogate pair
            json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
            return value
        except (ValueError, RecursionError) as error:
            raise BadRequest(
                f"The request content was invalid and could not be deserialized: {error}.", code="InvalidRequestContent"
            ) from error

    def json_object(self) -> dict[str, Any]:
        value = self.json()
        if not isinstance(value, dict):
            raise BadRequest(
                f"The request content must be a JSON object, got {type(value).__name__}.", code="InvalidRequestContent"
            )
        return value

    async def stream(self) -> AsyncIterator[bytes]:
        if self.chunks is None:
            yield self.body
            return
        async for chunk in self.chunks:
            yield chunk


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    chunks: AsyncIterator[bytes] | None = None
    """A body that is sent piece by piece; `headers` then must hold content-length."""


def json_response(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    body = json.dumps(value, separators=(",", ":")).encode()
    return Response(
        status=status, body=body, headers={"content-type": "application/json; charset=utf-8", **(headers or {})}
    )


def error_response(problem: ServiceError) -> Response:
    body = {"error": {"code": problem.code, "message": problem.message, **problem.details}}
    return json_response(body, problem.status, problem.headers)


def empty(status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(status=status, headers=dict(headers or {}))


Handler = Callable[[Request, Mapping[str, str]], Awaitable[Response]]


class WebSocket(Protocol):
    """An accepted WebSocket. `receive` answers None once the other side has gone."""

    host: str
    path: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    subprotocols: Sequence[str]
    parameters: Mapping[str, str]
    """Of the path pattern."""

    async def accept(self, subprotocol: str | None = None) -> None: ...
    async def receive(self) -> bytes | str | None: ...
    async def send(self, message: bytes | str) -> None: ...
    async def close(self, code: int = 1000) -> None:
        """Before `accept`: refuses the upgrade (403)."""


WebSocketHandler = Callable[[WebSocket], Awaitable[None]]
"""Accepts by itself: `await ws.accept("AMQPWSB10")`; returning closes the socket."""


@dataclass(frozen=True, slots=True)
class Route:
    """`/devices/{device}/modules/{module}`: {x} is one segment, {x:path} the rest; literals match in any case.

    `method` "*" is any method. With `streaming=True` the handler reads `request.stream()` instead of `request.body`.
    """

    method: str
    pattern: str
    handler: Handler
    streaming: bool = False
    obeys: Obeys = NOTHING

    def match(self, path: str) -> dict[str, str] | None:
        return match_path(self.pattern, path)


class Service:
    """One Azure surface on a family of hosts, with a life of its own; a service overrides what it has."""

    hosts: Sequence[str] = ()
    """Suffixes (".azure-devices.net") or exact names."""
    routes: Sequence[Route] = ()
    websockets: Mapping[str, WebSocketHandler] = {}
    """Path pattern -> handler."""
    throttles: bool = True
    """Whether the `slow` profile refuses its first write with 429."""
    unobeyed: Mapping[Part, str] = {
        "query": "InvalidQueryParameterValue",
        "header": "InvalidHeaderValue",
        "field": "InvalidRequestContent",
    }
    """The codes in which this surface refuses what its routes do not obey."""

    def error(self, problem: ServiceError) -> Response:
        """The envelope in which this surface refuses; here ARM's own, which most data planes share."""
        return error_response(problem)

    async def start(self) -> None:
        """Before the first request."""

    async def stop(self) -> None:
        """After the last request, and only what `start` began."""


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)(:path)?\}", pattern)
    text = re.escape(parts[0])
    for name, rest, literal in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
        text += f"(?P<{name}>{'.*' if rest else '[^/]+'})" + re.escape(literal)
    return re.compile(text, re.IGNORECASE | re.DOTALL)


def match_path(pattern: str, path: str) -> dict[str, str] | None:
    """The values of the pattern's {names}; None where the path is another."""
    matched = _compiled(pattern).fullmatch(path)
    return matched.groupdict() if matched else None


def find_route(routes: Sequence[Route], method: str, path: str) -> tuple[Route, dict[str, str]] | None:
    for route in routes:
        if route.method in (method, "*"):
            parameters = route.match(path)
            if parameters is not None:
                return route, parameters
    return None


def find_websocket(
    websockets: Mapping[str, WebSocketHandler], path: str
) -> tuple[WebSocketHandler, dict[str, str]] | None:
    for pattern, handler in websockets.items():
        parameters = match_path(pattern, path)
        if parameters is not None:
            return handler, parameters
    return None
