"""Bytes to requests, without sockets: whatever the pieces in which they arrive."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import pytest

from images.scoring.errors import BadRequest, HeaderTooLong, ScoringError
from images.scoring.http.exchange import HttpRequest, Response
from images.scoring.http.request_reader import RequestReader, UpgradeAsked
from images.scoring.http.routes import Route

ROUTE = Route(lambda request: Response(), scores=True)
TWO = (
    b"POST /score?a=1 HTTP/1.1\r\nHost: x\r\nX-Twice: 1\r\nX-TWICE: 2\r\nContent-Length: 5\r\n\r\nfirst"
    b"POST /%73core HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    b"3\r\nsec\r\n3\r\nond\r\n0\r\n\r\n"
)


@dataclass
class Recorder:
    """Takes what has a route, and remembers what it was told."""

    route: Route | None = ROUTE
    max_body_bytes: int = 10
    requests: list[HttpRequest] = field(default_factory=list)
    refusals: list[ScoringError] = field(default_factory=list)
    routes: list[Route | None] = field(default_factory=list)
    reader: RequestReader = field(init=False)

    def __post_init__(self) -> None:
        self.reader = RequestReader(self, max_body_bytes=self.max_body_bytes)

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
    assert first.headers[b"x-twice"] == b"1,2"
    assert (second.path, second.body) == (b"/score", b"second")
    assert told.routes == [ROUTE, ROUTE]
    assert not told.reader.keep_alive


def test_each_request_of_a_connection_has_its_own_target() -> None:
    recorder = Recorder()
    for target in (b"/score?a=1", b"/score?a=1", b"/score", b"/%73core?b", b"http://x/score?c", b"/score"):
        recorder.reader.feed(b"GET %b HTTP/1.1\r\nHost: x\r\n\r\n" % target)
    assert {request.path for request in recorder.requests} == {b"/score"}
    assert [request.query for request in recorder.requests] == [b"a=1", b"a=1", b"", b"b", b"c", b""]


def test_the_body_of_a_refused_request_is_thrown_away() -> None:
    told = Recorder(route=None)
    told.reader.feed(TWO)
    assert [request.body for request in told.requests] == [b"", b""]
    assert told.routes == [None, None]


def test_a_body_over_the_limit_is_refused_once_and_the_next_request_read() -> None:
    told = Recorder()
    told.reader.feed(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 30\r\n\r\n" + b"x" * 8)
    told.reader.feed(b"x" * 8)
    told.reader.feed(b"x" * 14 + TWO)
    assert [str(error) for error in told.refusals] == ["body has more than 10 bytes, which is the limit"]
    assert told.routes == [None, ROUTE, ROUTE]
    assert [request.body for request in told.requests[1:]] == [b"first", b"second"]


@pytest.mark.parametrize("announced", [True, False])
def test_a_long_body_is_one_step_where_its_length_was_announced(announced: bool) -> None:
    told, body = Recorder(max_body_bytes=10**6), bytes(range(256)) * 1000
    told.reader.feed(b"POST / HTTP/1.1\r\nHost: x\r\n")
    if announced:
        told.reader.feed(b"Content-Length: %d\r\n\r\n" % len(body) + body[:99])
        told.reader.feed(body[99:100_000])
        assert (told.reader.steps, told.reader.body_left) == (1, len(body) - 100_000)
        told.reader.feed(body[100_000:] + TWO)
    else:
        told.reader.feed(b"Transfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * 20_000 + b"0\r\n\r\n" + TWO)
        body = b"x" * 20_000
    assert [request.body for request in told.requests] == [body, b"first", b"second"]


def test_a_dropped_request_gives_its_route_back_once() -> None:
    told = Recorder()
    told.reader.feed(TWO[:-10])
    assert told.reader.drop() is ROUTE
    assert told.reader.drop() is None


@pytest.mark.parametrize("size", [1, 7, 40, 1000])
@pytest.mark.parametrize(
    ("framing", "sent", "body"),
    [
        (b"Content-Length: 5", b"first", b"first"),
        (b"Content-Length: 0", b"", b""),
        (b"Transfer-Encoding: Chunked", b"3\r\nfir\r\n2;x=y\r\nst\r\n0\r\n\r\n", b"first"),
        (b"Content-Length: 48", b"POST /score HTTP/1.1\r\nHost: x\r\n\r\n: is no request", b""),
    ],
)
def test_who_asks_for_another_protocol_is_heard_to_the_end_of_the_body(
    framing: bytes, sent: bytes, body: bytes, size: int
) -> None:
    """As Java's client does with every POST over plain HTTP, and `curl --http2`."""
    told = Recorder(max_body_bytes=100)
    asks = head(
        b"Host: x", b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c", b"HTTP2-Settings: AAMAAABkAAQ", framing
    )
    data = asks + sent
    for start in range(0, len(data), size):
        told.reader.feed(data[start : start + size])
    (request,) = told.requests
    assert (request.body, request.headers[b"upgrade"]) == (body or sent, b"h2c")
    assert told.routes == [ROUTE]
    assert not told.reader.keep_alive


