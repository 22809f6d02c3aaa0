"""The bytes of a connection to requests: httptools' callbacks, and how long a head and a body may be."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple, Protocol
from urllib.parse import unquote_to_bytes

import httptools

from images.scoring.errors import BadRequest, BodyTooLarge, HeaderTooLong, ScoringError
from images.scoring.http.exchange import HttpRequest
from images.scoring.http.limits import CHUNK_FRAMING, MAX_HEAD_BYTES, MAX_HEADERS, MAX_THROWN_AWAY_BYTES, PIECE_BYTES
from images.scoring.http.routes import Route

_NO_REQUEST = HttpRequest()
_ONCE = (b"host", b"authorization", b"content-type", b"content-encoding")
"""Who reads the first and who reads the last would see two requests."""
# https://www.rfc-editor.org/rfc/rfc3986#section-3.2, without user information, which is deprecated for HTTP
_HOST = re.compile(rb"(?:[A-Za-z0-9._~%!$&'()*+,;=-]{0,255}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{0,5})?")
_KEPT_URL_BYTES = 256


class UpgradeAsked(Exception):
    """What follows on this connection would be another protocol."""


class TooMuchThrownAway(Exception):
    """A request that was refused goes on for longer than one may be."""


class Listener(Protocol):
    """Whom a reader tells, while it is fed, how far a request has come."""

    def head_arrived(self, request: HttpRequest) -> Route | None:
        """The route that takes the request; None where it is refused: its body is then read and thrown away."""

    def body_refused(self, error: ScoringError) -> None: ...

    def request_arrived(self, route: Route | None, request: HttpRequest) -> None:
        """The whole of it, or, without a route, of one that was refused."""


class BodyCallbacks(NamedTuple):
    """httptools', of a parser whose heads nobody asks for."""

    on_body: Callable[[bytes], None]
    on_message_complete: Callable[[], None]


