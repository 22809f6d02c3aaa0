"""HTTP/1.1 on asyncio: one object a connection, answers in the order of the requests, and limits on its time.

Nothing is read from a connection while an answer is awaited or not taken. Why not uvicorn: docs/decisions/0015.
https://www.rfc-editor.org/rfc/rfc9112
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import NamedTuple, cast

from images.scoring.errors import Overloaded, RequestTimedOut, ScoringError
from images.scoring.http.app import App, Outcome
from images.scoring.http.ends import ends_of
from images.scoring.http.exchange import HttpRequest, Response
from images.scoring.http.limits import Ending, Limits, Phase, ending
from images.scoring.http.request_reader import RequestReader, UpgradeAsked
from images.scoring.http.routes import Route

_STATUS = {status.value: f"{status.value} {status.phrase}".encode() for status in HTTPStatus}
_ANSWER = b"HTTP/1.1 %b\r\n%bcontent-length: %d\r\n%b%b%b\r\n%b"
_WITHOUT_BODY = frozenset((204, 304))
"""A client takes what follows their head for the next answer. https://www.rfc-editor.org/rfc/rfc9110#name-204-no-content"""
_BODILESS_ANSWER = b"HTTP/1.1 %b\r\n%b%b%b%b\r\n"
_CLOSE = b"connection: close\r\n"
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


@dataclass(slots=True, kw_only=True)
class ServerState:
    """What the connections of one port share."""

    app: App
    loop: asyncio.AbstractEventLoop
    limits: Limits
    half_close: bool
    """Whether one direction can be closed alone; TLS cannot."""
    constant: bytes = b""
    """Header lines of every answer: the date, set twice a second, and who we are."""
    connections: set[Connection] = field(default_factory=set)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)


class Turn(NamedTuple):
    """A request that waits for the answers before it; without a route it was refused, and `refused` says how."""

    request: HttpRequest
    route: Route | None
    refused: Response | None
    keep_alive: bool


