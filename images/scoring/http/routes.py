"""The route table of a port: paths and methods are those of Azure ML's inference server.

Its clients and probes work here. https://learn.microsoft.com/azure/machine-learning/how-to-inference-server-http#server-routes
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import NamedTuple

from images.scoring.http.exchange import HttpRequest, Response
from images.scoring.http.handlers import Handlers

Handler = Callable[[HttpRequest], Response | Awaitable[Response]]


class Route(NamedTuple):
    handler: Handler
    guarded: bool = False
    """Behind the key, where this port has one."""
    scores: bool = False
    """Counted as in flight from its head on, as a body that is still coming takes memory, too. Of all others the body
    is thrown away."""


Table = Mapping[bytes, Mapping[bytes, Route]]
"""By path, then by method."""


def table(handlers: Handlers, *, scores: bool) -> Table:
    """With `scores` False the port answers probes only: the other one has the certificate and the key."""
    live, ready = Route(handlers.live), Route(handlers.ready)
    score = Route(handlers.score, guarded=True, scores=True) if scores else Route(handlers.score_elsewhere)
    routes = {
        b"/": {b"GET": live, b"HEAD": live},
        b"/live": {b"GET": live, b"HEAD": live},
        b"/ready": {b"GET": ready, b"HEAD": ready},
        b"/metrics": {b"GET": Route(handlers.metrics, guarded=True)},
        b"/score": {b"POST": score, b"GET": score, b"OPTIONS": Route(handlers.options)},
    }
    if scores:
        routes[b"/swagger.json"] = {b"GET": Route(handlers.swagger, guarded=True)}
    return routes
