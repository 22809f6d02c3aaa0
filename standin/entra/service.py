"""login.microsoftonline.com: its hosts and its table of operations."""

from __future__ import annotations

from collections.abc import Sequence

from standin.core.clock import Clock
from standin.core.errors import ServiceError
from standin.core.http import Response, Route, Service
from standin.entra.errors import envelope
from standin.entra.handlers import HOST, SignInHandlers


class EntraService(Service):
    hosts = (HOST, "login.microsoft.com")
    throttles = False

    def __init__(self, handlers: SignInHandlers, clock: Clock) -> None:
        self._clock = clock
        self.routes: Sequence[Route] = (
            Route("GET", "/common/discovery/instance", handlers.instances),
            Route("GET", "/{tenant}/v2.0/.well-known/openid-configuration", handlers.configuration),
            Route("GET", "/{tenant}/.well-known/openid-configuration", handlers.configuration),
            Route("POST", "/{tenant}/oauth2/v2.0/token", handlers.token),
            Route("POST", "/{tenant}/oauth2/token", handlers.token),
        )

    def error(self, problem: ServiceError) -> Response:
        return envelope(problem, self._clock.now())
