"""`/_standin/`: the stand-in's own surface, beside Azure's: health, clock, faults, reset, and what is alive.

It stands above the other services: their parts bring it routes, WebSockets and inventories.
"""

from __future__ import annotations

from collections.abc import Sequence

from standin.control.access import ControlAccess
from standin.control.faults import FaultHandlers
from standin.control.handlers import ControlHandlers
from standin.control.inventory import Inventories
from standin.control.reset import Reset
from standin.control.routes import own_routes
from standin.control.service import ControlService
from standin.core.part import Part, merged

__all__ = [
    "ControlAccess",
    "ControlHandlers",
    "ControlService",
    "FaultHandlers",
    "Inventories",
    "Reset",
    "control_service",
]


def control_service(
    parts: Sequence[Part], handlers: ControlHandlers, faults: FaultHandlers, access: ControlAccess
) -> ControlService:
    routes = (*own_routes(handlers, faults), *(route for part in parts for route in part.control_routes))
    return ControlService(
        routes=[access.guard(route) for route in routes],
        websockets=merged(part.control_websockets for part in parts),
    )
