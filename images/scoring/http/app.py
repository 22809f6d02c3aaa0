"""The HTTP contract without sockets: what is refused from the head alone, what is answered, errors in one place."""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Coroutine, Mapping, Sequence
from typing import Any

from images.scoring.errors import (
    BadRequest,
    BodyTooLarge,
    MethodNotAllowed,
    NotFound,
    Overloaded,
    RunFailed,
    ScoringError,
)
from images.scoring.http.cors import Cors
from images.scoring.http.exchange import HttpRequest, Response, error_response
from images.scoring.http.handlers import Handlers
from images.scoring.http.key import Key
from images.scoring.http.limits import Limits
from images.scoring.http.request_ids import request_ids
from images.scoring.http.routes import Route, Table, table
from images.scoring.metrics import Metrics, WorkerMetrics
from images.scoring.service.readiness import Readiness

log = logging.getLogger("scoring.app")

_SLASHES = re.compile(rb"/{2,}")

Outcome = Coroutine[Any, Any, Response]


def create_app(
    *,
    readiness: Readiness,
    metrics: Metrics,
    counters: WorkerMetrics,
    limits: Limits,
    key: Key | None,
    origins: Sequence[str],
    answers_lists: bool,
    scores: bool = True,
) -> App:
    """That of one port; `origins` are those of browsers that may ask. Without `scores` it answers probes only."""
    handlers = Handlers(
        readiness=readiness,
        metrics=metrics,
        counters=counters,
        max_body_bytes=limits.max_body_bytes,
        answers_lists=answers_lists,
        keyed=key is not None,
    )
    cors = Cors(origins) if origins else None
    routes = table(handlers, scores=scores)
    return App(routes, readiness=readiness, counters=counters, limits=limits, key=key, cors=cors)


class App:
    """A request passes here twice: `admit` once its head is here, `respond` with its body."""

    def __init__(
        self,
        table: Table,
        *,
        readiness: Readiness,
        counters: WorkerMetrics,
        limits: Limits,
        key: Key | None,
        cors: Cors | None,
    ) -> None:
        self._table = table
        self.readiness = readiness
        self._counters = counters
        self._max_in_flight = limits.max_in_flight
        self._max_body_bytes = limits.max_body_bytes
        self._digits = len(str(limits.max_body_bytes))
        """A length of fewer digits is within the limit."""
        self._key = key
        self._cors = cors

    def admit(self, request: HttpRequest) -> Route:
        """The route of a request by its head; raises ScoringError for what can be refused before the body is read.

        `respond` or `abandon` must follow: until then a request that scores counts as in flight.
        """
        headers = request.headers
        request.echoed = request_ids(headers)
        if self._cors is not None:
            request.echoed += self._cors.lines(request.method, headers)
        try:
            route = self._table[request.path][request.method]
        except KeyError:
            route = self._unusual(request)
        if route.guarded and self._key is not None:
            self._key.check(headers.get(b"authorization"))
        if b"content-length" in headers and len(headers[b"content-length"]) >= self._digits:
            self._check_length(headers[b"content-length"])
        if route.scores:
            self.readiness.require()
            if self._counters.in_flight >= self._max_in_flight:
                raise Overloaded(f"requests in flight: {self._max_in_flight}, which is the limit; try again")
            self._counters.began()
        return route

    def abandon(self, route: Route) -> None:
        """For a request that was admitted and will not be responded to: it never came whole, or its client is gone."""
        if route.scores:
            self._counters.ended()

    def respond(self, route: Route, request: HttpRequest) -> Response | Outcome:
        """The answer, or a coroutine of it where the model does not answer at once; an error is an answer, too."""
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

    async def _respond_later(self, route: Route, request: HttpRequest, outcome: Awaitable[Response]) -> Response:
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

    def _failed(self, request: HttpRequest, error: Exception) -> Response:
        if isinstance(error, ScoringError):
            return error_response(error)
        log.error("%s %s failed", request.method.decode(), request.path.decode("latin-1"), exc_info=error)
        return error_response(RunFailed("the server failed; the log says why"))

    def _unusual(self, request: HttpRequest) -> Route:
        """Clients make `//score` of an address that ends in a slash: it is `/score`. Raises ScoringError."""
        path = _SLASHES.sub(b"/", request.path)
        methods = self._table.get(path) or self._of_script(path, request.method)
        if methods is None:
            raise NotFound(f"no such path, there are: {', '.join(self._paths())}")
        if (route := methods.get(request.method)) is None:
            raise MethodNotAllowed(request.method.decode(), b", ".join(methods).decode())
        return route

    def _paths(self) -> list[str]:
        """As they are told, each once; those of the entry script only when it is loaded."""
        service = self.readiness.loaded
        scripts = service.paths.templates if service is not None and service.paths is not None else ()
        return list(dict.fromkeys((*(path.decode() for path in self._table), *scripts)))

    def _of_script(self, path: bytes, method: bytes) -> Mapping[bytes, Route] | None:
        """What a path gets that the entry script names beside /score. Until it is loaded none of them is known, and a
        POST to any is answered as one to /score is."""
        service = self.readiness.loaded
        if service is None:
            named = method == b"POST"
        else:
            named = service.paths is not None and service.paths.pattern.fullmatch(path) is not None
        if not named:
            return None
        return {method: route for method, route in self._table[b"/score"].items() if method != b"GET"}

    def _check_length(self, text: bytes) -> None:
        """The parser has refused what is no number, and what has more than 64 bits."""
        try:
            declared = int(text)
        except ValueError:
            raise BadRequest(f"header content-length has {len(text)} digits") from None
        if declared > self._max_body_bytes:
            raise BodyTooLarge(f"body has {declared} bytes, allowed are {self._max_body_bytes}")
