"""`python -m images.sensor`: client, loop and SIGTERM."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys

from images.edge_hub.client import EdgeHubClient
from images.edge_hub.messages import ClientFailed
from images.sensor.loop import SensorLoop
from images.sensor.settings import Settings, SettingsError, read_settings
from images.sensor.simulation import Simulation

log = logging.getLogger("sensor")

EXIT_FAILED = 1
EXIT_USAGE = 2
DRAIN_SECONDS = 8.0


async def serve(settings: Settings) -> None:
    client = EdgeHubClient()
    sensor = SensorLoop(client, settings, Simulation())
    running = asyncio.create_task(sensor.run())
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    await asyncio.wait([running, asyncio.create_task(stopping.wait())], return_when=asyncio.FIRST_COMPLETED)
    sensor.stop()
    try:
        await asyncio.wait_for(running, DRAIN_SECONDS)
        await asyncio.wait_for(client.close(), 1.0)
    except (TimeoutError, ClientFailed) as error:
        log.warning("ended without the edge hub's confirmation: %r", error)


def main() -> int:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s", stream=sys.stderr)
    logging.getLogger("azure").setLevel(logging.WARNING)
    try:
        settings = read_settings(os.environ)
    except SettingsError as error:
        print(f"error: {error}", file=sys.stderr)
        return EXIT_USAGE
    try:
        asyncio.run(serve(settings))
    except Exception:
        log.exception("the sensor failed")
        return EXIT_FAILED
    return 0


if __name__ == "__main__":
    exit_code = main()
    logging.shutdown()
    sys.stderr.flush()
    # not sys.exit: it waits for the SDK's threads, and one may hang in a connect that nobody waits for any more
    os._exit(exit_code)
