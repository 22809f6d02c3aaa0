"""HTTP/1.1 on asyncio: one object a connection, answers in the order of the requests, and limits on its time.

Nothing is read from a connection while an answer is awaited or not taken. Why not uvicorn: docs/decisions/0015.
https://www.rfc-editor.org/rfc/rfc9112
"""

from __future__ import annotations

import asyncio
from collections import deque
from time import monotonic
from typing import cast

from images.scoring.errors import Overloaded, RequestTimedOut, ScoringError
from images.scoring.http.app import Outcome
from images.scoring.http.exchange import HttpRequest, Response, as_sent
from images.scoring.http.limits import (
    MAX_STEPS_AT_ONCE,
    MAX_WAITING_BYTES,
    PIECE_BYTES,
    TURN_SECONDS,
    WRITE_BUFFER_BYTES,
    Ending,
    Phase,
    ending,
)
from images.scoring.http.places import Holder
from images.scoring.http.request_reader import RequestReader, TooMuchThrownAway, UpgradeAsked
from images.scoring.http.routes import Route
from images.scoring.http.server_state import Phased, ServerState, Turn, Unparsed, ends_of

_CLOSE = b"connection: close\r\n"
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class Connection(Phased, asyncio.Protocol):
    _transport: asyncio.Transport

    def __init__(self, state: ServerState, handshake: Holder | None = None) -> None:
        """`handshake` has held its place until now."""
        super().__init__(state.loop.time())
        self._state = state
        self._handshake = handshake
        self._app = state.app
        self._time = state.loop.time
        self._reader = RequestReader(self, max_body_bytes=state.limits.max_body_bytes)
        self._unparsed = Unparsed(state.crowd)
        self._queue: deque[Turn] = deque()
        self._last = False
        """The connection ends after the answers that are due."""
        self._ended = False
        """The client has closed its side."""

    @property
    def arriving(self) -> bool:
        """A request is expected or has begun, and is not complete."""
        return self._arriving_since is not None or bool(self._unparsed.rest)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._ends = ends_of(self._transport, tls=not self._state.half_close)
        places = self._state.places
        if self._handshake is not None:
            # asyncio's own limits are eight and sixteen times as high under TLS
            self._transport.set_write_buffer_limits(high=WRITE_BUFFER_BYTES)
            self._transport.set_read_buffer_limits(high=PIECE_BYTES)  # type: ignore[attr-defined]
            places.leave(self._handshake)
        if places.take(self):
            return
        if places.turn_away(self):
            self._refuse(Overloaded(f"more than {self._state.limits.max_connections} connections"))
        else:
            self.abort()

    def data_received(self, data: bytes) -> None:
        if self._closing_since is not None:
            return
        at_once = self._unparsed.at_once
        if len(data) <= at_once or (len(data) <= self._reader.body_left and at_once > 0):
            self._feed(data)
            return
        self._unparsed.add(data)
        self._transport.pause_reading()
        if self._state.crowd.bytes > MAX_WAITING_BYTES:
            self.abort()
        elif not self._has_enough():
            self._read_or_wait()

    def _feed(self, data: bytes | memoryview) -> None:
        self._arriving_since = self._arriving_since or self._time()
        try:
            self._reader.feed(data)
        except UpgradeAsked:
            self.shutdown()  # answered like any other; what follows would be another protocol
        except TooMuchThrownAway:
            self.shutdown(linger=True)
        except ScoringError as error:
            self._refuse(error)
        if self._reader.steps > MAX_STEPS_AT_ONCE:
            self._unparsed.after_others()

    def _read_or_wait(self) -> None:
        if self._unparsed.greedy or self._state.crowd.is_waiting:
            self._state.crowd.join(self)
        else:
            self.read_on()

    def read_on(self) -> None:
        unparsed, until = self._unparsed, monotonic() + TURN_SECONDS
        while unparsed.rest and not self._has_enough() and self._closing_since is None:
            self._feed(unparsed.take(max(PIECE_BYTES, self._reader.body_left)))
            if monotonic() > until:
                unparsed.after_others()
            if unparsed.greedy:
                break
        if not unparsed.rest:
            unparsed.taken()
            self._last = self._last or self._ended
        self._next()

    def eof_received(self) -> bool:
        """Whoever has asked and will ask no more still gets the answer."""
        waits = self._state.half_close and (self._busy or bool(self._queue))
        self._ended = waits
        self._last = self._last or (waits and not self._unparsed.rest)
        return waits

    def connection_lost(self, exc: Exception | None) -> None:
        self._state.places.leave(self)
        self._closing_since = self._time()
        self._drop_arriving()
        while self._queue:
            if (route := self._queue.popleft().route) is not None:
                self._app.abandon(route)

    def pause_writing(self) -> None:
        self._unread_since = self._time()
        self._transport.pause_reading()
        self._state.places.unsent(self, self._transport.get_write_buffer_size() + len(self._unparsed.rest))

    def resume_writing(self) -> None:
        self._unread_since = None
        self._state.places.sent(self)
        self._next()

    def head_arrived(self, request: HttpRequest) -> Route | None:
        if self._closing_since is not None or self._last:
            return None  # its bytes came together with those of a request that ended this connection
        request.ends = self._ends
        try:
            route = self._app.admit(request)
        except ScoringError as error:
            if not isinstance(error, Overloaded) or not self._state.places.end_slow_bodies():
                self._refuse_arriving(error)
                return None
            route = self._app.admit(request)
        headers = request.headers
        if b"expect" in headers and not self._busy and headers[b"expect"].lower() == b"100-continue":
            self._transport.write(_CONTINUE)
        return route

    def _has_enough(self) -> bool:
        return bool(self._queue) or self._busy or self._unread_since is not None

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
            request, route, refused, keep_alive = self._queue.popleft()
            if route is not None:
                self._answer(route, request, keep_alive)
            elif refused is not None:
                self._write(refused, request, keep_alive)
        if self._has_enough() or self._closing_since is not None:
            return
        if self._last:
            self._close()
        elif self._unparsed.rest:
            self._read_or_wait()
        elif not self._transport.is_closing():
            self._transport.resume_reading()

    def _write(self, response: Response, request: HttpRequest, keep_alive: bool) -> None:
        if self._closing_since is not None:
            return
        close = not keep_alive or self._app.readiness.ends_connections or (self._last and not self._queue)
        self._transport.write(as_sent(response, request, self._state.constant, _CLOSE if close else b""))
        if close:
            self._close(linger=self._arriving_since is not None)
        else:
            self._idle_since = self._time()

    def _refuse_arriving(self, error: ScoringError) -> None:
        """Answer before the body is here. What is left of it is read and thrown away: its sender would not see the
        answer if the connection were reset under it."""
        request = self._reader.request
        # whoever waits for 100 may send its body now or not: nobody could tell the next request from it
        keep_alive = self._reader.keep_alive and b"expect" not in request.headers
        if self._busy or self._unread_since is not None:
            self._wait(Turn(request, None, self._app.refuse(error), keep_alive))
        else:
            self._write(self._app.refuse(error), request, keep_alive)

    def _refuse(self, error: ScoringError) -> None:
        """Nothing more can be read here, or nothing comes: close, and say why unless an answer is due before."""
        self._drop_arriving()
        if self._busy or self._queue:
            self.shutdown()
            return
        if not self._transport.is_closing():
            self._write(self._app.refuse(error), HttpRequest(), keep_alive=False)

    def _drop_arriving(self) -> None:
        self._unparsed.drop()
        if (route := self._reader.drop()) is not None:
            self._app.abandon(route)

    def shutdown(self, *, linger: bool = False) -> None:
        """Closes now, or after the answers that are due."""
        self._last = True
        if not self._busy and not self._queue:
            self._close(linger=linger)

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

    def abort(self) -> None:
        self._drop_arriving()
        self._closing_since = self._time()
        self._transport.abort()

    def awaits_body(self) -> bool:
        return self._reader.awaits_body

    def give_up(self) -> None:
        if self._phase()[0] not in (Phase.ARRIVING, Phase.IDLE) or not self._state.places.turn_away(self):
            self.abort()
        elif self.is_half():
            self._refuse(Overloaded("the request did not arrive in time, and its place is needed"))
        else:
            self._close()

    def check_time(self, now: float) -> None:
        phase, since = self._phase()
        match ending(phase, now - since, self._state.limits):
            case Ending.ABORT:
                self._transport.abort()
            case Ending.REFUSE:
                self._refuse(RequestTimedOut("request did not arrive in time"))
            case Ending.CLOSE:
                self._close()