class Connection(asyncio.Protocol):
    __slots__ = (
        "_app",
        "_arriving_since",
        "_busy",
        "_closing_since",
        "_ends",
        "_idle_since",
        "_last",
        "_queue",
        "_reader",
        "_state",
        "_time",
        "_transport",
        "_unread_since",
    )
    _transport: asyncio.Transport

    def __init__(self, state: ServerState) -> None:
        self._state = state
        self._app = state.app
        self._time = state.loop.time
        self._reader = RequestReader(self, max_body_bytes=state.limits.max_body_bytes)
        self._queue: deque[Turn] = deque()
        self._busy = False
        """The model works on an answer; until then nothing is read."""
        self._last = False
        """The connection ends after the answers that are due."""
        self._idle_since = self._time()
        self._arriving_since: float | None = self._time()
        self._unread_since: float | None = None
        self._closing_since: float | None = None

    @property
    def arriving(self) -> bool:
        """A request is expected or has begun, and is not complete."""
        return self._arriving_since is not None

    # asyncio's side

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._ends = ends_of(self._transport, tls=not self._state.half_close)
        self._state.connections.add(self)
        limit = self._state.limits.max_connections
        if len(self._state.connections) > limit:
            self._refuse(Overloaded(f"more than {limit} connections"))

    def data_received(self, data: bytes) -> None:
        if self._closing_since is not None:
            return
        if self._arriving_since is None:
            self._arriving_since = self._time()
        try:
            self._reader.feed(data)
        except UpgradeAsked:
            # answered like any other; what follows would be another protocol
            self._end_after_answers()
        except ScoringError as error:
            self._refuse(error)

    def eof_received(self) -> bool:
        """Whoever has asked and will ask no more still gets the answer."""
        waits = self._state.half_close and (self._busy or bool(self._queue))
        if waits:
            self._last = True
        return waits

    def connection_lost(self, exc: Exception | None) -> None:
        self._state.connections.discard(self)
        self._closing_since = self._time()
        self._drop_arriving()
        for turn in self._queue:
            if turn.route is not None:
                self._app.abandon(turn.route)
        self._queue.clear()

    def pause_writing(self) -> None:
        self._unread_since = self._time()
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        self._unread_since = None
        self._next()

    # the reader's side

    def head_arrived(self, request: HttpRequest) -> Route | None:
        if self._closing_since is not None or self._last:
            return None  # its bytes came together with those of a request that ended this connection
        request.ends = self._ends
        try:
            route = self._app.admit(request)
        except ScoringError as error:
            self._refuse_arriving(error)
            return None
        headers = request.headers
        if b"expect" in headers and not self._busy and headers[b"expect"].lower() == b"100-continue":
            self._transport.write(_CONTINUE)
        return route

    def body_refused(self, error: ScoringError) -> None:
        self._drop_arriving()
        self._refuse_arriving(error)

    def request_arrived(self, route: Route | None, request: HttpRequest) -> None:
        self._arriving_since = None
        if route is None:
            return
        if self._busy or self._unread_since is not None:
            self._wait(Turn(request, route, None, self._reader.keep_alive))
        else:
            self._answer(route, request, self._reader.keep_alive)

    # answers, in the order of the requests

    def _answer(self, route: Route, request: HttpRequest, keep_alive: bool) -> None:
        outcome = self._app.respond(route, request)
        if isinstance(outcome, Response):
            self._write(outcome, request, keep_alive)
            return
        self._busy = True
        # what a client sends before it has its answer stays in the kernel's buffer
        self._transport.pause_reading()
        task = self._state.loop.create_task(self._answer_later(outcome, request, keep_alive))
        self._state.tasks.add(task)
        task.add_done_callback(self._state.tasks.discard)

    async def _answer_later(self, outcome: Outcome, request: HttpRequest, keep_alive: bool) -> None:
        response = await outcome
        self._busy = False
        if self._arriving_since is not None:
            self._arriving_since = self._time()  # the next request could not arrive while nothing was read
        self._write(response, request, keep_alive)
        self._next()

    def _wait(self, turn: Turn) -> None:
        self._queue.append(turn)
        self._transport.pause_reading()

    def _next(self) -> None:
        while self._queue and not self._busy and self._unread_since is None and self._closing_since is None:
            turn = self._queue.popleft()
            if turn.route is not None:
                self._answer(turn.route, turn.request, turn.keep_alive)
            elif turn.refused is not None:
                self._write(turn.refused, turn.request, turn.keep_alive)
        if not self._busy and not self._queue and self._unread_since is None:
            if self._last:
                self._close()
            elif not self._transport.is_closing():
                self._transport.resume_reading()

    def _write(self, response: Response, request: HttpRequest, keep_alive: bool) -> None:
        if self._closing_since is not None:
            return
        close = not keep_alive or self._app.draining or (self._last and not self._queue)
        self._transport.write(self._bytes(response, request, _CLOSE if close else b""))
        if close:
            self._close(linger=self._arriving_since is not None)
        else:
            self._idle_since = self._time()

    def _bytes(self, response: Response, request: HttpRequest, close: bytes) -> bytes:
        constant, body = self._state.constant, response.body
        status = _STATUS.get(response.status) or b"%d UNKNOWN" % response.status
        if response.status in _WITHOUT_BODY:
            return _BODILESS_ANSWER % (status, constant, response.head, request.echoed, close)
        sent = b"" if request.method == b"HEAD" else body
        return _ANSWER % (status, constant, len(body), response.head, request.echoed, close, sent)

    # refusals and endings

    def _refuse_arriving(self, error: ScoringError) -> None:
        """Answer before the body is here. What is left of it is read and thrown away: its sender would not see the
        answer if the connection were reset under it."""
        request = self._reader.request
        # whoever waits for 100 may send its body now or not: nobody could tell the next request from it
        keep_alive = self._reader.keep_alive and b"expect" not in request.headers
        response = self._app.refuse(error)
        if self._busy or self._unread_since is not None:
            self._wait(Turn(request, None, response, keep_alive))
        else:
            self._write(response, request, keep_alive)

    def _refuse(self, error: ScoringError) -> None:
        """Nothing more can be read here, or nothing comes: close, and say why unless an answer is due before."""
        self._drop_arriving()
        if self._busy or self._queue:
            self._end_after_answers()
            return
        if not self._transport.is_closing():
            self._write(self._app.refuse(error), HttpRequest(), keep_alive=False)

    def _drop_arriving(self) -> None:
        if (route := self._reader.drop()) is not None:
            self._app.abandon(route)

    def _end_after_answers(self) -> None:
        self._last = True
        if not self._busy and not self._queue:
            self._close()

    def _close(self, *, linger: bool = False) -> None:
        """With `linger`, only our direction: to close with bytes unread is a reset, which may overtake the answer."""
        if self._closing_since is not None:
            return
        self._closing_since = self._time()
        if linger and self._state.half_close and not self._transport.is_closing():
            self._transport.write_eof()
            self._transport.resume_reading()
        else:
            self._transport.close()

    def shutdown(self) -> None:
        """Take no new request: close now, or after the answers that are due."""
        self._end_after_answers()

    def abort(self) -> None:
        self._transport.abort()

    def check_time(self, now: float) -> None:
        """Called twice a second with the loop's time: ends a connection that is too long in its phase."""
        phase, since = self._phase()
        match ending(phase, now - since, self._state.limits):
            case Ending.ABORT:
                self._transport.abort()
            case Ending.REFUSE:
                self._refuse(RequestTimedOut("request did not arrive in time"))
            case Ending.CLOSE:
                self._close()

    def _phase(self) -> tuple[Phase, float]:
        """With the loop's time at which it began."""
        if self._closing_since is not None:
            return Phase.CLOSING, self._closing_since
        if self._unread_since is not None:
            return Phase.UNREAD, self._unread_since
        if self._busy:
            return Phase.ANSWERING, self._idle_since
        if self._arriving_since is not None:
            return Phase.ARRIVING, self._arriving_since
        return Phase.IDLE, self._idle_since