def test_a_body_beside_an_upgrade_has_the_usual_limits() -> None:
    asks = head(b"Host: x", b"Connection: Upgrade", b"Upgrade: h2c", b"Transfer-Encoding: chunked")
    told = Recorder(max_body_bytes=2)
    told.reader.feed(asks + b"3\r\nabc\r\n0\r\n\r\n")
    assert len(told.refusals) == 1
    with pytest.raises(HeaderTooLong):
        Recorder().reader.feed(asks + b"1;" + b"x" * 60_000)


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"\x16\x03\x01\x02\r\n\r\n", BadRequest),
        (b"GET / HTTP/1.1\r\nX-Filler: " + b"0" * 33_000, HeaderTooLong),
        (b"GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n", UpgradeAsked),
    ],
)
def test_what_cannot_be_read_further_is_raised(data: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        Recorder().reader.feed(data)


def head(*lines: bytes, version: bytes = b"1.1") -> bytes:
    return b"\r\n".join([b"POST /score HTTP/" + version, *lines, b"", b""])


@pytest.mark.parametrize("before", [b"", TWO.replace(b"Connection: close\r\n", b"")], ids=["alone", "pipelined"])
@pytest.mark.parametrize("size", [100, 5000, 1_000_000])
def test_a_head_may_have_32_kib_and_not_a_byte_more(before: bytes, size: int) -> None:
    filler = b"0" * (32 * 1024 - len(head(b"Host: x", b"X: ")))
    told = Recorder()
    fed(told, before + head(b"Host: x", b"X: " + filler), size)
    assert len(told.requests) == (3 if before else 1)
    with pytest.raises(HeaderTooLong):
        fed(told, before + head(b"Host: x", b"X: 0" + filler), size)


def fed(told: Recorder, data: bytes, size: int) -> None:
    for start in range(0, len(data), size):
        told.reader.feed(data[start : start + size])


def test_a_head_may_have_100_lines() -> None:
    told = Recorder()
    told.reader.feed(head(b"Host: x", *[b"A%d: 1" % number for number in range(99)]))
    assert len(told.requests) == 1
    for lines in ([b"A%d: 1" % number for number in range(100)], [b"A: 1"] * 100):
        with pytest.raises(HeaderTooLong, match="over 100 lines"):
            told.reader.feed(head(b"Host: x", *lines))
        told = Recorder()


def test_lines_that_come_again_count_as_long_as_they_are() -> None:
    told = Recorder()
    told.reader.feed(head(b"Host: x", *[b"Cookie: " + b"c" * 300] * 99))
    assert len(told.requests[0].headers[b"cookie"]) == 99 * 301 - 1
    with pytest.raises(HeaderTooLong):
        told.reader.feed(head(b"Host: x", *[b"Cookie: " + b"c" * 330] * 99))


CHUNKED = head(b"Host: x", b"Transfer-Encoding: chunked")


@pytest.mark.parametrize(
    "endless",
    [b"Trailer: 0123456789\r\n", b"T", b"A: \r\n"],
    ids=["trailers", "one trailer", "short ones"],
)
@pytest.mark.parametrize("body", [b"1\r\nx\r\n", b"5000\r\n" + b"x" * 0x5000 + b"\r\n"], ids=["", "after a long body"])
def test_trailers_are_no_longer_than_a_head(body: bytes, endless: bytes) -> None:
    told = Recorder(max_body_bytes=0x5000)
    with pytest.raises(HeaderTooLong, match="trailers"):
        fed(told, CHUNKED + body + b"0\r\n" + endless * (80_000 // len(endless)), 1000)


def test_chunk_extensions_are_no_longer_than_a_head() -> None:
    for endless in (b"1;" + b"e" * 80_000, b"1;e=0123456789012345678901234567890123456789\r\nx\r\n" * 2000):
        with pytest.raises(HeaderTooLong, match="chunk extensions"):
            fed(Recorder(route=Route(lambda request: Response())), CHUNKED + endless, 1000)


def test_a_body_in_chunks_of_one_byte_is_none_too_long() -> None:
    told = Recorder(max_body_bytes=50_000)
    fed(told, CHUNKED + b"1\r\nx\r\n" * 50_000 + b"0\r\n\r\n", 1000)
    assert len(told.requests[0].body) == 50_000


def test_a_route_that_reads_no_body_keeps_none() -> None:
    told = Recorder(route=Route(lambda request: Response()))
    told.reader.feed(head(b"Host: x", b"Content-Length: 8") + b"1234")
    assert told.reader._body == b""
    told.reader.feed(b"5678")
    assert [request.body for request in told.requests] == [b""]
    told.reader.feed(CHUNKED + b"b\r\n01234567890\r\n")
    assert [str(error) for error in told.refusals] == ["body has more than 10 bytes, which is the limit"]


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ([], "host is missing, which HTTP/1.1 asks for"),
        ([b"Host: x", b"Host: x"], "host comes more than once"),
        ([b"Host: x", b"hOST: y"], "host comes more than once"),
        ([b"Host: x y"], "host is 'x y'"),
        ([b"Host: x/y"], "host is 'x/y'"),
        ([b"Host: " + b"x" * 256], "host is 'xxx"),
        ([b"Host: me@x"], "host is 'me@x'"),
        ([b"Host: x:1:2"], "host is 'x:1:2'"),
        ([b"Host: \xe9"], "host is"),
        ([b"Host: x", b"Authorization: Bearer a", b"Authorization: Bearer b"], "authorization comes more than once"),
        ([b"Host: x", b"Content-Encoding: gzip", b"Content-Encoding: gzip"], "content-encoding comes more than once"),
        ([b"Host: x", b"Transfer-Encoding: gzip, chunked"], "transfer-encoding is 'gzip, chunked', allowed is chunked"),
        ([b"Host: x", b"Content-Length: 1", b"Content-Length: 1"], "Duplicate Content-Length"),
        ([b"Host: x", b"Content-Length: 1", b"Transfer-Encoding: chunked"], "can't be present with"),
        ([b"Host: x", b"Content-Length: +1"], "Invalid character in Content-Length"),
        ([b"Host: x", b"X: a\x00b"], "Invalid header value char"),
        ([b"Host: x", b"X: a\nb: c"], "not HTTP/1.1"),
        ([b"Host: x", b"X : a"], "Invalid header token"),
        ([b"Host: x", b"X: a", b" b"], "Unexpected whitespace"),
    ],
)
def test_a_head_that_two_readers_could_read_as_two_is_refused(lines: list[bytes], says: str) -> None:
    with pytest.raises(BadRequest, match=re.escape(says)):
        Recorder().reader.feed(head(*lines))


@pytest.mark.parametrize("host", [b"x", b"x.example:443", b"10.0.0.1:5001", b"[::1]:80", b"", b"a_b-c"])
def test_a_host_is_a_name_or_an_address(host: bytes) -> None:
    told = Recorder()
    told.reader.feed(head(b"Host: " + host))
    assert len(told.requests) == 1


def test_only_http_1_0_does_without_a_host_and_has_no_chunks() -> None:
    told = Recorder()
    told.reader.feed(head(version=b"1.0"))
    assert len(told.requests) == 1
    with pytest.raises(BadRequest, match=r"host is missing, which HTTP/0\.9"):
        Recorder().reader.feed(b"GET /\r\n\r\n")
    with pytest.raises(BadRequest, match=r"transfer-encoding is 'chunked', allowed is chunked, in HTTP/1\.1"):
        Recorder().reader.feed(head(b"Transfer-Encoding: chunked", version=b"1.0"))
