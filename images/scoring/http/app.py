"""The HTTP contract: one route table, handlers that translate, errors in one place. It knows no sockets.

Paths and headers are those of Azure ML's inference server, so that its clients and probes work here.
https://learn.microsoft.com/azure/machine-learning/how-to-inference-server-http#server-routes
"""

from __future__ import annotations

import logging
import random
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from time import perf_counter
from typing import Any, NamedTuple

import msgspec

from images.scoring.bodies.json import azureml_list_form
from images.scoring.errors import (
    BodyTooLarge,
    Forbidden,
    HeaderTooLong,
    MethodNotAllowed,
    NotFound,
    NotReady,
    Overloaded,
    RunFailed,
    ScoringError,
)
from images.scoring.http.content_encoding import unpacked
from images.scoring.http.cors import Cors
from images.scoring.http.security import Key
from images.scoring.http.swagger import document
from images.scoring.metrics import Metrics, WorkerMetrics
from images.scoring.process.settings import ANSWER_LIST, Settings
from images.scoring.request import JSON, Request, Response
from images.scoring.service.readiness import Readiness
from images.scoring.service.service import Answer

log = logging.getLogger("scoring.app")

TEXT_HTML = b"content-type: text/html; charset=utf-8\r\n"
SERVER_VERSION = b"edgeway/1"
LIST_FORM = b"application/vnd.azureml.v1+json"
MAX_ID_LENGTH = 100
_SCORED = JSON + b"x-ms-run-function-failed: False\r\nx-ms-run-fn-exec-ms: %.3f\r\n"
_SCRIPT_ANSWERED = b"%bx-ms-run-fn-exec-ms: %.3f\r\n"
_RUN_FAILED = b"x-ms-run-function-failed: True\r\n"
_NOT_RUN = b"x-ms-run-function-failed: False\r\n"

Handler = Callable[[Request], Response | Awaitable[Response]]
Outcome = Coroutine[Any, Any, Response]


class Route(NamedTuple):
    handler: Handler
    guarded: bool = False
    """Behind the key, where this port has one."""
    scores: bool = False
    """Counted as in flight, from its head on: a body that is still coming takes memory, too."""


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
    live, ready = Route(handlers.live), Route(handlers.ready)
    score = Route(handlers.score, guarded=True, scores=True) if scores else Route(handlers.score_elsewhere)
    table: dict[bytes, dict[bytes, Route]] = {
        b"/": {b"GET": live, b"HEAD": live},
        b"/live": {b"GET": live, b"HEAD": live},
        b"/ready": {b"GET": ready, b"HEAD": ready},
        b"/metrics": {b"GET": Route(handlers.metrics, guarded=True)},
        b"/score": {b"POST": score, b"GET": score, b"OPTIONS": Route(handlers.options)},
    }
    if scores:
        table[b"/swagger.json"] = {b"GET": Route(handlers.swagger, guarded=True)}
    return App(context, table)


class App:
    """A request passes here twice: `admit` once its head is here, `respond` with its body. Both know no sockets."""

    def __init__(self, context: Context, table: Mapping[bytes, Mapping[bytes, Route]]) -> None:
        self._context = context
        self._readiness = context.readiness
        self._counters = context.counters
        self._key = context.key
        self._max_in_flight = context.settings.max_in_flight
        self._max_body_bytes = context.settings.max_body_bytes
        self._table = table
        origins = context.settings.cors_origins
        self._cors = Cors(origins) if origins else None

    @property
    def draining(self) -> bool:
        return self._readiness.draining

    def admit(self, request: Request) -> Route:
        """Whatever can be refused before the body is read is refused here. What is admitted must be responded to, or
        abandoned."""
        headers = request.headers
        request.echoed = request_ids(headers)
        if self._cors is not None:
            request.echoed += self._cors.lines(request.method, headers)
        try:
            route = self._table[request.path][request.method]
        except KeyError:
            raise self._unknown(request) from None
        if route.guarded and self._key is not None:
            self._key.check(headers.get(b"authorization"))
        # the parser has refused a length that is no number
        if b"content-length" in headers and int(headers[b"content-length"]) > self._max_body_bytes:
            declared = int(headers[b"content-length"])
            raise BodyTooLarge(f"body has {declared} bytes, allowed are {self._max_body_bytes}")
        if route.scores:
            self._readiness.require()
            if self._counters.in_flight >= self._max_in_flight:
                raise Overloaded(f"{self._max_in_flight} requests are in flight, try again")
            self._counters.began()
        return route

    def abandon(self, route: Route) -> None:
        """What was admitted never came whole, or whoever asked is gone."""
        if route.scores:
            self._counters.ended()

    def respond(self, route: Route, request: Request) -> Response | Outcome:
        """The answer, at once where it can be had at once; errors are answers, too."""
        try:
            outcome = route.handler(request)
            if not isinstance(outcome, Response):
                return self._respond_later(route, request, outcome)
        except Exception as error:
            outcome = self._failed(request, error)
        self._counters.answered(outcome.status)
        if route.scores:
            self._counters.ended()
        return outcome

    async def _respond_later(self, route: Route, request: Request, outcome: Awaitable[Response]) -> Response:
        try:
            response = await outcome
        except Exception as error:
            response = self._failed(request, error)
        finally:
            if route.scores:
                self._counters.ended()
        self._counters.answered(response.status)
        return response

    def refuse(self, error: ScoringError) -> Response:
        self._counters.answered(error.status)
        return error_response(error)

    def _failed(self, request: Request, error: Exception) -> Response:
        if isinstance(error, ScoringError):
            return error_response(error)
        log.error("%s %s failed", request.method.decode(), request.path.decode("latin-1"), exc_info=error)
        return error_response(RunFailed("the server failed; the log says why"))

    def _unknown(self, request: Request) -> ScoringError:
        methods = self._table.get(request.path)
        if methods is None:
            return NotFound(f"no such path, there are: {b', '.join(self._table).decode()}")
        return MethodNotAllowed(request.method.decode(), b", ".join(methods).decode())


