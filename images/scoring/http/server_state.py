"""What the connections of one port share, and a request that waits in one of them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import NamedTuple

from images.scoring.http.app import App
from images.scoring.http.exchange import HttpRequest, Response
from images.scoring.http.limits import Limits
from images.scoring.http.places import Places
from images.scoring.http.routes import Route
from images.scoring.request import Ends


@dataclass(slots=True, kw_only=True)
class ServerState:
    app: App
    loop: asyncio.AbstractEventLoop
    limits: Limits
    half_close: bool
    """Whether one direction can be closed alone; TLS cannot."""
    constant: bytes = b""
    """Header lines of every answer: the date, set twice a second, and who we are."""
    places: Places
    tasks: set[asyncio.Task[None]] = field(default_factory=set)


class Turn(NamedTuple):
    """A request that waits for the answers before it; without a route it was refused, and `refused` says how."""

    request: HttpRequest
    route: Route | None
    refused: Response | None
    keep_alive: bool


def ends_of(transport: asyncio.Transport, *, tls: bool) -> Ends:
    """Who is at the two ends of a connection, for scripts that ask."""
    client, server = transport.get_extra_info("peername"), transport.get_extra_info("sockname")
    if not client or not server:
        return Ends(tls=tls)  # it is gone already, or no socket of the internet
    return Ends(str(client[0]), int(client[1]), str(server[0]), int(server[1]), tls)
