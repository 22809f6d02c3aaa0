"""Host names, routes and WebSockets of the server, with a service of the test's own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import websockets
from websockets.protocol import State

from standin.control.service import ControlService
from standin.core.errors import BodyTooLarge, ServiceError
from standin.core.http import (
    MOST_BODY_BYTES,
    Request,
    Response,
    Route,
    Service,
    WebSocket,
    WebSocketHandler,
    find_route,
    json_response,
    whole,
)
from standin.core.serving.listeners import Listener, bind
from standin.core.serving.server import Application
from standin.core.serving.throttling import Throttle
from standin.foundation import Foundation, lay_foundation
from tests.ports import free_port_base
from tests.waiting import DEADLINE_S


class Echo(Service):
    hosts: Sequence[str] = (".echo.test", "echo.test")

    def __init__(self) -> None:
        self.websockets: Mapping[str, WebSocketHandler] = {"/echo/{name}": self._echo, "/refuse": self._refuse}

    def error(self, problem: ServiceError) -> Response:
        return json_response({"code": problem.code}, problem.status)

    async def _echo(self, socket: WebSocket) -> None:
        await socket.accept(socket.subprotocols[0] if socket.subprotocols else None)
        await socket.send(f"{socket.host} {socket.parameters['name']} {socket.query.get('q')}")
        while (message := await socket.receive()) is not None:
            await socket.send(message)

    async def _refuse(self, socket: WebSocket) -> None:
        await socket.close()


@pytest.fixture
def base(tmp_path: Path) -> Iterator[Foundation]:
    base = lay_foundation(tmp_path)
    yield base
    base.store.close()


def application(base: Foundation, services: Sequence[Service]) -> Application:
    control = ControlService(routes=(), websockets={})
    throttle = Throttle(base.store, base.profile)
    return Application(services, control, faults=base.faults, throttle=throttle, issuer=base.issuer)


@pytest.fixture
async def port(base: Foundation) -> AsyncIterator[int]:
    """Where a server with the echo service listens."""
    port = free_port_base()
    listener = Listener(application(base, [Echo()]))
    await listener.start([bind("127.0.0.1", port, "a test")])
    yield port
    await asyncio.wait_for(listener.stop(), timeout=DEADLINE_S)


async def test_it_stops_while_a_client_closes_its_websocket(base: Foundation) -> None:
    port = free_port_base()
    listener = Listener(application(base, [Echo()]))
    await listener.start([bind("127.0.0.1", port, "a test")])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    key = "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
    hello = f"GET /echo/me HTTP/1.1\r\nHost: echo.test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n{key}\r\n"
    size = 12_000_000
    # its echo is never read, so that the connection is not at its end when it is closed
    message = b"\x82\xff" + size.to_bytes(8, "big") + bytes(4) + bytes(size)
    writer.write(hello.encode())
    await reader.readuntil(b"\r\n\r\n")
    writer.write(message)
    server: Any = listener._server
    (connection,) = server.server_state.connections
    async with asyncio.timeout(DEADLINE_S):
        while not connection.transport.get_write_buffer_size():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        writer.write(b"\x88\x80" + bytes(4))
        while connection.conn.state is State.OPEN:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        stopped = asyncio.create_task(listener.stop())
        while server.servers[0].is_serving():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    writer.transport.abort()
    await asyncio.wait_for(stopped, DEADLINE_S)


async def test_a_websocket_echoes_text_and_bytes_and_refuses_what_is_not_served(port: int) -> None:

    async def connect(path: str) -> websockets.ClientConnection:
        return await websockets.connect(
            f"ws://a.echo.test{path}",
            host="127.0.0.1",
            port=port,
            proxy=None,
            subprotocols=[websockets.Subprotocol("x")],
        )

    connection = await connect("/echo/me?q=1")
    assert (connection.subprotocol, await connection.recv()) == ("x", "a.echo.test me 1")
    for message in ("text", b"bytes", b"x" * 500_000):
        await connection.send(message)
        assert await connection.recv() == message
    await connection.close()
    for path in ("/refuse", "/other"):
        with pytest.raises(websockets.InvalidStatus) as refusal:
            await connect(path)
        assert refusal.value.response.status_code == 403


async def handler(request: Request, parameters: Mapping[str, str]) -> Response:
    return Response()


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/devices/d%1/modules/m", {"device": "d%1", "module": "m"}),
        ("/DEVICES/D/Modules/M", {"device": "D", "module": "M"}),
        ("/devices/d/modules/", None),
        ("/devices/a/b/modules/m", None),
    ],
)
def test_literals_match_in_any_case_and_names_take_one_segment(path: str, expected: dict[str, str] | None) -> None:
    assert Route("GET", "/devices/{device}/modules/{module}", handler).match(path) == expected


def test_the_rest_of_a_path_may_be_empty_and_hold_anything() -> None:
    route = Route("*", "/{container}/{blob:path}", handler)
    assert route.match("/c/a/b.c") == {"container": "c", "blob": "a/b.c"}
    assert route.match("/c/") == {"container": "c", "blob": ""}
    assert find_route([route], "PUT", "/c") is None


def test_the_longest_suffix_and_the_exact_name_win(base: Foundation) -> None:
    exact, long, short = Echo(), Echo(), Echo()
    exact.hosts, long.hosts, short.hosts = ("a.b.test",), (".b.test",), (".test",)
    served = application(base, [short, long, exact])
    assert served.service_for("a.b.test") is exact
    assert served.service_for("c.b.test") is long
    assert served.service_for("c.test") is short
    assert served.service_for("elsewhere") is None


async def test_a_body_without_end_is_refused_before_it_is_whole() -> None:
    taken = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal taken
        while True:
            taken += 1
            yield bytes(2**20)

    with pytest.raises(BodyTooLarge):
        await whole(endless())
    assert taken == MOST_BODY_BYTES // 2**20 + 1