class RequestReader:
    __slots__ = (
        "_body",
        "_body_bytes",
        "_framing",
        "_headers",
        "_host",
        "_in_head",
        "_keeps_body",
        "_known",
        "_listener",
        "_max_body_bytes",
        "_more_body",
        "_parser",
        "_part_bytes",
        "_quiet_bytes",
        "_repeated",
        "_route",
        "_to_check",
        "_url",
        "body_left",
        "keep_alive",
        "request",
        "steps",
    )

    def __init__(self, listener: Listener, *, max_body_bytes: int) -> None:
        self._listener = listener
        self._max_body_bytes = max_body_bytes
        self._parser = httptools.HttpRequestParser(self)
        self._in_head = True
        self._part_bytes = 0
        """Of the head; then of what follows it, chunks' framing and trailers included."""
        self._quiet_bytes = 0
        """Of these, what came since the last of the body: a trailer is held until its line ends."""
        self._url = b""
        self._known = (b"", b"", b"")
        """The last short URL, its path and its query: most requests of a connection have the same."""
        self._headers: dict[bytes, bytes] = {}
        self._repeated: list[bytes] = []
        """The name of each line that came again."""
        self._to_check = False
        """The head came in pieces, or has a header twice."""
        self._host: bytes | None = b""
        """The last one that was looked at."""
        self._route: Route | None = None
        self._keeps_body = False
        self._body = b""
        self._body_bytes = 0
        self._more_body: bytearray | None = None
        self.body_left = 0
        """Bytes that the request in arrival has announced and keeps. However many: they are no steps of their own."""
        self._framing = b""
        """The line of the head that says how long the body is which httptools would leave out."""
        self.steps = 0
        """Of what was fed last: parts of bodies and ends of requests, which cost more time than bytes do."""
        self.request = _NO_REQUEST
        """The one that arrives, once its head is here; its body is not set before the whole is."""
        self.keep_alive = True
        """Whether its client would send another one."""

    @property
    def awaits_body(self) -> bool:
        """Whether a request has a place for its body, which is not here yet."""
        return self._keeps_body and self._route is not None

    def feed(self, data: bytes | memoryview) -> None:
        """Raises BadRequest, HeaderTooLong, TooMuchThrownAway or UpgradeAsked; nothing can be read after that."""
        while len(data) > (piece := max(PIECE_BYTES, self.body_left)):
            self._feed(data[:piece])
            data = data[piece:]
        self._feed(data)

    def _feed(self, data: bytes | memoryview) -> None:
        self.steps = 0
        self._part_bytes += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            if not self._framing:
                raise UpgradeAsked from None
            self.feed(self._another_parser() + bytes(data[upgrade.args[0] :]))
            return
        except httptools.HttpParserError as error:
            if isinstance(error.__context__, ScoringError | TooMuchThrownAway):
                raise error.__context__ from None
            raise BadRequest(f"not HTTP/1.1: {error.args[0] if error.args else 'unreadable'}") from error
        # after feeding: most heads arrive whole, with their body, and are over by now
        if not self._in_head or self._url:
            self._check_half(len(data))

    def _check_half(self, size: int) -> None:
        """What has come of a request that is not whole, `size` bytes of it just now."""
        if self._in_head:
            if self._part_bytes > MAX_HEAD_BYTES or len(self._headers) + len(self._repeated) > MAX_HEADERS:
                raise self._too_long()
            # where it began in the middle of a piece, not all of it is counted
            self._to_check = True
            return
        self._quiet_bytes = 0 if self.steps else self._quiet_bytes + size
        if max(self._quiet_bytes, self._part_bytes - (1 + CHUNK_FRAMING) * self._body_bytes) > MAX_HEAD_BYTES:
            raise HeaderTooLong(f"chunk extensions and trailers are longer than {MAX_HEAD_BYTES} bytes")

    def _another_parser(self) -> bytes:
        """What to feed it before the body: httptools has none after a head that asks for another protocol, which
        may be ignored, and is. https://www.rfc-editor.org/rfc/rfc9110#section-7.8"""
        framing, self._framing = self._framing, b""
        self._parser = httptools.HttpRequestParser(BodyCallbacks(self.on_body, self.on_message_complete))
        return b"POST / HTTP/1.1\r\nconnection: close\r\n%b\r\n\r\n" % framing

    def drop(self) -> Route | None:
        """Keep nothing of the request that arrives; the route that had taken it."""
        route, self._route, self._more_body = self._route, None, None
        self._keeps_body = False
        self._body = b""
        self.body_left = 0
        return route

    # httptools' callbacks

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._in_head:  # not so a trailer, after a chunked body
            name = name.lower()
            headers = self._headers
            if name in headers:
                self._repeated.append(name)
                self._to_check = True
                value = b"%b,%b" % (headers[name], value)  # RFC 9110, 5.3: one list
            headers[name] = value

    def on_headers_complete(self) -> None:
        parser = self._parser
        headers = self._headers
        if self._to_check or len(headers) > MAX_HEADERS:
            self._check_lines(headers)
        if headers.get(b"host") != self._host:
            self._check_host(headers.get(b"host"))
        if b"transfer-encoding" in headers:
            self._check_coding(headers[b"transfer-encoding"])
        self._in_head = False
        self._part_bytes = self._body_bytes = self._quiet_bytes = 0
        self.keep_alive = parser.should_keep_alive()
        if b"connection" in headers and parser.get_http_version() == "1.0":
            self.keep_alive = False  # it would have to be agreed on in the answer
        if b"upgrade" in headers and parser.should_upgrade():
            self._expect_upgrade(headers)
        url, path, query = self._known
        if url != self._url:
            path, query = self._split(self._url)
        self.request = request = HttpRequest(b"", parser.get_method(), path, query, headers)
        self._url = b""
        self._headers = {}
        self._route = route = self._listener.head_arrived(request)
        self._keeps_body = route is not None and route.scores
        if self._keeps_body and b"transfer-encoding" not in headers:
            self.body_left = int(headers.get(b"content-length", 0))

    def on_body(self, body: bytes) -> None:
        self.steps += 1
        self._body_bytes += len(body)
        if self._body_bytes > self._max_body_bytes:
            self._throw_away()
        elif not self._keeps_body:
            return
        elif not self._body:
            self._body = body
            self.body_left -= len(body)
        elif len(body) == self.body_left and self._more_body is None:
            self._body += body
            self.body_left = 0
        else:
            self.body_left -= len(body)
            if self._more_body is None:
                self._more_body = bytearray(self._body)
            self._more_body += body

    def on_message_complete(self) -> None:
        if self._framing:
            return  # its body comes yet
        request, route = self.request, self._route
        self.request = _NO_REQUEST  # an idle connection would keep the body of its last one
        self._in_head = True
        self._part_bytes = 0
        self.steps += 1
        if route is not None:
            request.body = self._body if self._more_body is None else bytes(self._more_body)
            self._route = self._more_body = None
            self._body = b""
        self.body_left = 0
        self._listener.request_arrived(route, request)

    def _expect_upgrade(self, headers: Mapping[bytes, bytes]) -> None:
        framed = (name for name in (b"content-length", b"transfer-encoding") if name in headers)
        self._framing = b"".join(b"%b: %b" % (name, headers[name]) for name in framed)
        self.keep_alive = False

    def _split(self, url: bytes) -> tuple[bytes, bytes]:
        """Into path and query, of origin-form or of absolute-form."""
        if url[:1] == b"/":
            path, _, query = url.partition(b"?")
        else:
            parsed = httptools.parse_url(url)
            path, query = parsed.path or b"/", parsed.query or b""
        path = unquote_to_bytes(path)
        if len(url) <= _KEPT_URL_BYTES:
            self._known = url, path, query
        return path, query

    # what no parser refuses

    def _throw_away(self) -> None:
        """What is over the limit, within the request's time."""
        limit = self._max_body_bytes
        if self._route is not None:
            self._listener.body_refused(BodyTooLarge(f"body has more than {limit} bytes, which is the limit"))
        elif self._body_bytes > limit + MAX_THROWN_AWAY_BYTES:
            raise TooMuchThrownAway

    def _too_long(self) -> HeaderTooLong:
        return HeaderTooLong(f"request head is longer than {MAX_HEAD_BYTES} bytes or has over {MAX_HEADERS} lines")

    def _check_lines(self, headers: Mapping[bytes, bytes]) -> None:
        # as it is usually spelled; a comma stands where a line that came again was joined
        length = len(self._url) + len("POST  HTTP/1.1\r\n\r\n") + sum(len(name) + 3 for name in self._repeated)
        length += sum(len(name) + len(value) + 4 for name, value in headers.items())
        if len(headers) + len(self._repeated) > MAX_HEADERS or length > MAX_HEAD_BYTES:
            raise self._too_long()
        for name in self._repeated:
            if name in _ONCE:
                raise BadRequest(f"header {name.decode()} comes more than once")
        self._repeated, self._to_check = [], False

    def _check_host(self, host: bytes | None) -> None:
        """https://www.rfc-editor.org/rfc/rfc9112#section-3.2"""
        if host is None:
            if (version := self._parser.get_http_version()) != "1.0":
                raise BadRequest(f"header host is missing, which HTTP/{version} asks for")
        elif _HOST.fullmatch(host) is None:
            raise BadRequest(f"header host is {host[:100].decode('latin-1')!r}, allowed is a name, perhaps with :port")
        self._host = host

    def _check_coding(self, coding: bytes) -> None:
        """The parser has seen that it ends in chunked. https://www.rfc-editor.org/rfc/rfc9112#section-6.1"""
        if coding.strip().lower() != b"chunked" or self._parser.get_http_version() != "1.1":
            shown = coding[:100].decode("latin-1")
            raise BadRequest(f"header transfer-encoding is {shown!r}, allowed is chunked, in HTTP/1.1")
