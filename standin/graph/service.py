"""graph.microsoft.com."""

from __future__ import annotations

from collections.abc import Sequence

from standin.core.http import Route, Service
from standin.graph.handlers import HOST


class GraphService(Service):
    hosts = (HOST,)
    throttles = False

    def __init__(self, routes: Sequence[Route]) -> None:
        self.routes = routes
