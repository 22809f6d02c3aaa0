"""The control surface of the devices, and their WebSocket."""

from __future__ import annotations

from standin.core.control import Control
from standin.edgeruntime.handlers import Handlers
from standin.edgeruntime.links.links import Links

DEVICES = "/_standin/devices"
ONE = DEVICES + "/{hub}/{device}"


def register(control: Control, handlers: Handlers, links: Links) -> None:
    control.route("GET", DEVICES, handlers.list)
    control.route("GET", ONE, handlers.show)
    control.route("POST", f"{ONE}/power", handlers.power)
    control.route("POST", f"{ONE}/cut", handlers.cut)
    control.websocket("/_standin/edge/{device}", links.serve)
