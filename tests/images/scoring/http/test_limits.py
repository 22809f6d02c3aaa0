"""Slow, oversized and too many: each is refused in time, and the rest is served."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest

from images.edge_hub.messages import Inbound
from images.scoring.http import places, request_reader
from images.scoring.process import tls_door
from tests.images.scoring.client import Connection
from tests.images.scoring.conftest import BODY, Serve
from tests.images.scoring.edge.fake_client import FakeClient
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


LOOKING = """
import msgspec, threading
entered, release = threading.Event(), threading.Event()
SLOW = True
class Row(msgspec.Struct): x: int
def init(): ...
def run(row: Row):
    entered.set()
    assert release.wait(600)
    return row.x
"""


async def test_while_a_slow_script_looks_at_one_picture_the_next_waits_and_the_rest_goes_on(
    serve: Serve, scripted: Callable[..., Path]
) -> None:
    client = FakeClient()
    async with serve(scripted(LOOKING), max_in_flight=2, client=lambda: client) as served:
        first = asyncio.create_task(served.score({"x": 1}))
        await until_entered()
        second = asyncio.create_task(served.score({"x": 2}))
        while "scoring_in_flight 2" not in (await served.request("/metrics")).body.decode():
            pass
        assert (await served.score({"x": 3})).status == 503
        assert [(await served.request(path)).status for path in ("/live", "/ready")] == [200, 200]
        # the module's connection, which is served by the same loop
        client.deliver(Inbound(input_name="amlInput", body=b'{"x": 4}', message_id="m4"))
        assert not (second.done() or client.sent)
        release()
        assert [(await answer).json for answer in (first, second)] == [1, 2]

        async def sent() -> bool:
            return [message.body for message in client.sent] == [b"4"]

        await served.until(sent)


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


async def test_more_connections_than_allowed_get_a_503(serve: Serve, scripted: Callable[..., Path]) -> None:
    async with serve(scripted(BLOCKING), max_connections=1) as served:
        first = asyncio.create_task(served.request("/score", b"1"))
        await until_entered()
        refused = await (await served.connect()).read()
        assert (refused.status, refused.error["message"]) == (503, "more than 1 connections")
        release()
        assert (await first).status == 200


async def test_half_requests_on_all_places_do_not_keep_a_whole_one_out(serve: Serve) -> None:
    async with serve(max_connections=3) as served:
        halves = [await served.connect() for _ in range(3)]
        for half in halves:
            await half.send(b"GET /live HTTP/1.1\r\nHos")
        assert (await served.request("/live")).status == 200
        told = await halves[0].read()
        assert (told.status, "its place is needed" in told.error["message"]) == (503, True)


async def test_slow_bodies_on_all_places_in_flight_do_not_keep_a_whole_request_out(serve: Serve) -> None:
    async with serve(max_in_flight=2) as served:
        for _ in range(2):
            slow = await served.connect()
            await slow.send(b"POST /score HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{")

        async def served_again() -> bool:
            return (await served.request("/score", BODY)).status == 200

        await served.until(served_again)


async def test_handshakes_that_never_end_do_not_keep_a_whole_request_out(
    serve: Serve, secrets_folder: Path, trust: ssl.SSLContext
) -> None:
    async with serve(secrets=secrets_folder, max_connections=3) as served:
        assert served.tls_port is not None
        silent = [await Connection.open(served.tls_port) for _ in range(10)]
        assert (await served.request("/live", tls=trust)).status == 200
        for connection in silent[:7]:
            assert await connection.is_closed()
        for connection in silent:
            await connection.close()


async def test_a_refused_body_without_end_is_answered_once_and_cut_off(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(request_reader, "MAX_THROWN_AWAY_BYTES", 10_000)
    async with serve(max_body_bytes=10_000) as served:
        reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
        writer.write(b"POST /score HTTP/1.1\r\nHost: x\r\nContent-Length: 9000000000\r\n\r\n")
        writer.write(b"0" * 100_000)
        answers = await reader.read()
        assert (answers.count(b"HTTP/1.1 413"), answers.count(b"HTTP/1.1")) == (1, 1)
        writer.close()


async def test_a_handshake_that_never_ends_is_closed(
    serve: Serve, secrets_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tls_door, "HANDSHAKE_SECONDS", 0.1)
    async with serve(secrets=secrets_folder) as served:
        assert served.tls_port is not None
        silent = await Connection.open(served.tls_port)
        assert await silent.is_closed()
        await silent.close()


async def test_of_clients_that_take_no_answers_the_first_is_cut_off(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "MAX_UNSENT_CONNECTIONS", 2)
    loop = asyncio.get_running_loop()
    async with serve() as served:
        greedy, asked = [socket.socket() for _ in range(3)], b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n" * 50_000
        for one in greedy:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            one.setblocking(False)
            await loop.sock_connect(one, ("127.0.0.1", served.port))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(loop.sock_sendall(one, asked), 0.3)
        with pytest.raises(ConnectionError):
            while True:
                await loop.sock_sendall(greedy[0], b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        for one in greedy:
            one.close()


async def test_bytes_that_are_no_http_are_a_400(serve: Serve) -> None:
    async with serve() as served:
        connection = await served.connect()
        await connection.send(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n")
        assert (await connection.read()).status == 400
        assert (await served.request("/score", BODY)).status == 200
