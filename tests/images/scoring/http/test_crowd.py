"""Who sends much, or what takes long, waits for those who send little; and what waits is bounded."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from images.scoring.http import connection as connection_module
from images.scoring.http.app import App, Outcome
from images.scoring.http.exchange import HttpRequest, Response
from images.scoring.http.limits import TURN_SECONDS
from images.scoring.http.routes import Route
from images.scoring.http.server_state import Crowd
from tests.images.scoring.conftest import Serve

Scripted = Callable[..., Path]
HEAD = b"POST /score HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"
ECHO = "import time\ndef init(): ...\ndef run(data):\n    time.sleep(0.01)\n    return data\n"


async def test_who_sends_much_waits_for_those_who_send_little() -> None:
    loop = asyncio.get_running_loop()
    read: list[str] = []
    crowd = Crowd(loop)

    class Much:
        left = 3

        def read_on(self) -> None:
            self.left -= 1
            read.append("much")
            loop.call_soon(read.append, "little")
            until = time.monotonic() + TURN_SECONDS  # as long as a turn takes
            while time.monotonic() <= until:
                continue
            if self.left:
                crowd.join(self)

    crowd.join(Much())
    crowd.join(Much())
    while len(read) < 12:  # noqa: ASYNC110 - the turns of the loop are what is counted
        await asyncio.sleep(0)
    assert read == ["much", "little"] * 6


@pytest.mark.parametrize(("clients", "most"), [(1, 3), (6, 6)])
async def test_who_sends_few_that_take_long_has_a_turn_where_nobody_waits_and_then_waits_too(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, clients: int, most: int
) -> None:
    turns, answered = 0, Counter[int]()
    respond = App.respond

    def slowly(app: App, route: Route, request: HttpRequest) -> Response | Outcome:
        time.sleep(TURN_SECONDS / 2)
        answered[turns] += 1
        return respond(app, route, request)

    async def count_turns() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    monkeypatch.setattr(App, "respond", slowly)
    head = b"GET /live?%b HTTP/1.1\r\nHost: x\r\n\r\n" % (b"a=1&" * 2500)
    async with serve() as served:
        counting = asyncio.create_task(count_turns())
        connections = [await served.connect() for _ in range(clients)]
        await asyncio.gather(*(connection.send(head * 24) for connection in connections))
        for connection in connections:
            assert {(await connection.read()).status for _ in range(24)} == {200}
        counting.cancel()
    assert max(answered.values()) <= most


async def test_what_waits_to_be_parsed_is_bounded_and_given_back(
    serve: Serve, scripted: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection_module, "MAX_WAITING_BYTES", 100_000)
    probes = b"GET /live HTTP/1.1\r\nHost: x\r\n\r\n" * 2500
    async with serve(scripted(ECHO)) as served:
        for _ in range(3):  # what waited for one that has left is not counted any more
            leaves = await served.connect()
            await leaves.send(HEAD % 1 + b"a" + probes)
            await leaves.close()

        async def answered() -> bool:
            last = await served.connect()
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                await last.send(HEAD % 1 + b"a" + probes)
                return bool((await last.read()).json == "a")
            return False

        await served.until(answered)
        too_much = await served.connect()
        with contextlib.suppress(ConnectionError):
            await too_much.send(HEAD % 1 + b"a" + probes * 10)
        assert await too_much.is_cut_off()
