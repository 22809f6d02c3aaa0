"""The HTTP contract as a plain ASGI application: one route table, handlers that translate, errors in one place.

Paths and headers are those of Azure ML's inference server, so that its clients and probes work here.
https://learn.microsoft.com/azure/machine-learning/how-to-inference-server-http#server-routes
"""

from __future__ import annotations

import logging
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import msgspec

from images.scoring.body import read_body
from images.scoring.errors import (
    Forbidden,
    Headers,
    HeaderTooLong,
    MethodNotAllowed,
    NotFound,
    NotReady,
    Overloaded,
    RunFailed,
    ScoringError,
)
from images.scoring.metrics import Metrics, WorkerMetrics
from images.scoring.readiness import Readiness
from images.scoring.security import Key
from images.scoring.service import listed
from images.scoring.settings import ANSWER_LIST, Settings
from images.scoring.swagger import document

log = logging.getLogger("scoring.app")

Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]

JSON = (b"content-type", b"application/json")
TEXT = (b"content-type", b"text/plain; charset=utf-8")
SERVER_VERSION = (b"x-ms-server-version", b"edgeway/1")
LIST_FORM = b"application/vnd.azureml.v1+json"
MAX_ID_LENGTH = 100


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    headers: Mapping[bytes, bytes]
    receive: Receive


@dataclass(frozen=True, slots=True)
class Response:
    body: bytes
    status: int = 200
    headers: Headers = (JSON,)


Handler = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What the handlers of one port share."""

    settings: Settings
    readiness: Readiness
    metrics: Metrics
    counters: WorkerMetrics
    key: Key | None = None


def create_app(context: Context, *, scores: bool = True) -> App:
    """With `scores` False the port answers probes only: the other one has the certificate and the key."""
    handlers = Handlers(context)
    score = handlers.score if scores else handlers.score_elsewhere
    table: dict[str, dict[str, Handler]] = {
        "/": {"GET": handlers.live},
        "/live": {"GET": handlers.live},
        "/ready": {"GET": handlers.ready},
        "/metrics": {"GET": handlers.guarded(handlers.metrics)},
        "/score": {"POST": score, "OPTIONS": handlers.options},
    }
    if scores:
        table["/swagger.json"] = {"GET": handlers.guarded(handlers.swagger)}
    return App(context, table)


class App:
    def __init__(self, context: Context, table: Mapping[str, Mapping[str, Handler]]) -> None:
        self._context = context
        self._table = table

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers: dict[bytes, bytes] = dict(scope["headers"])
        try:
            ids = request_ids(headers)
            handler = self._handler(scope["path"], scope["method"])
            response = await handler(Request(scope["method"], headers, receive))
        except ScoringError as error:
            response = error_response(error)
            ids = () if isinstance(error, HeaderTooLong) else request_ids(headers)
        except Exception:
            log.exception("%s %s failed", scope["method"], scope["path"])
            response = error_response(RunFailed("the server failed; the log says why"))
        self._context.counters.answered(response.status)
        closing: Headers = ((b"connection", b"close"),) if self._context.readiness.draining else ()
        length = (b"content-length", b"%d" % len(response.body))
        await send(
            {
                "type": "http.response.start",
                "status": response.status,
                "headers": [*response.headers, length, SERVER_VERSION, *ids, *closing],
            }
        )
        await send({"type": "http.response.body", "body": response.body})

    def _handler(self, path: str, method: str) -> Handler:
        methods = self._table.get(path)
        if methods is None:
            raise NotFound(f"no such path, there are: {', '.join(self._table)}")
        handler = methods.get("GET" if method == "HEAD" else method)
        if handler is None:
            raise MethodNotAllowed(method, ", ".join(methods))
        return handler


class Handlers:
    """Translate between HTTP and the service."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._counters = context.counters
        self._answers_lists = context.settings.answer_form == ANSWER_LIST

    async def live(self, request: Request) -> Response:
        service = self._context.readiness.loaded
        if service is not None and service.hung:
            raise NotReady("run() has timed out and still not returned")
        return Response(b"Healthy", headers=(TEXT,))

    async def ready(self, request: Request) -> Response:
        service = self._context.readiness.check()
        return Response(
            msgspec.json.encode({"status": "ready", "model": service.card.name, "version": service.version})
        )

    async def metrics(self, request: Request) -> Response:
        service = self._context.readiness.loaded
        name, version = (service.card.name, service.version) if service else ("", "")
        body = self._context.metrics.render(model=name, version=version, ready=service is not None)
        return Response(body, headers=((b"content-type", b"text/plain; version=0.0.4"),))

    async def swagger(self, request: Request) -> Response:
        return Response(msgspec.json.encode(document(self._context.readiness.service.card)))

    async def options(self, request: Request) -> Response:
        return Response(b"", headers=((b"allow", b"POST, OPTIONS"),))

    async def score_elsewhere(self, request: Request) -> Response:
        raise Forbidden("this port is for probes; score over HTTPS")

    async def score(self, request: Request) -> Response:
        context = self._context
        if context.key is not None:
            context.key.check(request.headers.get(b"authorization"))
        service = context.readiness.service
        if self._counters.in_flight >= context.settings.max_in_flight:
            raise Overloaded(f"{context.settings.max_in_flight} requests are in flight, try again")
        began = perf_counter()
        self._counters.began()
        try:
            body = await read_body(request.headers, request.receive, limit=context.settings.max_body_bytes)
            answer = await service.answer(body)
        finally:
            self._counters.ended()
        self._counters.scored(seconds=perf_counter() - began, rows=answer.rows)
        wants_list = self._answers_lists or LIST_FORM in request.headers.get(b"accept", b"")
        return Response(
            listed(answer.body) if wants_list else answer.body,
            headers=(JSON, (b"x-ms-run-fn-exec-ms", b"%.3f" % answer.run_ms), (b"x-ms-run-function-failed", b"False")),
        )

    def guarded(self, handler: Handler) -> Handler:
        """Behind the key, where this port has one."""

        async def checked(request: Request) -> Response:
            if self._context.key is not None:
                self._context.key.check(request.headers.get(b"authorization"))
            return await handler(request)

        return checked


def error_response(error: ScoringError) -> Response:
    failed: Headers = ((b"x-ms-run-function-failed", b"True"),) if isinstance(error, RunFailed) else ()
    return Response(error.body(), status=error.status, headers=(JSON, *failed, *error.headers))


def request_ids(headers: Mapping[bytes, bytes]) -> Headers:
    """Azure ML's rules: x-request-id is made where it is missing, x-ms-request-id is never empty."""
    request = headers.get(b"x-request-id")
    client = headers.get(b"x-ms-client-request-id")
    legacy = headers.get(b"x-ms-request-id")
    for name, value in (("x-request-id", request), ("x-ms-client-request-id", client), ("x-ms-request-id", legacy)):
        if value is not None and len(value) > MAX_ID_LENGTH:
            raise HeaderTooLong(f"header {name} has {len(value)} characters, allowed are {MAX_ID_LENGTH}")
    if request is None:
        request = b"%032x" % random.getrandbits(128)
    client = client or legacy
    answered = ((b"x-request-id", request), (b"x-ms-request-id", legacy or client or request))
    return answered if client is None else (*answered, (b"x-ms-client-request-id", client))
