"""What a connection holds beside bodies: no more than has come."""

from __future__ import annotations

import contextlib
import tracemalloc

import pytest

from images.scoring.errors import HeaderTooLong
from tests.images.scoring.http.test_request_reader import Recorder, fed, head


@pytest.mark.parametrize(
    "sent",
    [
        b"GET / HTTP/1.1\r\nA: " + b"0" * 32_000 + b"\r\nA:" * 98,
        b"GET / HTTP/1.1\r\nA: " + b"0" * 4000 + b"\r\nA:" * 1000,
        head(b"Host: x", b"Transfer-Encoding: chunked")
        + b"14000\r\n"
        + b"0" * 0x14000
        + b"\r\n0\r\nA: "
        + b"0" * 700_000,
        b"GET /" + b"a" * 15_000 + b"?" + b"b" * 15_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
    ids=[
        "one header again and again",
        "more often than allowed",
        "a trailer after a long body",
        "a long URL, answered",
    ],
)
def test_of_what_is_no_body_a_connection_holds_no_more_than_a_head(sent: bytes) -> None:
    told = Recorder(route=None, max_body_bytes=100_000)
    tracemalloc.start()
    try:
        with contextlib.suppress(HeaderTooLong):
            fed(told, sent, 8192)
        told.requests.clear()
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 56 * 1024