class Handlers:
    """Translate between HTTP and the service."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._readiness = context.readiness
        self._counters = context.counters
        self._max_body_bytes = context.settings.max_body_bytes
        self._answers_lists = context.settings.answer_form == ANSWER_LIST

    def live(self, request: Request) -> Response:
        service = self._readiness.loaded
        if service is not None and service.hung:
            raise NotReady("run() has timed out and still not returned")
        return Response(b"Healthy", head=TEXT_HTML)

    def ready(self, request: Request) -> Response:
        service = self._readiness.check()
        return Response(
            msgspec.json.encode({"status": "ready", "model": service.card.name, "version": service.version})
        )

    def metrics(self, request: Request) -> Response:
        service = self._readiness.loaded
        name, version = (service.card.name, service.version) if service else ("", "")
        body = self._context.metrics.render(model=name, version=version, ready=service is not None)
        return Response(body, head=b"content-type: text/plain; version=0.0.4\r\n")

    def swagger(self, request: Request) -> Response:
        service = self._readiness.service
        keyed = self._context.key is not None
        return Response(msgspec.json.encode(document(service.card, service.bodies, service.schemas, keyed=keyed)))

    def options(self, request: Request) -> Response:
        return Response(head=TEXT_HTML + _NOT_RUN + b"allow: POST, GET, OPTIONS\r\n")

    def score_elsewhere(self, request: Request) -> Response:
        raise Forbidden("this port is for probes; score over HTTPS")

    def score(self, request: Request) -> Response | Awaitable[Response]:
        began = perf_counter()
        if b"content-encoding" in request.headers:
            request.body = unpacked(request.body, request.headers[b"content-encoding"], limit=self._max_body_bytes)
        answer = self._readiness.service.answer(request)
        if isinstance(answer, Answer):
            return self._scored(request, answer, began)
        return self._score_later(request, answer, began)

    async def _score_later(self, request: Request, answer: Awaitable[Answer], began: float) -> Response:
        return self._scored(request, await answer, began)

    def _scored(self, request: Request, answer: Answer, began: float) -> Response:
        self._counters.scored(seconds=perf_counter() - began, rows=answer.rows)
        body = answer.body
        if answer.head is not None:
            return Response(body, answer.status, _SCRIPT_ANSWERED % (answer.head, answer.run_ms))
        if self._answers_lists or LIST_FORM in request.headers.get(b"accept", b""):
            body = azureml_list_form(body)
        return Response(body, 200, _SCORED % answer.run_ms)


def error_response(error: ScoringError) -> Response:
    failed = _RUN_FAILED if isinstance(error, RunFailed) else _NOT_RUN
    lines = b"".join(b"%b: %b\r\n" % header for header in error.headers)
    return Response(error.body(), error.status, JSON + failed + lines)


def request_ids(headers: Mapping[bytes, bytes]) -> bytes:
    """Header lines by Azure ML's rules: x-request-id is made where it is missing, x-ms-request-id is never empty."""
    request = headers.get(b"x-request-id")
    client = headers.get(b"x-ms-client-request-id")
    legacy = headers.get(b"x-ms-request-id")
    trace = headers.get(b"traceid")
    if request is None and client is None and legacy is None and trace is None:
        made = b"%032x" % random.getrandbits(128)
        return b"x-request-id: %b\r\nx-ms-request-id: %b\r\n" % (made, made)
    for name, value in (("x-request-id", request), ("x-ms-client-request-id", client), ("x-ms-request-id", legacy)):
        if value is not None and len(value) > MAX_ID_LENGTH:
            raise HeaderTooLong(f"header {name} has {len(value)} characters, allowed are {MAX_ID_LENGTH}")
    request = b"%032x" % random.getrandbits(128) if request is None else request
    client = client or legacy
    lines = b"x-request-id: %b\r\nx-ms-request-id: %b\r\n" % (request, legacy or client or request)
    if client is not None:
        lines += b"x-ms-client-request-id: %b\r\n" % client
    return lines if trace is None else lines + b"traceid: %b\r\n" % trace
