"""A connection under TLS reads a record at a time, over either event loop."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest
import uvloop

from images.scoring.process.tls_door import Handshake
from images.scoring.process.tls_protocol import RECORD_BYTES, accept_tls
from tests.images.scoring.client import Connection
from tests.images.scoring.conftest import Serve
from tests.waiting import DEADLINE_S

BODY = bytes(range(256)) * 4096


class Counting(asyncio.Protocol):
    """Answers what it was sent once that is whole."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []
        self.lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost.set_result(None)

    def data_received(self, data: bytes) -> None:
        self.pieces.append(data)
        if sum(map(len, self.pieces)) == len(BODY):
            self._transport.write(b"".join(self.pieces))


async def echoed(secrets: Path, trust: ssl.SSLContext) -> list[bytes]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(secrets / "tls.crt", secrets / "tls.key")
    counting, loop = Counting(), asyncio.get_running_loop()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        address = listener.getsockname()
        client = asyncio.create_task(asyncio.open_connection(*address, ssl=trust, server_hostname="localhost"))
        accepted, _ = await loop.sock_accept(listener)
    await accept_tls(counting, accepted, context, handshake_seconds=DEADLINE_S, shutdown_seconds=1)
    reader, writer = await client
    writer.write(BODY)
    assert await reader.readexactly(len(BODY)) == BODY
    writer.close()
    await counting.lost
    return counting.pieces


@pytest.mark.parametrize("make", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def test_a_long_body_comes_by_records(
    make: Callable[[], asyncio.AbstractEventLoop], secrets_folder: Path, trust: ssl.SSLContext
) -> None:
    with asyncio.Runner(loop_factory=make) as runner:
        pieces = runner.run(asyncio.wait_for(echoed(secrets_folder, trust), DEADLINE_S))
    assert max(map(len, pieces)) <= 2 * RECORD_BYTES


async def test_a_handshake_that_is_given_up_keeps_no_task(serve: Serve, secrets_folder: Path) -> None:
    async with serve(secrets=secrets_folder) as served:
        assert served.tls_port is not None
        silent = await Connection.open(served.tls_port)
        door = served.worker._servers[1]._door
        assert door is not None

        async def begun() -> bool:
            return len(door._handshakes) == 1

        await served.until(begun)
        (handshake,) = door._handshakes
        door.end_handshakes()
        assert await silent.is_closed()
        # a task that was cancelled keeps its frames: only the garbage collector would find what is in them
        await served.until(lambda: forgotten(handshake))
        await silent.close()


async def forgotten(handshake: Handshake) -> bool:
    return handshake._task is None
