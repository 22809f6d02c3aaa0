"""The ASGI application: host name -> service -> route -> handler, with faults, throttling and error envelopes.

https://asgi.readthedocs.io/en/latest/specs/www.html
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, MutableMapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, unquote

from standin.core.addresses import CONTROL_HOST
from standin.core.auth import Principal, TokenIssuer
from standin.core.errors import NotFound, ServiceError
from standin.core.faults import Fault, Faults
from standin.core.http import Request, Response, Service, empty, find_route, json_response, whole
from standin.core.obeys import unobeyed
from standin.core.serving.sockets import serve_websocket
from standin.core.serving.throttling import Throttle

log = logging.getLogger("standin.http")

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_NO_BODY = frozenset({204, 304})
_CONTROL_HOSTS = frozenset({CONTROL_HOST, "127.0.0.1", "localhost"})


class BrokenConnection(Exception):
    """Ends a request without an answer: a fault that a test asked for."""


class Application:
    """One for all listeners. `control` answers below /_standin/, its WebSockets on every host."""

    def __init__(
        self, services: Sequence[Service], control: Service, *, faults: Faults, throttle: Throttle, issuer: TokenIssuer
    ) -> None:
        self._services = services
        self._control = control
        self._faults = faults
        self._throttle = throttle
        self._issuer = issuer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._websocket(scope, receive, send)

    def service_for(self, host: str) -> Service | None:
        """The service whose name is exactly this, else the one with the longest matching suffix."""
        best: tuple[int, Service] | None = None
        for service in self._services:
            for name in service.hosts:
                if name == host:
                    return service
                if name.startswith(".") and host.endswith(name) and (best is None or len(name) > best[0]):
                    best = (len(name), service)
        return best[1] if best else None

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = _headers(scope)
        host = _host(headers)
        service = self.service_for(host)
        served = service.websockets if service else {}
        if scope["path"].startswith("/_standin/"):
            served = self._control.websockets
        if self._faults.strike("WEBSOCKET", host, scope["path"]) is not None:
            served = {}
        await serve_websocket(served, host, headers, scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = _headers(scope)
        host = _host(headers)
        service = self._control if _is_control(scope, host) else self.service_for(host)
        reading = _Reading(receive)
        try:
            response = await self._answer(service, scope, headers, host, reading) if service else empty(404)
        except BrokenConnection as fault:
            log.info("%s", fault)
            scope["state"]["abort"]()
            await reading.drain()
            return
        except ConnectionResetError as gone:
            log.info("%s %s%s: %s", scope["method"], host, scope["path"], gone)
            return
        log.info("%s %s%s -> %d", scope["method"], host, scope["path"], response.status)
        await _send(response, scope["method"], send)
        await reading.drain()

    async def _answer(
        self, service: Service, scope: Scope, headers: Mapping[str, str], host: str, reading: _Reading
    ) -> Response:
        method, path = scope["method"], unquote(scope["raw_path"].decode("latin-1").partition("?")[0])
        fault = self._faults.strike(method, host, path) if service is not self._control else None
        try:
            if service is not self._control:
                if fault is not None and (feigned := _feigned(fault, f"{method} {host}{path}")) is not None:
                    return feigned
                self._throttle.check(service, method, path)
            matched = find_route(service.routes, method, path)
            if matched is None:
                raise NotFound(f"No HTTP resource was found that matches the request {method} '{path}'.")
            route, parameters = matched
            request = Request(
                method=method,
                host=host,
                path=path,
                query=dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)),
                headers=headers,
                body=b"" if route.streaming else await reading.all(),
                principal=self._principal(headers),
                raw_path=scope["raw_path"].decode("latin-1"),
                raw_query=scope["query_string"].decode("latin-1"),
                machine=str(scope.get("state", {}).get("machine", "")),
                chunks=reading.chunks() if route.streaming else None,
            )
            if (asked := unobeyed(route.obeys, request)) is not None:
                raise asked.refusal(service.unobeyed)
            return await route.handler(request, parameters)
        except ServiceError as problem:
            return service.error(problem)
        except (BrokenConnection, ConnectionResetError):
            raise
        except Exception:
            log.exception("%s %s%s failed", method, host, path)
            return service.error(ServiceError("Encountered internal server error."))
        finally:
            if fault is not None and fault.holds:
                await self._faults.hold()

    def _principal(self, headers: Mapping[str, str]) -> Principal | None:
        scheme, _, token = headers.get("authorization", "").partition(" ")
        return self._issuer.read(token.strip()) if scheme.lower() == "bearer" else None


def _feigned(fault: Fault, what: str) -> Response | None:
    """What is answered where the request meets the fault; None where it is done, and its answer kept back."""
    if fault.holds:
        return None
    if fault.body is not None:
        return json_response(fault.body, fault.status or 200)
    if fault.feigns:
        return empty(fault.status or 200)
    if fault.status is None:
        raise BrokenConnection(f"{what}: the connection is broken because a fault was set")
    raise ServiceError("A fault was set on the stand-in.", code="InjectedFault", status=fault.status)


class _Reading:
    """The request's body, read whole or piece by piece."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._more = True

    async def chunks(self) -> AsyncIterator[bytes]:
        while self._more:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                self._more = False
                raise ConnectionResetError("the client went away in the middle of its request")
            self._more = message.get("more_body", False)
            if message.get("body"):
                yield message["body"]

    async def all(self) -> bytes:
        return await whole(self.chunks())

    async def drain(self) -> None:
        """Reads what a refusal left unread, so that the client gets to see the answer."""
        try:
            async for _ in self.chunks():
                pass
        except ConnectionResetError:
            return


async def _send(response: Response, method: str, send: Send) -> None:
    headers = {name.lower(): value for name, value in response.headers.items()}
    headers.setdefault("x-ms-request-id", str(uuid.uuid4()))
    if response.chunks is None and response.status not in _NO_BODY:
        headers.setdefault("content-length", str(len(response.body)))
    # what a text had in it makes no line of its own, and none that cannot be sent
    lines = (
        (name, "".join(" " if letter in "\r\n\0" else letter for letter in value)) for name, value in headers.items()
    )
    pairs = [(name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in lines]
    await send({"type": "http.response.start", "status": response.status, "headers": pairs})
    if response.chunks is not None and method != "HEAD":
        async for chunk in response.chunks:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
        return
    body = b"" if method == "HEAD" or response.status in _NO_BODY else response.body
    await send({"type": "http.response.body", "body": body})


def _headers(scope: Scope) -> dict[str, str]:
    headers: dict[str, str] = {}
    for name, value in scope["headers"]:
        key = name.decode("latin-1").lower()
        text = value.decode("latin-1")
        headers[key] = f"{headers[key]}, {text}" if key in headers else text
    return headers


def _host(headers: Mapping[str, str]) -> str:
    return headers.get("host", "").rsplit(":", 1)[0].lower()


def _is_control(scope: Scope, host: str) -> bool:
    """The control surface answers callers on this machine only: containers reach the same listener by the bridge."""
    client = scope.get("client")
    local = client is None or client[0].startswith("127.")
    return local and host in _CONTROL_HOSTS and scope["path"].startswith("/_standin/")
