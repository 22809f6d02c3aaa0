"""Told to stop, the worker answers what it accepted and then ends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from images.edge_hub.messages import Handlers
from images.scoring.process.worker import EXIT_OK
from tests.images.scoring.conftest import BODY, Serve
from tests.images.scoring.edge.fake_client import FakeClient
from tests.images.scoring.http.test_limits import BLOCKING, release, until_entered
from tests.waiting import DEADLINE_S

pytestmark = pytest.mark.slow


async def test_a_request_in_flight_is_answered_before_the_process_ends(
    serve: Serve, scripted: Callable[..., Path]
) -> None:
    async with serve(scripted(BLOCKING)) as served:
        request = asyncio.create_task(served.request("/score", b"1"))
        await until_entered()
        served.worker.stop()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.shield(served.task), 0.3)
        release()
        answer = await request
        assert (answer.status, answer.body) == (200, b"true")
        assert await asyncio.wait_for(served.task, DEADLINE_S) == EXIT_OK
        with pytest.raises(ConnectionRefusedError):
            await served.connect()


async def test_while_draining_it_is_not_ready_but_still_serves_and_asks_clients_to_leave(serve: Serve) -> None:
    async with serve(drain_grace_ms=5000) as served:
        connection = await served.connect()
        assert "connection" not in (await connection.request("/score", BODY)).headers
        served.worker.stop()

        async def draining() -> bool:
            return (await served.request("/ready")).status == 503

        await served.until(draining)
        answer = await connection.request("/score", BODY)
        assert (answer.status, answer.headers["connection"]) == (200, "close")
        assert await connection.is_closed()
        assert (await served.request("/live")).status == 200


async def test_a_request_that_has_begun_to_arrive_is_answered_after_the_listener_is_closed(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("images.scoring.process.server.ARRIVAL_SECONDS", DEADLINE_S)
    async with serve(drain_deadline_ms=600_000) as served:
        fresh, begun = await served.connect(), await served.connect()
        assert (await begun.request("/score", BODY)).status == 200
        request = b"POST /score HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(BODY) + BODY
        await begun.send(request[:30])
        served.worker.stop()

        async def closed() -> bool:
            return served.listener.fileno() == -1

        await served.until(closed)
        await begun.send(request[30:])
        await fresh.send(request)
        for connection in (begun, fresh):
            answer = await connection.read()
            assert (answer.status, answer.headers["connection"]) == (200, "close")


async def test_idle_connections_do_not_hold_up_the_end(serve: Serve) -> None:
    async with serve(keep_alive_ms=3_600_000, drain_deadline_ms=600_000) as served:
        idle = await served.connect()
        assert (await idle.request("/score", BODY)).status == 200
        served.worker.stop()
        assert await asyncio.wait_for(served.task, DEADLINE_S) == EXIT_OK
        assert await idle.is_closed()


async def test_a_run_that_never_ends_does_not_hold_up_the_end_for_ever(
    serve: Serve, scripted: Callable[..., Path]
) -> None:
    async with serve(scripted(BLOCKING), run_timeout_ms=50, drain_deadline_ms=200) as served:
        request = asyncio.create_task(served.request("/score", b"1"))
        await until_entered()
        assert (await request).status == 500
        served.worker.stop()
        assert await asyncio.wait_for(served.task, DEADLINE_S) == EXIT_OK
        release()


class EndsBadly(FakeClient):
    """As the SDK does whose client is shut down while it connects."""

    def __init__(self) -> None:
        super().__init__()
        self._shut = asyncio.Event()

    async def open(self, handlers: Handlers) -> None:
        await self._shut.wait()
        raise RuntimeError("loop is closed")

    async def close(self) -> None:
        self._shut.set()
        await asyncio.sleep(0)  # the connect ends meanwhile


async def test_a_connect_that_fails_because_of_the_end_is_no_failure(serve: Serve) -> None:
    async with serve(client=EndsBadly) as served:
        served.worker.stop()
        assert await asyncio.wait_for(served.task, DEADLINE_S) == EXIT_OK
