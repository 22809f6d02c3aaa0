"""azure-eventhub's asyncio client, unmodified, on plain TCP: its WebSocket needs aiohttp, which the project lacks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from azure.eventhub import EventData
from azure.eventhub.aio import EventHubConsumerClient as AsyncConsumer

from standin.iothub import D2CMessage, Hub
from standin.iothub.amqp.serving import serve
from standin.iothub.registry.requests import IdentityRequest
from tests.standin.iothub.conftest import HUB, Bench
from tests.waiting import DEADLINE_S

pytestmark = [
    pytest.mark.slow,
    # azure-eventhub leaves sockets of failed attempts to the garbage collector
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
    pytest.mark.filterwarnings("ignore:Exception ignored in:pytest.PytestUnraisableExceptionWarning"),
]


class TcpChannel:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def receive(self) -> bytes | None:
        return await self._reader.read(65536) or None

    async def send(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()


@asynccontextmanager
async def plain_endpoint(bench: Bench) -> AsyncIterator[str]:
    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await serve(TcpChannel(reader, writer), bench.hub.endpoint.client())
        except ConnectionError:
            return
        finally:
            writer.close()

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    key = bench.hub.record.policies["service"].primary
    yield (
        f"Endpoint=sb://localhost:{port}/;SharedAccessKeyName=service;SharedAccessKey={key};"
        f"EntityPath={HUB};UseDevelopmentEmulator=true"
    )
    server.close()


async def test_the_asyncio_client_reads_all_partitions_in_order_after_a_kill(bench: Bench) -> None:
    devices = [f"d{number}" for number in range(8)]
    for device in devices:
        registered_as(bench.hub, device)
        bench.hub.append(device, None, [D2CMessage(body=f"{device}:{n}".encode()) for n in range(40)])
    bench.restart()
    for device in devices:
        bench.hub.append(device, None, [D2CMessage(body=f"{device}:{n}".encode()) for n in range(40, 50)])
    seen: dict[str, list[str]] = {}
    everything = asyncio.Event()

    async def on_event(context: Any, event: EventData | None) -> None:
        assert event is not None
        device, _, number = event.body_as_str().partition(":")
        seen.setdefault(device, []).append(number)
        if sum(map(len, seen.values())) == 400:
            everything.set()

    async with plain_endpoint(bench) as text, AsyncConsumer.from_connection_string(text, "$Default") as client:
        task = asyncio.create_task(client.receive(on_event, starting_position="-1"))
        async with asyncio.timeout(DEADLINE_S):
            await everything.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert seen == {device: [str(number) for number in range(50)] for device in devices}


def registered_as(hub: Hub, device: str) -> None:
    with hub.transaction():
        hub.registry.put_device(device, IdentityRequest(), None)
