"""The token service's routes. They are served on loopback in plain HTTP: Docker speaks HTTP to loopback registries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from standin.containerregistry.errors import envelope
from standin.containerregistry.handlers import TokenHandlers
from standin.containerregistry.state import Registries
from standin.core.errors import ServiceError
from standin.core.http import Response, Route, WebSocketHandler


class RegistryService:
    hosts: Sequence[str] = ("127.0.0.1",)
    websockets: Mapping[str, WebSocketHandler] = {}
    throttles = False  # Docker does not come again after a 429 of a token service

    def __init__(self, registries: Registries) -> None:
        handlers = TokenHandlers(registries)
        self._registries = registries
        self.routes: Sequence[Route] = (
            Route("GET", "/oauth2/token", handlers.token_for_password),
            Route("POST", "/oauth2/token", handlers.token_for_refresh_token),
            Route("POST", "/oauth2/exchange", handlers.exchange),
        )

    def error(self, problem: ServiceError) -> Response:
        return envelope(problem)

    async def start(self) -> None:
        await self._registries.start()

    async def stop(self) -> None:
        await self._registries.stop()
