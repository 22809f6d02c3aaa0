"""What the control surface has of its own."""

from __future__ import annotations

from collections.abc import Sequence

from standin.control.faults import FaultHandlers
from standin.control.handlers import ControlHandlers
from standin.core.http import Route
from standin.core.obeys import obeys


def own_routes(handlers: ControlHandlers, faults: FaultHandlers) -> Sequence[Route]:
    return (
        Route("GET", "/_standin/health", handlers.health),
        Route("POST", "/_standin/reset", handlers.reset),
        Route("GET", "/_standin/clock", handlers.clock),
        Route("POST", "/_standin/clock", handlers.advance, obeys=obeys(fields="advanceSeconds")),
        Route("GET", "/_standin/resources", handlers.resources),
        Route("GET", "/_standin/faults", faults.show),
        Route("POST", "/_standin/faults", faults.plan, obeys=obeys(body=True)),
        Route("DELETE", "/_standin/faults", faults.clear),
        Route("DELETE", "/_standin/faults/held", faults.release),
        Route("POST", "/_standin/faults/cut", faults.cut, obeys=obeys(fields="device cut")),
    )
