"""The bytes of a connection to requests: httptools' callbacks, and how long a head and a body may be."""

from __future__ import annotations

from typing import Protocol
from urllib.parse import unquote_to_bytes

import httptools

from images.scoring.errors import BadRequest, BodyTooLarge, HeaderTooLong, ScoringError
from images.scoring.http.exchange import HttpRequest
from images.scoring.http.limits import MAX_HEAD_BYTES
from images.scoring.http.routes import Route


class UpgradeAsked(Exception):
    """What follows on this connection would be another protocol."""


class Listener(Protocol):
    """Whom a reader tells, while it is fed, how far a request has come."""

    def head_arrived(self, request: HttpRequest) -> Route | None:
        """The route that takes the request; None where it is refused: its body is then read and thrown away."""

    def body_refused(self, error: ScoringError) -> None: ...

    def request_arrived(self, route: Route | None, request: HttpRequest) -> None:
        """The whole of it, or, without a route, of one that was refused."""


class RequestReader:
    __slots__ = (
        "_body",
        "_head_bytes",
        "_headers",
        "_in_head",
        "_listener",
        "_max_body_bytes",
        "_more_body",
        "_parser",
        "_route",
        "_url",
        "keep_alive",
        "request",
    )

    def __init__(self, listener: Listener, *, max_body_bytes: int) -> None:
        self._listener = listener
        self._max_body_bytes = max_body_bytes
        self._parser = httptools.HttpRequestParser(self)
        self._in_head = True
        self._head_bytes = 0
        self._url = b""
        self._headers: dict[bytes, bytes] = {}
        self._route: Route | None = None
        self._body = b""
        self._more_body: bytearray | None = None
        self.request = HttpRequest()
        """The one that arrives, once its head is here; its body is not set before the whole is."""
        self.keep_alive = True
        """Whether its client would send another one."""

    def feed(self, data: bytes) -> None:
        """Raises BadRequest, HeaderTooLong or UpgradeAsked; nothing can be read after that."""
        if self._in_head:
            self._head_bytes += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            raise UpgradeAsked from None
        except httptools.HttpParserError as error:
            raise BadRequest(f"not HTTP/1.1: {error.args[0] if error.args else 'unreadable'}") from error
        # after feeding: most heads arrive whole, with their body, and are over by now
        if self._in_head and self._head_bytes > MAX_HEAD_BYTES:
            raise HeaderTooLong(f"request head is longer than {MAX_HEAD_BYTES} bytes")

    def drop(self) -> Route | None:
        """Keep nothing of the request that arrives; the route that had taken it."""
        route = self._route
        self._route = None
        self._body = b""
        self._more_body = None
        return route

    # httptools' callbacks

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
        self.keep_alive = parser.should_keep_alive()
        if b"connection" in headers and parser.get_http_version() == "1.0":
            self.keep_alive = False  # it would have to be agreed on in the answer
        path, query = _target(self._url)
        self.request = request = HttpRequest(b"", parser.get_method(), path, query, headers)
        self._url = b""
        self._headers = {}
        self._route = self._listener.head_arrived(request)

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
        if size > self._max_body_bytes:
            limit = self._max_body_bytes
            self._listener.body_refused(BodyTooLarge(f"body has more than {limit} bytes, which is the limit"))

    def on_message_complete(self) -> None:
        request, route = self.request, self._route
        self._in_head = True
        if route is not None:
            request.body = self._body if self._more_body is None else bytes(self._more_body)
            self._route = None
            self._body = b""
            self._more_body = None
        self._listener.request_arrived(route, request)


def _target(url: bytes) -> tuple[bytes, bytes]:
    """Path and query of origin-form, the usual one, or absolute-form."""
    if url[:1] != b"/":
        parsed = httptools.parse_url(url)
        path, query = parsed.path or b"/", parsed.query or b""
    else:
        path, _, query = url.partition(b"?")
    return (unquote_to_bytes(path) if b"%" in path else path), query
