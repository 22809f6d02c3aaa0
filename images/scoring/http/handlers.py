"""What each route answers: translates between HTTP and the service."""

from __future__ import annotations

from collections.abc import Awaitable
from time import perf_counter

import msgspec

from images.scoring.bodies.json import azureml_list_form
from images.scoring.errors import Forbidden, NotReady
from images.scoring.http.content_encoding import unpacked
from images.scoring.http.exchange import JSON_TYPE, NOT_RUN, HttpRequest, Response
from images.scoring.http.swagger import document
from images.scoring.metrics import Metrics, WorkerMetrics
from images.scoring.model.device import DEVICES
from images.scoring.service.readiness import Readiness
from images.scoring.service.scoring import Answer

TEXT_HTML = b"content-type: text/html; charset=utf-8\r\n"
LIST_FORM = b"application/vnd.azureml.v1+json"
_SCORED = JSON_TYPE + NOT_RUN + b"x-ms-run-fn-exec-ms: %.3f\r\n%b"
_SCRIPT_ANSWERED = b"%bx-ms-run-fn-exec-ms: %.3f\r\n%b"
_DEVICES = {name: f"x-scoring-device: {name}\r\n".encode() for name in DEVICES}


class Handlers:
    def __init__(
        self,
        *,
        readiness: Readiness,
        metrics: Metrics,
        counters: WorkerMetrics,
        max_body_bytes: int,
        answers_lists: bool,
        keyed: bool,
    ) -> None:
        """`answers_lists`: always in Azure ML's original form. `keyed`: this port asks for a key."""
        self._readiness = readiness
        self._metrics = metrics
        self._counters = counters
        self._max_body_bytes = max_body_bytes
        self._answers_lists = answers_lists
        self._keyed = keyed
        self._described: Response | None = None

    def live(self, request: HttpRequest) -> Response:
        service = self._readiness.loaded
        if service is not None and service.hung:
            raise NotReady("run() has timed out and still not returned")
        return Response(b"Healthy", head=TEXT_HTML)

    def ready(self, request: HttpRequest) -> Response:
        service = self._readiness.check()
        told = {"model": service.card.name, "version": service.version, "device": service.device}
        return Response(msgspec.json.encode({"status": "ready", **told}))

    def metrics(self, request: HttpRequest) -> Response:
        service = self._readiness.loaded
        told = {"model": service.card.name, "version": service.version, "device": service.device} if service else {}
        body = self._metrics.render(**told, ready=service is not None)
        return Response(body, head=b"content-type: text/plain; version=0.0.4\r\n")

    def swagger(self, request: HttpRequest) -> Response:
        service = self._readiness.service
        if self._described is None:
            paths = () if service.paths is None else service.paths.templates
            described = document(service.card, service.bodies, service.schemas, paths=paths, keyed=self._keyed)
            self._described = Response(msgspec.json.encode(described))
        return self._described

    def options(self, request: HttpRequest) -> Response:
        return Response(head=TEXT_HTML + NOT_RUN + b"allow: POST, GET, OPTIONS\r\n")

    def score_elsewhere(self, request: HttpRequest) -> Response:
        raise Forbidden("this port is for probes; score over HTTPS")

    def score(self, request: HttpRequest) -> Response | Awaitable[Response]:
        began = perf_counter()
        if b"content-encoding" in request.headers:
            request.body = unpacked(request.body, request.headers[b"content-encoding"], limit=self._max_body_bytes)
        answer = self._readiness.service.answer(request)
        if isinstance(answer, Answer):
            return self._scored(request, answer, began)
        return self._score_later(request, answer, began)

    async def _score_later(self, request: HttpRequest, answer: Awaitable[Answer], began: float) -> Response:
        return self._scored(request, await answer, began)

    def _scored(self, request: HttpRequest, answer: Answer, began: float) -> Response:
        self._counters.scored(seconds=perf_counter() - began, rows=answer.rows)
        body, service = answer.body, self._readiness.service
        device = _DEVICES[service.device] if service.device_chosen else b""
        if answer.head is not None:
            return Response(body, answer.status, _SCRIPT_ANSWERED % (answer.head, answer.run_ms, device))
        if self._answers_lists or LIST_FORM in request.headers.get(b"accept", b""):
            body = azureml_list_form(body)
        return Response(body, 200, _SCORED % (answer.run_ms, device))
