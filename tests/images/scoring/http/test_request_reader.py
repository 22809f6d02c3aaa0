"""Bytes to requests, without sockets: whatever the pieces in which they arrive."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from images.scoring.errors import BadRequest, HeaderTooLong, ScoringError
from images.scoring.http.exchange import HttpRequest, Response
from images.scoring.http.request_reader import RequestReader, UpgradeAsked
from images.scoring.http.routes import Route

ROUTE = Route(lambda request: Response())
TWO = (
    b"POST /score?a=1 HTTP/1.1\r\nHost: x\r\nX-Twice: 1\r\nX-TWICE: 2\r\nContent-Length: 5\r\n\r\nfirst"
    b"POST /%73core HTTP/1.1\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    b"3\r\nsec\r\n3\r\nond\r\n0\r\n\r\n"
)


@dataclass
class Recorder:
    """Takes what has a route, and remembers what it was told."""

    route: Route | None = ROUTE
    requests: list[HttpRequest] = field(default_factory=list)
    refusals: list[ScoringError] = field(default_factory=list)
    routes: list[Route | None] = field(default_factory=list)
    reader: RequestReader = field(init=False)

    def __post_init__(self) -> None:
        self.reader = RequestReader(self, max_body_bytes=10)

    def head_arrived(self, request: HttpRequest) -> Route | None:
        return self.route

    def body_refused(self, error: ScoringError) -> None:
        self.reader.drop()
        self.refusals.append(error)

    def request_arrived(self, route: Route | None, request: HttpRequest) -> None:
        self.routes.append(route)
        self.requests.append(request)


@pytest.mark.parametrize("size", [1, 2, 7, 50, 1000])
def test_requests_are_the_same_whatever_the_pieces(size: int) -> None:
    told = Recorder()
    for start in range(0, len(TWO), size):
        told.reader.feed(TWO[start : start + size])
    first, second = told.requests
    assert (first.method, first.path, first.query, first.body) == (b"POST", b"/score", b"a=1", b"first")
    assert first.headers[b"x-twice"] == b"2"
    assert (second.path, second.body) == (b"/score", b"second")
    assert told.routes == [ROUTE, ROUTE]
    assert not told.reader.keep_alive


def test_the_body_of_a_refused_request_is_thrown_away() -> None:
    told = Recorder(route=None)
    told.reader.feed(TWO)
    assert [request.body for request in told.requests] == [b"", b""]
    assert told.routes == [None, None]


def test_a_body_over_the_limit_is_refused_once_and_the_next_request_read() -> None:
    told = Recorder()
    told.reader.feed(b"POST / HTTP/1.1\r\nContent-Length: 30\r\n\r\n" + b"x" * 8)
    told.reader.feed(b"x" * 8)
    told.reader.feed(b"x" * 14 + TWO)
    assert [str(error) for error in told.refusals] == ["body has more than 10 bytes, which is the limit"]
    assert told.routes == [None, ROUTE, ROUTE]
    assert [request.body for request in told.requests[1:]] == [b"first", b"second"]


def test_a_dropped_request_gives_its_route_back_once() -> None:
    told = Recorder()
    told.reader.feed(TWO[:-10])
    assert told.reader.drop() is ROUTE
    assert told.reader.drop() is None


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"\x16\x03\x01\x02\r\n\r\n", BadRequest),
        (b"GET / HTTP/1.1\r\nX-Filler: " + b"0" * 33_000, HeaderTooLong),
        (b"GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n", UpgradeAsked),
    ],
)
def test_what_cannot_be_read_further_is_raised(data: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        Recorder().reader.feed(data)
