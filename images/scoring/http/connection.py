"""HTTP/1.1 on asyncio: one object a connection, httptools as the parser, and the limits that need no proxy in front.

A head has a size, a request has a time to arrive, an answer a time to be taken, the connections have a number; nothing
is read while an answer is awaited. Why not uvicorn: docs/decisions/0015. https://www.rfc-editor.org/rfc/rfc9112
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import NamedTuple, cast
from urllib.parse import unquote_to_bytes

import httptools

from images.scoring.errors import (
    BadRequest,
    BodyTooLarge,
    HeaderTooLong,
    Overloaded,
    RequestTimedOut,
    ScoringError,
)
from images.scoring.http.app import App, Outcome, Route
from images.scoring.request import Request, Response

MAX_HEAD_BYTES = 32 * 1024
LINGER_SECONDS = 1.0

_STATUS = {status.value: f"{status.value} {status.phrase}".encode() for status in HTTPStatus}
_ANSWER = b"HTTP/1.1 %b\r\n%bcontent-length: %d\r\n%b%b%b\r\n%b"
_CLOSE = b"connection: close\r\n"
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


@dataclass(slots=True, kw_only=True)
class Host:
    """What the connections of one port share."""

    app: App
    loop: asyncio.AbstractEventLoop
    max_connections: int
    max_body_bytes: int
    half_close: bool
    """TLS has none."""
    constant: bytes = b""
    """Header lines of every answer: the date, set twice a second, and who we are."""
    connections: set[Connection] = field(default_factory=set)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)


class Turn(NamedTuple):
    """A request that waits for the answers before it; without a route it was refused, and `refused` says how."""

    request: Request
    route: Route | None
    refused: Response | None
    keep_alive: bool


class Connection(asyncio.Protocol):
    __slots__ = (
        "_app",
        "_body",
        "_busy",
        "_closing_since",
        "_head_bytes",
        "_headers",
        "_host",
        "_idle_since",
        "_in_head",
        "_keep_alive",
        "_last",
        "_more_body",
        "_parser",
        "_queue",
        "_request",
        "_route",
        "_since",
        "_stuck_since",
        "_time",
        "_transport",
        "_url",
    )
    _transport: asyncio.Transport

    def __init__(self, host: Host) -> None:
        self._host = host
        self._app = host.app
        self._time = host.loop.time
        self._parser = httptools.HttpRequestParser(self)
        # the request that arrives
        self._url = b""
        self._headers: dict[bytes, bytes] = {}
        self._request: Request | None = None
        self._route: Route | None = None
        self._body = b""
        self._more_body: bytearray | None = None
        self._keep_alive = True
        self._in_head = True
        self._head_bytes = 0
        self._since: float | None = self._time()
        # the answers
        self._busy = False
        self._queue: deque[Turn] = deque()
        self._last = False
        self._idle_since = self._time()
        self._stuck_since: float | None = None
        self._closing_since: float | None = None

    @property
    def arriving(self) -> bool:
        """A request is expected or has begun, and is not complete."""
        return self._since is not None

    # asyncio's side

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._host.connections.add(self)
        if len(self._host.connections) > self._host.max_connections:
            self._refuse(Overloaded(f"more than {self._host.max_connections} connections"))

    def data_received(self, data: bytes) -> None:
        if self._closing_since is not None:
            return
        if self._since is None:
            self._since = self._time()
        if self._in_head:
            self._head_bytes += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            # answered like any other; what follows would be another protocol
            self._end_after_answers()
        except httptools.HttpParserError as error:
            self._refuse(BadRequest(f"not HTTP/1.1: {error.args[0] if error.args else 'unreadable'}"))
        else:
            # after feeding: most heads arrive whole, with their body, and are over by now
            if self._in_head and self._head_bytes > MAX_HEAD_BYTES:
                self._refuse(HeaderTooLong(f"request head is longer than {MAX_HEAD_BYTES} bytes"))

    def eof_received(self) -> bool:
        """Whoever has asked and will ask no more still gets the answer."""
        waits = self._host.half_close and (self._busy or bool(self._queue))
        if waits:
            self._last = True
        return waits

    def connection_lost(self, exc: Exception | None) -> None:
        self._host.connections.discard(self)
        self._closing_since = self._time()
        self._forget_arriving()
        for turn in self._queue:
            if turn.route is not None:
                self._app.abandon(turn.route)
        self._queue.clear()

    def pause_writing(self) -> None:
        self._stuck_since = self._time()
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        self._stuck_since = None
        self._next()

    # the parser's side

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._in_head:  # not so a trailer, after a chunked body
            self._headers[name.lower()] = value

    def on_headers_complete(self) -> None:
        parser = self._parser
        self._in_head = False
        self._head_bytes = 0
        headers = self._headers
        self._keep_alive = parser.should_keep_alive()
        if b"connection" in headers and parser.get_http_version() == "1.0":
            self._keep_alive = False  # it would have to be agreed on in the answer
        path, query = _target(self._url)
        self._request = request = Request(b"", parser.get_method(), path, query, headers)
        self._url = b""
        self._headers = {}
        if self._closing_since is not None or self._last:
            return  # it came in the same breath as one that ended this connection
        try:
            self._route = self._app.admit(request)
        except ScoringError as error:
            self._refuse_arriving(error)
            return
        if b"expect" in headers and not self._busy and headers[b"expect"].lower() == b"100-continue":
            self._transport.write(_CONTINUE)

    def on_body(self, body: bytes) -> None:
        if self._route is None:
            return  # refused: read and thrown away, within the request's time
        if not self._body:
            self._body = body
            size = len(body)
        else:
            if self._more_body is None:
                self._more_body = bytearray(self._body)
            self._more_body += body
            size = len(self._more_body)
        if size > self._host.max_body_bytes:
            limit = self._host.max_body_bytes
            self._forget_arriving()
            self._refuse_arriving(BodyTooLarge(f"body has more than {limit} bytes, which is the limit"))

    def on_message_complete(self) -> None:
        request, route = self._request, self._route
        self._since = None
        self._in_head = True
        self._route = None
        if route is None or request is None:
            return
        request.body = self._body if self._more_body is None else bytes(self._more_body)
        self._body = b""
        self._more_body = None
        if self._busy or self._stuck_since is not None:
            self._wait(Turn(request, route, None, self._keep_alive))
        else:
            self._answer(route, request, self._keep_alive)

    # answers, in the order of the requests

    def _answer(self, route: Route, request: Request, keep_alive: bool) -> None:
        outcome = self._app.respond(route, request)
        if isinstance(outcome, Response):
            self._write(outcome, request, keep_alive)
            return
        self._busy = True
        # what a client sends before it has its answer waits in the kernel
        self._transport.pause_reading()
        task = self._host.loop.create_task(self._answer_later(outcome, request, keep_alive))
        self._host.tasks.add(task)
        task.add_done_callback(self._host.tasks.discard)

    async def _answer_later(self, outcome: Outcome, request: Request, keep_alive: bool) -> None:
        response = await outcome
        self._busy = False
        if self._since is not None:
            self._since = self._time()  # the next request could not arrive while we did not read
        self._write(response, request, keep_alive)
        self._next()

    def _wait(self, turn: Turn) -> None:
        self._queue.append(turn)
        self._transport.pause_reading()

    def _next(self) -> None:
        while self._queue and not self._busy and self._stuck_since is None and self._closing_since is None:
            turn = self._queue.popleft()
            if turn.route is not None:
                self._answer(turn.route, turn.request, turn.keep_alive)
            elif turn.refused is not None:
                self._write(turn.refused, turn.request, turn.keep_alive)
        if not self._busy and not self._queue and self._stuck_since is None:
            if self._last:
                self._close()
            elif not self._transport.is_closing():
                self._transport.resume_reading()

    def _write(self, response: Response, request: Request, keep_alive: bool) -> None:
        if self._closing_since is not None:
            return
        close = not keep_alive or self._app.draining or (self._last and not self._queue)
        body = response.body
        self._transport.write(
            _ANSWER
            % (
                _STATUS.get(response.status) or b"%d Other" % response.status,
                self._host.constant,
                len(body),
                response.head,
                request.echoed,
                _CLOSE if close else b"",
                b"" if request.method == b"HEAD" else body,
            )
        )
        if close:
            self._close(linger=self._since is not None)
        else:
            self._idle_since = self._time()

    # refusals and endings

    def _refuse_arriving(self, error: ScoringError) -> None:
        """Answer before the body is here; what is left of it is thrown away, else the sender never sees why."""
        request = self._request
        assert request is not None
        self._route = None
        # whoever waits for 100 may send its body now or not: nobody could tell the next request from it
        keep_alive = self._keep_alive and b"expect" not in request.headers
        response = self._app.refuse(error)
        if self._busy or self._stuck_since is not None:
            self._wait(Turn(request, None, response, keep_alive))
        else:
            self._write(response, request, keep_alive)

    def _refuse(self, error: ScoringError) -> None:
        """This connection makes no sense or no progress: say so where no answer is due before, and close."""
        self._forget_arriving()
        if self._busy or self._queue:
            self._end_after_answers()
            return
        if not self._transport.is_closing():
            self._write(self._app.refuse(error), Request(), keep_alive=False)

    def _forget_arriving(self) -> None:
        if self._route is not None:
            self._app.abandon(self._route)
            self._route = None
        self._body = b""
        self._more_body = None

    def _end_after_answers(self) -> None:
        self._last = True
        if not self._busy and not self._queue:
            self._close()

    def _close(self, *, linger: bool = False) -> None:
        """With unread bytes from the other side a close is a reset, which may overtake the answer: then only half."""
        if self._closing_since is not None:
            return
        self._closing_since = self._time()
        if linger and self._host.half_close and not self._transport.is_closing():
            self._transport.write_eof()
            self._transport.resume_reading()
        else:
            self._transport.close()

    def shutdown(self) -> None:
        """Nothing new: close now, or after the answers that are due."""
        self._end_after_answers()

    def abort(self) -> None:
        self._transport.abort()

    def check_times(self, now: float, *, request_seconds: float, idle_seconds: float) -> None:
        """Called twice a second: whoever sends, reads or rests too long ends here."""
        if self._closing_since is not None:
            if now - self._closing_since > LINGER_SECONDS:
                self._transport.abort()
        elif self._stuck_since is not None:
            if now - self._stuck_since > request_seconds:
                self._transport.abort()
        elif self._busy:
            return
        elif self._since is not None:
            if now - self._since > request_seconds:
                self._refuse(RequestTimedOut("request did not arrive in time"))
        elif now - self._idle_since > idle_seconds:
            self._close()


def _target(url: bytes) -> tuple[bytes, bytes]:
    """Path and query of origin-form, the usual one, or absolute-form."""
    if url[:1] != b"/":
        parsed = httptools.parse_url(url)
        path, query = parsed.path or b"/", parsed.query or b""
    else:
        path, _, query = url.partition(b"?")
    return (unquote_to_bytes(path) if b"%" in path else path), query
