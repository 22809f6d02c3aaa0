"""The control surface of the devices."""

from __future__ import annotations

from collections.abc import Sequence

from standin.core.http import Route
from standin.core.obeys import obeys
from standin.edgeruntime.handlers import Handlers

DEVICES = "/_standin/devices"
ONE = DEVICES + "/{hub}/{device}"
UPSTREAM = "/_standin/edge/{device}"
"""The WebSocket of a device's hub; it comes to the host name of its IoT Hub."""


def control_routes(handlers: Handlers) -> Sequence[Route]:
    return (
        Route("GET", DEVICES, handlers.list),
        Route("GET", ONE, handlers.show),
        Route("POST", f"{ONE}/power", handlers.power, obeys=obeys(fields="power orderly")),
        Route("POST", f"{ONE}/cut", handlers.cut, obeys=obeys(fields="upstream")),
    )
