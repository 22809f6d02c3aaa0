"""graph.microsoft.com."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from standin.core.http import Route, Service
from standin.core.obeys import Part
from standin.graph.handlers import HOST


class GraphService(Service):
    hosts = (HOST,)
    throttles = False
    unobeyed: Mapping[Part, str] = {"query": "Request_UnsupportedQuery", "header": "BadRequest", "field": "BadRequest"}

    def __init__(self, routes: Sequence[Route]) -> None:
        self.routes = routes
