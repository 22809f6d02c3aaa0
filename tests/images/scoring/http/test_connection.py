"""The corners of HTTP/1.1: order, back-pressure, half-closed and slow clients, old ones, and those that want more."""

from __future__ import annotations

import asyncio
import socket
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.images.scoring.client import Connection
from tests.images.scoring.conftest import BODY, Serve

Scripted = Callable[..., Path]
HEAD = b"POST /score HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"
ECHO = "import time\ndef init(): ...\ndef run(data):\n    time.sleep(0.01)\n    return data\n"


async def test_pipelined_requests_to_a_slow_model_are_answered_in_order(serve: Serve, scripted: Scripted) -> None:
    async with serve(scripted(ECHO)) as served:
        connection = await served.connect()
        await connection.send(b"".join(HEAD % 2 + b"%02d" % number for number in range(20)))
        assert [(await connection.read()).json for _ in range(20)] == [f"{number:02}" for number in range(20)]


async def test_a_refusal_takes_its_turn_among_pipelined_answers(serve: Serve, scripted: Scripted) -> None:
    async with serve(scripted(ECHO)) as served:
        connection = await served.connect()
        await connection.send(HEAD % 1 + b"a" + b"GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n" + HEAD % 1 + b"b")
        answers = [await connection.read() for _ in range(3)]
        assert [answer.status for answer in answers] == [200, 404, 200]
        assert (answers[0].json, answers[2].json) == ("a", "b")


async def test_what_is_no_http_after_a_request_does_not_cost_its_answer(serve: Serve, scripted: Scripted) -> None:
    async with serve(scripted(ECHO)) as served:
        connection = await served.connect()
        await connection.send(HEAD % 1 + b"a" + b"\x00\x00 nonsense\r\n\r\n")
        assert (await connection.read()).json == "a"
        assert await connection.is_closed()


async def test_who_has_asked_and_closed_one_half_still_gets_the_answer(serve: Serve, scripted: Scripted) -> None:
    async with serve(scripted(ECHO)) as served:
        reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
        writer.write(HEAD % 1 + b"a")
        writer.write_eof()
        assert (await reader.read()).endswith(b'"a"')
        writer.close()


async def test_idle_connections_keep_nothing_of_their_last_requests(serve: Serve, scripted: Scripted) -> None:
    body = HEAD % 500_000 + b"a" * 500_000
    async with serve(scripted("def init(): ...\ndef run(data): return len(data)\n")) as served:
        connections = [await served.connect() for _ in range(8)]
        await connections[0].send(body)
        assert (await connections[0].read()).json == 500_000
        tracemalloc.start()
        try:
            for connection in connections:
                await connection.send(body)
                assert (await connection.read()).json == 500_000
            kept, _ = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert kept < 2 * 500_000  # the thread that scores has the last one in hand


async def test_who_leaves_while_the_model_works_frees_the_place(serve: Serve, scripted: Scripted) -> None:
    async with serve(scripted(ECHO), max_in_flight=1) as served:
        connection = await served.connect()
        await connection.send(HEAD % 1 + b"a")
        await connection.close()

        async def free() -> bool:
            return (await served.request("/score", b"b")).status == 200

        await served.until(free)


async def test_who_leaves_in_the_middle_of_a_body_frees_the_place(serve: Serve) -> None:
    async with serve(max_in_flight=1) as served:
        connection = await served.connect()
        await connection.send(HEAD % 100 + b"{")

        async def taken() -> bool:
            return (await served.request("/score", BODY)).status == 503

        await served.until(taken)
        await connection.close()

        async def free() -> bool:
            return (await served.request("/score", BODY)).status == 200

        await served.until(free)


async def test_who_does_not_read_its_answers_is_not_read_from_and_is_cut_off(serve: Serve) -> None:
    async with serve(request_timeout_ms=200) as served:
        greedy = socket.socket()
        greedy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        greedy.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(greedy, ("127.0.0.1", served.port))
        request = b"GET /swagger.json HTTP/1.1\r\nHost: x\r\n\r\n"
        with pytest.raises((ConnectionError, TimeoutError)):
            async with asyncio.timeout(5):
                while True:
                    await loop.sock_sendall(greedy, request * 500)
        answered = (await served.request("/metrics")).body.decode()
        count = next(line for line in answered.splitlines() if line.startswith('scoring_requests_total{code="200"}'))
        # a few megabytes of answers lie in buffers, then nothing more was done for it
        assert int(count.split()[-1]) < 5000
        greedy.close()


async def test_a_large_body_is_asked_for_before_it_is_sent(serve: Serve) -> None:
    async with serve() as served:
        connection = await served.connect()
        await connection.send(
            b"POST /score HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(BODY)
        )
        assert (await connection.read()).status == 100
        await connection.send(BODY)
        assert (await connection.read()).status == 200


