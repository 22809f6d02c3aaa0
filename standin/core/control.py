"""`/_standin/`: the stand-in's own surface, apart from Azure's. Services add their routes and inventories here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from standin.core.http import Handler, Route, WebSocketHandler

Inventory = Callable[[], Awaitable[list[str]]]


class Control:
    def __init__(self) -> None:
        self.routes: list[Route] = []
        self.inventories: dict[str, Inventory] = {}
        self.websockets: dict[str, WebSocketHandler] = {}

    def route(self, method: str, pattern: str, handler: Handler) -> None:
        """Pattern below the root: "/_standin/devices/{device}/power"."""
        if not pattern.startswith("/_standin/"):
            raise ValueError(f"a control route starts with /_standin/, got {pattern!r}")
        self.routes.append(Route(method, pattern, handler))

    def websocket(self, pattern: str, handler: WebSocketHandler) -> None:
        """On every host of the stand-in: a device's hub comes to the host name of its IoT Hub."""
        if not pattern.startswith("/_standin/"):
            raise ValueError(f"a control WebSocket starts with /_standin/, got {pattern!r}")
        self.websockets[pattern] = handler

    def inventory(self, name: str, alive: Inventory) -> None:
        """What a service keeps alive beside ARM resources: `make down` wants it empty."""
        self.inventories[name] = alive
