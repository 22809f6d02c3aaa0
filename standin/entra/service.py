"""login.microsoftonline.com."""

from __future__ import annotations

from collections.abc import Sequence

from standin.core.clock import Clock
from standin.core.errors import ServiceError
from standin.core.http import Response, Route, Service
from standin.entra.errors import envelope
from standin.entra.handlers import HOST


class EntraService(Service):
    hosts = (HOST, "login.microsoft.com")
    throttles = False

    def __init__(self, routes: Sequence[Route], clock: Clock) -> None:
        self.routes = routes
        self._clock = clock

    def error(self, problem: ServiceError) -> Response:
        return envelope(problem, self._clock.now())