async def test_a_body_that_will_be_refused_is_not_asked_for(serve: Serve) -> None:
    async with serve() as served:
        connection = await served.connect()
        await connection.send(
            b"POST /score HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 99999999\r\n\r\n"
        )
        answer = await connection.read()
        assert (answer.status, answer.headers["connection"]) == (413, "close")
        assert await connection.is_closed()


@pytest.mark.parametrize("lines", [b"", b"Connection: keep-alive\r\n"])
async def test_a_client_of_http_1_0_gets_its_answer_and_an_end(serve: Serve, lines: bytes) -> None:
    async with serve() as served:
        connection = await served.connect()
        await connection.send(b"POST /score HTTP/1.0\r\n%bContent-Length: %d\r\n\r\n" % (lines, len(BODY)) + BODY)
        answer = await connection.read()
        assert (answer.status, answer.headers["connection"]) == (200, "close")
        assert await connection.is_closed()


async def test_a_client_that_wants_another_protocol_is_answered_in_this_one(serve: Serve) -> None:
    async with serve() as served:
        connection = await served.connect()
        upgrade = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQ\r\n"
        await connection.send(b"GET /ready HTTP/1.1\r\nHost: x\r\n" + upgrade + b"\r\n")
        assert (await connection.read()).status == 200


@pytest.mark.parametrize("pause", [0.0, 0.05])
async def test_a_client_that_wants_another_protocol_is_answered_for_its_body(serve: Serve, pause: float) -> None:
    async with serve() as served:
        connection = await served.connect()
        upgrade = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQ\r\n"
        await connection.send(b"POST /score HTTP/1.1\r\nHost: x\r\n%bContent-Length: %d\r\n\r\n" % (upgrade, len(BODY)))
        await asyncio.sleep(pause)
        await connection.send(BODY)
        answer = await connection.read()
        assert (answer.status, answer.headers["connection"]) == (200, "close")
        assert await connection.is_closed()


async def test_a_target_may_be_a_whole_url_and_may_be_escaped(serve: Serve) -> None:
    async with serve() as served:
        assert (await served.request("http://localhost/ready")).status == 200
        assert (await served.request("/%72eady?x=1")).status == 200
        assert (await served.request("*", method="OPTIONS")).status == 404


async def test_a_head_request_has_the_head_alone(serve: Serve) -> None:
    async with serve() as served:
        connection = await served.connect()
        answer = await connection.request("/ready", method="HEAD")
        assert (answer.status, answer.body) == (200, b"")
        assert int(answer.headers["content-length"]) > 0
        assert (await connection.request("/ready")).status == 200


async def test_trailers_of_a_chunked_body_are_no_headers_of_the_next_request(serve: Serve) -> None:
    async with serve() as served:
        connection = await served.connect()
        await connection.send(
            b"POST /score HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
            b"%x\r\n%b\r\n0\r\nx-request-id: trailer\r\n\r\n" % (len(BODY), BODY)
        )
        assert (await connection.read()).status == 200
        assert (await connection.request("/score", BODY)).headers["x-request-id"] != "trailer"


async def test_an_idle_connection_is_closed_after_its_time(serve: Serve) -> None:
    async with serve(keep_alive_ms=100) as served:
        connection = await served.connect()
        assert (await connection.request("/score", BODY)).status == 200
        assert await connection.is_closed()


async def test_two_lengths_are_refused(serve: Serve) -> None:
    async with serve() as served:
        connection: Connection = await served.connect()
        await connection.send(
            b"POST /score HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
        )
        answer = await connection.read()
        assert (answer.status, answer.error["code"]) == (400, "BadRequest")
        assert await connection.is_closed()


async def test_what_comes_after_requests_that_wait_waits_too_and_is_answered(serve: Serve, scripted: Scripted) -> None:
    async with serve(scripted(ECHO), max_in_flight=1) as served:
        connection = await served.connect()
        await connection.send(HEAD % 1 + b"a" + b"GET /live HTTP/1.1\r\nHost: x\r\n\r\n" * 5000)
        assert (await connection.read()).json == "a"
        for _ in range(5000):
            assert (await connection.read()).status == 200


async def test_who_closed_one_half_after_much_gets_all_answers(serve: Serve, scripted: Scripted) -> None:
    async with serve(scripted(ECHO)) as served:
        reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
        writer.write(HEAD % 1 + b"a" + b"GET /live HTTP/1.1\r\nHost: x\r\n\r\n" * 1000)
        writer.write_eof()
        assert (await reader.read()).count(b"HTTP/1.1 200 OK") == 1001
        writer.close()
