"""Slow, oversized and too many: each is refused in time, and the rest is served."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.images.scoring.conftest import BODY, Serve
from tests.waiting import DEADLINE_S

pytestmark = pytest.mark.slow

BLOCKING = (
    "import threading\nentered = threading.Event()\nrelease = threading.Event()\n"
    "def init(): ...\ndef run(data):\n    entered.set()\n    return release.wait(600)\n"
)


async def until_entered() -> None:
    import entry_module  # type: ignore[import-not-found]

    assert await asyncio.to_thread(entry_module.entered.wait, DEADLINE_S)


def release() -> None:
    import entry_module

    entry_module.release.set()


async def test_more_requests_than_allowed_in_flight_get_a_503_with_retry_after(
    serve: Serve, scripted: Callable[..., Path]
) -> None:
    async with serve(scripted(BLOCKING), max_in_flight=1) as served:
        first = asyncio.create_task(served.request("/score", b"1"))
        await until_entered()
        refused = await served.request("/score", b"2")
        assert (refused.status, refused.error["code"], refused.headers["retry-after"]) == (503, "Overloaded", "1")
        # probes are answered while run() works
        assert (await served.request("/ready")).status == 200
        release()
        assert (await first).status == 200
        assert (await served.request("/score", b"3")).status == 200


async def test_a_head_that_comes_too_slowly_is_a_408(serve: Serve) -> None:
    async with serve(request_timeout_ms=100) as served:
        connection = await served.connect()
        await connection.send(b"POST /score HTTP/1.1\r\nHos")
        answer = await connection.read()
        assert (answer.status, answer.error["code"], answer.headers["connection"]) == (408, "RequestTimedOut", "close")
        assert await connection.is_closed()


async def test_a_body_that_comes_too_slowly_is_a_408_and_frees_its_place(serve: Serve) -> None:
    async with serve(request_timeout_ms=1000, max_in_flight=1) as served:
        connection = await served.connect()
        await connection.send(b"POST /score HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
        assert (await connection.read()).status == 408
        assert await connection.is_closed()
        assert (await served.request("/score", BODY)).status == 200


async def test_a_connection_that_says_nothing_is_closed(serve: Serve) -> None:
    async with serve(request_timeout_ms=100) as served:
        connection = await served.connect()
        assert (await connection.read()).status == 408
        assert await connection.is_closed()


async def test_a_slow_connection_does_not_hinder_others(serve: Serve) -> None:
    async with serve() as served:
        slow = await served.connect()
        await slow.send(b"POST /score HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(BODY))
        assert (await served.request("/score", BODY)).status == 200
        await slow.send(BODY)
        assert (await slow.read()).status == 200


async def test_an_idle_connection_outlives_a_requests_time(serve: Serve) -> None:
    async with serve(request_timeout_ms=1000) as served:
        connection = await served.connect()
        assert (await connection.request("/score", BODY)).status == 200
        silent = await served.connect()
        await silent.is_closed()
        assert (await connection.request("/score", BODY)).status == 200


async def test_a_head_without_end_is_a_431(serve: Serve) -> None:
    async with serve() as served:
        connection = await served.connect()
        await connection.send(b"GET / HTTP/1.1\r\n" + b"X-Filler: 0123456789\r\n" * 10_000)
        answer = await connection.read()
        assert (answer.status, answer.error["code"]) == (431, "HeaderTooLong")


async def test_more_connections_than_allowed_get_a_503(serve: Serve) -> None:
    async with serve(max_connections=2) as served:
        held = [await served.connect() for _ in range(2)]
        for connection in held:
            assert (await connection.request("/live")).status == 200
        refused = await (await served.connect()).read()
        assert (refused.status, refused.error["message"]) == (503, "more than 2 connections")
        assert (await held[0].request("/score", BODY)).status == 200


async def test_bytes_that_are_no_http_are_a_400(serve: Serve) -> None:
    async with serve() as served:
        connection = await served.connect()
        await connection.send(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n")
        assert (await connection.read()).status == 400
        assert (await served.request("/score", BODY)).status == 200
