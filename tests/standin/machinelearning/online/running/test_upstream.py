"""One request to a container: answers in each form that HTTP has, and connections that end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import cast

import pytest

from standin.machinelearning.online.running import upstream
from standin.machinelearning.online.running.upstream import Answer, NoAnswer, Upstream


class Far:
    """Answers each connection with what comes next: bytes, and whether it is ended then."""

    def __init__(self) -> None:
        self.answers: list[tuple[bytes, bool]] = []
        self.asked: list[bytes] = []
        self.connections = 0
        self._serving: list[asyncio.Task[None]] = []

    async def begin(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.place = ("127.0.0.1", int(self._server.sockets[0].getsockname()[1]))
        self.near = Upstream()

    async def end(self) -> None:
        self.near.close()
        self._server.close()
        await asyncio.gather(*self._serving)

    async def ask(self, *answers: tuple[bytes, bool], method: str = "POST") -> Answer:
        self.answers += answers
        return await self.near.ask(self.place, method, "/score?a=1", {"x": "y", "connection": "close"}, b"body")

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._serving.append(cast("asyncio.Task[None]", asyncio.current_task()))
        try:
            while True:
                self.asked.append(await reader.readuntil(b"body"))
                sent, ends = self.answers.pop(0)
                writer.write(sent)
                if ends:
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()


@pytest.fixture
async def far() -> AsyncIterator[Far]:
    made = Far()
    await made.begin()
    yield made
    await made.end()


@pytest.mark.parametrize(
    ("sent", "ends", "body"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab", False, b"ab"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n1\r\nb\r\n0\r\n\r\n", False, b"ab"),
        (b"HTTP/1.0 200 OK\r\n\r\nab", True, b"ab"),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na", False, b"a"),
    ],
)
async def test_an_answer_is_read_whole(far: Far, sent: bytes, ends: bool, body: bytes) -> None:
    answer = await far.ask((sent, ends))
    assert (answer.status, answer.body) == (200, body)
    head = far.asked[0].decode()
    assert head.startswith("POST /score?a=1 HTTP/1.1\r\nx: y\r\ncontent-length: 4\r\n\r\n")


async def test_the_answer_to_a_head_has_no_body(far: Far) -> None:
    answer = await far.ask((b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nA: 1\r\nA: 2\r\n\r\n", False), method="HEAD")
    assert (answer.body, answer.headers["a"]) == (b"", "1, 2")


async def test_connections_are_kept_and_one_that_was_ended_meanwhile_is_no_failure(far: Far) -> None:
    good = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
    for ends in (False, True):  # the second ends it without having said so
        assert (await far.ask((good, ends))).status == 200
    assert far.connections == 1
    assert (await far.ask((good, False))).status == 200
    assert far.connections == 2


@pytest.mark.parametrize(
    "sent", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab", b"SSH-2.0-x\r\n", b"HTTP/1.1 200 OK\r\nA: b"]
)
async def test_an_answer_that_is_none_is_told_as_such_and_asked_for_once(far: Far, sent: bytes) -> None:
    with pytest.raises(NoAnswer):
        await far.ask((sent, True))
    assert len(far.asked) == 1


async def test_an_answer_without_end_is_cut_off(far: Far, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upstream, "_MOST_BODY", 10)
    with pytest.raises(NoAnswer):
        await far.ask((b"HTTP/1.0 200 OK\r\n\r\n" + b"a" * 100, False))


async def test_nobody_there_is_no_answer_of_a_model() -> None:
    with pytest.raises(ConnectionRefusedError):
        await Upstream().ask(("127.0.0.1", 1), "GET", "/", {}, b"")
