"""The process of a module that sends: settings, client, loop, SIGTERM, exit code."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Callable, Mapping
from typing import NoReturn, Protocol, TypeVar

from images.edge_hub.messages import ClientFailed
from images.sending.settings import SettingsError

EXIT_FAILED = 1
EXIT_USAGE = 2
DRAIN_SECONDS = 8.0


class Sender(Protocol):
    async def run(self) -> None: ...

    def stop(self) -> None:
        """Makes `run` return once the message in hand is delivered."""


class Client(Protocol):
    async def close(self) -> None: ...


C = TypeVar("C", bound=Client)
Prepare = Callable[[Mapping[str, str]], Callable[[C], Sender]]
"""Reads the environment, or raises SettingsError; what it gives makes the sender of a client."""


def run_sender(name: str, client: Callable[[], C], prepare: Prepare[C]) -> NoReturn:
    """Until SIGTERM. `name` is what the log calls the module."""
    code = _run(name, client, prepare)
    logging.shutdown()
    sys.stderr.flush()
    # not sys.exit: it waits for the SDK's threads, and one may hang in a connect that nobody waits for any more
    os._exit(code)


def _run(name: str, client: Callable[[], C], prepare: Prepare[C]) -> int:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s", stream=sys.stderr)
    logging.getLogger("azure").setLevel(logging.WARNING)
    log = logging.getLogger(name)
    try:
        make = prepare(os.environ)
    except SettingsError as error:
        print(f"error: {error}", file=sys.stderr)
        return EXIT_USAGE
    try:
        asyncio.run(_serve(client(), make, log))
    except Exception:
        log.exception("the %s failed", name)
        return EXIT_FAILED
    return 0


async def _serve(client: C, make: Callable[[C], Sender], log: logging.Logger) -> None:
    sender = make(client)
    running = asyncio.create_task(sender.run())
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    await asyncio.wait([running, asyncio.create_task(stopping.wait())], return_when=asyncio.FIRST_COMPLETED)
    sender.stop()
    try:
        await asyncio.wait_for(running, DRAIN_SECONDS)
        await asyncio.wait_for(client.close(), 1.0)
    except (TimeoutError, ClientFailed) as error:
        log.warning("ended without the edge hub's confirmation: %r", error)
