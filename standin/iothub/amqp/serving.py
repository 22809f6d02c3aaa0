"""An AMQP connection on a transport: the WebSocket that `AmqpOverWebsocket` opens, or any other stream of bytes."""

from __future__ import annotations

import asyncio
from typing import Protocol

from standin.iothub.amqp.connection import Connection
from standin.iothub.amqp.container import Container

_TICK_S = 1


class Channel(Protocol):
    """`receive` gives None at the end; text has no place in AMQP."""

    async def receive(self) -> bytes | str | None: ...

    async def send(self, data: bytes) -> None: ...


async def serve(channel: Channel, container: Container) -> None:
    """Until either side is done."""
    wake, taken = asyncio.Event(), asyncio.Event()
    connection = Connection(container, wake.set)
    tasks = [
        asyncio.ensure_future(work)
        for work in (_read(channel, connection, taken), _write(channel, connection, wake, taken), _beat(connection))
    ]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        connection.dispose()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _read(channel: Channel, connection: Connection, taken: asyncio.Event) -> None:
    """No further than the peer takes what it is answered."""
    while isinstance(data := await channel.receive(), bytes):
        connection.receive(data)
        if connection.finished:
            # the writer ends the connection once the last words are out
            await asyncio.Event().wait()
        while connection.full:
            taken.clear()
            await taken.wait()


async def _write(channel: Channel, connection: Connection, wake: asyncio.Event, taken: asyncio.Event) -> None:
    while not connection.finished:
        await wake.wait()
        wake.clear()
        while data := connection.take():
            await channel.send(data)
            taken.set()
            connection.resume()


async def _beat(connection: Connection) -> None:
    while True:
        await asyncio.sleep(_TICK_S)
        connection.tick()
