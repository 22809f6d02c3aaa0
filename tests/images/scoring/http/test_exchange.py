"""What an answer looks like as it is sent."""

from __future__ import annotations

import pytest

from images.scoring.http.exchange import HttpRequest, Response, as_sent


@pytest.mark.parametrize("size", [0, 1, 511, 512, 100_000])
def test_an_answer_says_how_long_it_is(size: int) -> None:
    sent = as_sent(Response(b"x" * size, head=b"a: 1\r\n"), HttpRequest(echoed=b"b: 2\r\n"), b"c: 3\r\n", b"d: 4\r\n")
    head, _, body = sent.partition(b"\r\n\r\n")
    assert head.split(b"\r\n") == [
        b"HTTP/1.1 200 OK", b"c: 3", b"content-length: %d" % size, b"a: 1", b"b: 2", b"d: 4"
    ]  # fmt: skip
    assert body == b"x" * size


@pytest.mark.parametrize(
    ("method", "status", "expected"),
    [
        (b"HEAD", 200, b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n"),
        (b"POST", 204, b"HTTP/1.1 204 No Content\r\n\r\n"),
        (b"POST", 299, b"HTTP/1.1 299 UNKNOWN\r\ncontent-length: 3\r\n\r\nabc"),
    ],
)
def test_a_body_is_left_out_where_none_is_allowed(method: bytes, status: int, expected: bytes) -> None:
    assert as_sent(Response(b"abc", status, head=b""), HttpRequest(method=method), b"", b"") == expected
