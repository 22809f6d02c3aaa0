"""The host of the control surface. Which requests come to it the server decides: it is refused to containers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from standin.core.addresses import CONTROL_HOST
from standin.core.http import Route, Service, WebSocketHandler


class ControlService(Service):
    hosts = (CONTROL_HOST,)
    throttles = False

    def __init__(self, *, routes: Sequence[Route], websockets: Mapping[str, WebSocketHandler]) -> None:
        self.routes = routes
        self.websockets = websockets
