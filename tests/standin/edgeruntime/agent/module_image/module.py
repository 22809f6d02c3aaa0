"""A sensor or a scorer (ROLE) for the tests, on unmodified azure-iot-device: numbers in, the same numbers out."""

import asyncio
import json
import os
import signal

from azure.iot.device import Message
from azure.iot.device.aio import IoTHubModuleClient
from azure.iot.device.iothub.pipeline.constant import INPUT_MSG

ROLE = os.environ["ROLE"]
COUNT = int(os.environ.get("COUNT", "0"))
PERIOD_S = float(os.environ.get("PERIOD", "0.05"))


async def send(client: IoTHubModuleClient, body: str, output: str) -> None:
    message = Message(body, content_encoding="utf-8", content_type="application/json")  # type: ignore[no-untyped-call]
    while True:
        try:
            await client.send_message_to_output(message, output)
            return
        except Exception as problem:
            print("again:", repr(problem))
            await asyncio.sleep(0.3)


async def sense(client: IoTHubModuleClient) -> None:
    """All messages are made in time, whether or not they can be sent."""
    waiting: asyncio.Queue[int] = asyncio.Queue()

    async def make() -> None:
        for number in range(COUNT):
            waiting.put_nowait(number)
            await asyncio.sleep(PERIOD_S)

    making = asyncio.create_task(make())
    for _ in range(COUNT):
        await send(client, json.dumps({"n": await waiting.get()}), "temperatureOutput")
    await making
    print("sent", COUNT)


async def score(client: IoTHubModuleClient, inbox: asyncio.Queue[bytes]) -> None:
    while True:
        body = json.loads(await inbox.get())
        await send(client, json.dumps(body | {"by": os.environ.get("TAG", "")}), "amlOutput")
        inbox.task_done()


async def empty(client: IoTHubModuleClient, inbox: asyncio.Queue[bytes]) -> None:
    """The SDK has acknowledged what is in the inbox: whoever ends without it loses it."""
    await client._disable_feature(INPUT_MSG)
    await inbox.join()
    await asyncio.sleep(0.1)
    await inbox.join()


async def main() -> None:
    client = IoTHubModuleClient.create_from_edge_environment(connection_retry_interval=1)
    loop = asyncio.get_running_loop()
    inbox: asyncio.Queue[bytes] = asyncio.Queue()

    async def received(message: Message) -> None:
        loop.call_soon_threadsafe(inbox.put_nowait, message.data)

    if ROLE == "scorer":
        client.on_message_received = received  # before connecting: the queue is pushed right after CONNACK
    await client.connect()
    print("connected")
    stop = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    work = asyncio.create_task(sense(client) if ROLE == "sensor" else score(client, inbox))
    await stop.wait()
    if ROLE == "scorer":
        await empty(client, inbox)
    work.cancel()
    await client.shutdown()


asyncio.run(main())
