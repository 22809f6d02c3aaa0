"""The viewer over real sockets: who may look, the newest picture only, floods, and the module as a whole."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidMessage, InvalidStatus

from images.edge_hub.messages import ClientFailed, Handlers, Outbound
from images.image_capture.detector import Answer, parsed
from images.image_capture.module import Capture
from images.image_capture.settings import Settings
from images.image_capture.source import Source
from images.image_capture.viewer import MOST_CLIENTS, POLICY, Viewer
from images.image_capture.visits import MOST_CONNECTIONS
from tests.images.image_capture.test_looking import body
from tests.waiting import DEADLINE_S


@pytest.fixture
async def viewer() -> AsyncIterator[Viewer]:
    made = Viewer()
    await made.start("127.0.0.1", 0)
    yield made
    await made.close()


def looking(port: int, *, host: str = "127.0.0.1", origin: str | None = None, **more: Any) -> connect:
    origin = f"http://{host}:{port}" if origin is None else origin
    return connect(f"ws://{host}:{port}/pictures", origin=origin or None, proxy=None, **more)  # type: ignore[arg-type]


async def got(viewer: Viewer, path: str, host: str | None = None) -> tuple[int, str, bytes]:
    reader, writer = await asyncio.open_connection("127.0.0.1", viewer.port)
    name = host or f"127.0.0.1:{viewer.port}"
    writer.write(f"GET {path} HTTP/1.1\r\nHost: {name}\r\n\r\n".encode())
    head, _, content = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    return int(head.split()[1]), head.decode(), content


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(DEADLINE_S):
        while not condition():  # noqa: ASYNC110 - over sockets there is nothing to wait on
            await asyncio.sleep(0.005)


async def test_the_page_and_its_parts_come_with_a_policy_that_lets_nothing_else_in(viewer: Viewer) -> None:
    for path, kind in (("/", "text/html"), ("/viewer.js", "text/javascript"), ("/viewer.css", "text/css")):
        status, head, content = await got(viewer, path)
        assert (status, bool(content)) == (200, True)
        assert f"Content-Type: {kind}" in head and f"Content-Security-Policy: {POLICY}" in head
    assert (await got(viewer, "/etc/passwd"))[0] == 404
    assert (await got(viewer, "/../settings.py"))[0] == 404


async def test_who_looks_has_the_newest_picture_at_once_and_each_after_it(viewer: Viewer) -> None:
    viewer.show(b"first")
    async with looking(viewer.port) as one:
        assert await one.recv() == b"first"
        viewer.show(b"second")
        assert await one.recv() == b"second"
        assert viewer.watched


async def test_a_name_that_may_be_anybodys_and_another_page_may_not_look(viewer: Viewer) -> None:
    assert (await got(viewer, "/", host=f"evil.example.com:{viewer.port}"))[0] == 403
    assert (await got(viewer, "/", host="evil.example.com\r\nHost: 127.0.0.1"))[0] in (400, 403)
    assert (await got(viewer, "/", host=f"localhost:{viewer.port}"))[0] == 200
    others = (
        "http://evil.example.com",
        f"https://127.0.0.1:{viewer.port}",
        f"http://localhost:{viewer.port}",
        "null",
        "",
    )
    for origin in others:
        with pytest.raises(InvalidStatus) as refused:
            async with looking(viewer.port, origin=origin):
                pass
        assert refused.value.response.status_code == 403


async def test_who_does_not_take_pictures_misses_those_between_and_keeps_nobody_waiting(viewer: Viewer) -> None:
    picture = bytes(200_000)
    async with looking(viewer.port, max_queue=1) as slow, looking(viewer.port) as quick:
        viewer.show(picture)
        assert await quick.recv() == picture
        for number in range(300):
            viewer.show(b"%03d" % number + picture)
            await asyncio.sleep(0)
        viewer.show(b"last")
        async with asyncio.timeout(DEADLINE_S):
            while await quick.recv() != b"last":
                pass
            seen = 0
            while await slow.recv() != b"last":
                seen += 1
        assert seen < 200


async def closed(connection: ClientConnection) -> int:
    with pytest.raises(ConnectionClosed) as ended:
        async with asyncio.timeout(DEADLINE_S):
            while True:
                await connection.recv()
    return ended.value.rcvd.code if ended.value.rcvd is not None else 0


async def test_who_says_anything_is_closed_and_a_long_word_is_not_read(viewer: Viewer) -> None:
    async with looking(viewer.port) as talks:
        await talks.send("hello")
        assert await closed(talks) == 1008
    async with looking(viewer.port) as floods:
        await floods.send(bytes(2_000))
        assert await closed(floods) == 1009
    await until(lambda: not viewer.watched)


async def test_only_so_many_look_at_once_and_places_come_free(viewer: Viewer) -> None:
    clients = [await looking(viewer.port) for _ in range(MOST_CLIENTS)]
    with pytest.raises(InvalidStatus) as refused:
        await looking(viewer.port)
    assert refused.value.response.status_code == 503
    for client in clients:
        await client.close()
    await until(lambda: not viewer.watched)
    for _ in range(100):
        async with looking(viewer.port):
            pass
    await until(lambda: not viewer.watched)


def reading_nothing(port: int) -> socket.socket:
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    made.connect(("127.0.0.1", port))
    made.sendall(
        f"GET /pictures HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: http://127.0.0.1:{port}\r\n"
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
    )
    return made


async def test_who_reads_nothing_loses_his_place_to_others() -> None:
    viewer = Viewer(take_seconds=0.2)
    await viewer.start("127.0.0.1", 0)
    viewer.show(bytes(5_000_000))
    with contextlib.ExitStack() as sockets:
        for _ in range(MOST_CLIENTS):
            sockets.enter_context(reading_nothing(viewer.port))
        await until(lambda: viewer.watched)
        await until(lambda: not viewer.watched)
        async with looking(viewer.port, max_size=None) as looks:
            assert len(await looks.recv()) == 5_000_000
    await viewer.close()


async def test_who_reads_nothing_or_asks_for_nothing_does_not_keep_the_viewer_from_its_end() -> None:
    viewer = Viewer()
    await viewer.start("127.0.0.1", 0)
    viewer.show(bytes(5_000_000))
    with reading_nothing(viewer.port), socket.create_connection(("127.0.0.1", viewer.port)) as silent:
        silent.sendall(b"GET / HT")
        await until(lambda: viewer.watched)
        await asyncio.wait_for(viewer.close(), DEADLINE_S)
    assert not viewer.watched


async def test_connections_that_ask_for_nothing_are_so_many_and_no_more(viewer: Viewer) -> None:
    silent = [await asyncio.open_connection("127.0.0.1", viewer.port) for _ in range(MOST_CONNECTIONS)]
    for _ in range(10):
        reader, writer = await asyncio.open_connection("127.0.0.1", viewer.port)
        with contextlib.suppress(ConnectionResetError):
            assert await asyncio.wait_for(reader.read(), DEADLINE_S) == b""
        writer.close()
    for _, writer in silent:
        writer.transport.abort()

    async def looks() -> bool:
        with contextlib.suppress(OSError, InvalidMessage):
            async with looking(viewer.port):
                return True
        return False

    async with asyncio.timeout(DEADLINE_S):
        while not await looks():
            pass


async def test_who_sends_pings_without_end_is_cut_off_and_has_no_answers_pile_up(viewer: Viewer) -> None:
    async with looking(viewer.port) as floods, looking(viewer.port) as looks:
        floods.transport.pause_reading()
        sent = 0
        with pytest.raises(ConnectionClosed):
            async with asyncio.timeout(DEADLINE_S):
                while True:
                    await floods.ping(b"%0100d" % sent)
                    sent += 1
                    await asyncio.sleep(0)
        viewer.show(b"a picture")
        assert await looks.recv() == b"a picture"
    assert sent > 50


class Finds:
    """A detector that finds one more person with each second picture."""

    def __init__(self) -> None:
        self.asked = 0

    def ask(self, picture: bytes) -> Answer | None:
        self.asked += 1
        return parsed(body(*["person"] * (self.asked // 2 % 3)))


class Hub:
    def __init__(self) -> None:
        self.refusals = 2
        self.sent: list[bytes] = []

    async def open(self, handlers: Handlers) -> None:
        if self.refusals:
            self.refusals -= 1
            raise ClientFailed("not yet")

    async def send(self, message: Outbound) -> None:
        self.sent.append(message.body)

    async def close(self) -> None: ...


class Broken:
    live, name, rate = False, "broken", 0.0

    def frames(self) -> Iterator[Any]:
        raise ZeroDivisionError("a fault of ours")


async def test_a_thread_that_fails_ends_the_module_so_that_the_agent_starts_it_anew() -> None:
    capture = Capture(Hub(), Settings(video="x"), Broken(), port=0, retry_seconds=0.001)
    with pytest.raises(ZeroDivisionError, match="a fault of ours"):
        await asyncio.wait_for(capture.run(), DEADLINE_S)


async def test_the_module_shows_what_it_looks_at_and_sends_on_what_is_found() -> None:
    hub = Hub()
    settings = Settings(video="pattern", frames_per_second=60, send_seconds=0)
    capture = Capture(hub, settings, Source(settings), detector=Finds(), port=0, retry_seconds=0.001)
    running = asyncio.create_task(capture.run())
    assert capture.viewer is not None
    await until(lambda: capture.viewer is not None and capture.viewer.started)
    async with asyncio.timeout(DEADLINE_S), looking(capture.viewer.port) as watching:
        for _ in range(3):
            assert (await watching.recv())[:2] == b"\xff\xd8"
    await until(lambda: len(hub.sent) >= 3)
    with reading_nothing(capture.viewer.port):
        await until(lambda: capture.viewer is not None and capture.viewer.watched)
        capture.stop()
        await asyncio.wait_for(running, DEADLINE_S)
    assert hub.sent[0] != hub.sent[1]
