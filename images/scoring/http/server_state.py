"""What the connections of one port share, and a request that waits in one of them."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from time import monotonic
from typing import NamedTuple, Protocol

from images.scoring.http.app import App
from images.scoring.http.exchange import HttpRequest, Response
from images.scoring.http.limits import PIECE_BYTES, TURN_SECONDS, Limits, Phase
from images.scoring.http.places import Places
from images.scoring.http.routes import Route
from images.scoring.request import Ends


class Reads(Protocol):
    def read_on(self) -> None:
        """Parses one piece more."""


class Crowd:
    """Connections that have sent much: each has a piece parsed in turn, and between them all others are looked at."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._waiting: deque[Reads] = deque()
        self.bytes = 0
        """That are not parsed yet."""

    @property
    def is_waiting(self) -> bool:
        """Who sends more than a piece then waits with them: many that take a turn each would take too long."""
        return bool(self._waiting)

    def join(self, connection: Reads) -> None:
        self._waiting.append(connection)
        if len(self._waiting) == 1:
            self._loop.call_soon(self._work)

    def _work(self) -> None:
        until = monotonic() + TURN_SECONDS
        for _ in range(len(self._waiting)):
            # it stays in the queue meanwhile: it joins it again, or another one, without a second call of this
            self._waiting[0].read_on()
            self._waiting.popleft()
            if monotonic() > until:
                break
        if self._waiting:
            self._loop.call_soon(self._work)


class Unparsed:
    """What a connection has sent and is not parsed yet: counted with that of all others, and taken in pieces."""

    __slots__ = ("_crowd", "at_once", "greedy", "rest")

    def __init__(self, crowd: Crowd) -> None:
        self._crowd = crowd
        self.rest = memoryview(b"")
        self.at_once = PIECE_BYTES
        """More bytes than that wait for their turn; -1: all do."""
        self.greedy = False
        """Its connection has sent many requests or chunks at once, or some that took long."""

    def add(self, data: bytes) -> None:
        # where there is some already: what the transport had read before it heard that it should pause
        self.rest = memoryview(bytes(self.rest) + data) if self.rest else memoryview(data)
        self.at_once = -1
        self._crowd.bytes += len(data)

    def take(self, size: int) -> memoryview:
        piece, self.rest = self.rest[:size], self.rest[size:]
        self._crowd.bytes -= len(piece)
        return piece

    def drop(self) -> None:
        self._crowd.bytes -= len(self.rest)
        self.rest = memoryview(b"")

    def taken(self) -> None:
        """All of it."""
        self.rest = memoryview(b"")  # an empty part of what was read would keep the whole of it
        self.at_once = -1 if self.greedy else PIECE_BYTES

    def after_others(self) -> None:
        """Each piece has its turn after those of all others from now on."""
        self.greedy, self.at_once = True, -1


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
    crowd: Crowd
    tasks: set[asyncio.Task[None]] = field(default_factory=set)


class Phased:
    """What a connection waits for, and since when, in the loop's time."""

    def __init__(self, now: float) -> None:
        self._busy = False
        """The model works on an answer; until then nothing is read."""
        self._idle_since = now
        self._arriving_since: float | None = now
        self._unread_since: float | None = None
        self._closing_since: float | None = None

    def waiting_since(self) -> float | None:
        phase, since = self._phase()
        return None if phase is Phase.ANSWERING else since

    def is_half(self) -> bool:
        return self._phase()[0] is Phase.ARRIVING

    def _phase(self) -> tuple[Phase, float]:
        if self._closing_since is not None:
            return Phase.CLOSING, self._closing_since
        if self._unread_since is not None:
            return Phase.UNREAD, self._unread_since
        if self._busy:
            return Phase.ANSWERING, self._idle_since
        if self._arriving_since is not None:
            return Phase.ARRIVING, self._arriving_since
        return Phase.IDLE, self._idle_since


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
