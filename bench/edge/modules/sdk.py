"""`python -m bench.edge.modules.sdk ROLE`: sender or scorer over azure-iot-device, as this project's modules use it
(`images/edge_hub`), with the environment that the edge agent sets.
"""

from __future__ import annotations

import asyncio
import sys
import time

from bench.edge.messages import SCORED, SENT, body
from bench.edge.modules.pace import due_times
from bench.edge.orders import answer, next_order
from images.edge_hub.client import EdgeHubClient
from images.edge_hub.messages import Handlers, Inbound, Outbound

WINDOW = 100
"""How many messages wait for their acknowledgement."""


async def run_sender() -> None:
    client = EdgeHubClient()
    await client.open(Handlers(on_message=lambda message: None))
    answer("ready")
    while (order := await asyncio.to_thread(next_order)) is not None:
        await _send(client, order["run"], order["count"], order["rate"])
        answer("sent")


async def _send(client: EdgeHubClient, run: int, count: int, rate: float) -> None:
    room = asyncio.Semaphore(WINDOW)

    async def send(number: int) -> None:
        await client.send(Outbound(output_name=SENT, body=body(run, number), message_id=f"{run}-{number}"))
        room.release()

    async with asyncio.TaskGroup() as sending:
        for number, due in enumerate(due_times(count, rate)):
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            await room.acquire()
            sending.create_task(send(number))


async def run_scorer() -> None:
    """Sends on what it gets, as a scorer that needs no time, and acknowledges it once the hub has that."""
    client = EdgeHubClient()
    numbers = iter(range(sys.maxsize))

    async def score(message: Inbound) -> None:
        await client.send(Outbound(output_name=SCORED, body=message.body, message_id=str(next(numbers))))
        message.acknowledge()

    async with asyncio.TaskGroup() as scoring:

        def on_message(message: Inbound) -> None:
            scoring.create_task(score(message))

        await client.open(Handlers(on_message=on_message))
        answer("ready")
        await asyncio.to_thread(_until_told_to_end)


def _until_told_to_end() -> None:
    while next_order() is not None:
        pass


if __name__ == "__main__":
    asyncio.run({"sender": run_sender, "scorer": run_scorer}[sys.argv[1]]())
