"""`python -m standin.edgeruntime.hub`: the process of the edge hub's container."""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal
import sys
from pathlib import Path

from standin.edgeruntime.hub.composition import compose
from standin.edgeruntime.hub.settings import EVERY_ADDRESS, Settings, load_settings


def main() -> int:
    parser = argparse.ArgumentParser(prog="edgehub", description=__doc__)
    parser.add_argument("--config", type=Path, default=Path("/etc/edgehub"))
    parser.add_argument("--store", type=Path, default=Path("/var/lib/edgehub"))
    parser.add_argument("--workload", type=Path, default=Path("/run/workload"))
    parser.add_argument("--bind", default=EVERY_ADDRESS, metavar="ADDRESS", help="to listen at (default: %(default)s)")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s", stream=sys.stdout)
    logging.getLogger("websockets").setLevel(logging.WARNING)
    settings = load_settings(options.config, store=options.store, workload=options.workload, bind=options.bind)
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(_run(settings))
    return 0


def _loop_factory() -> type[asyncio.AbstractEventLoop] | None:
    """uvloop is worth half as much again; everything works without it."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.Loop


async def _run(settings: Settings) -> None:
    hub = compose(settings)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await hub.start()
    await stop.wait()
    await hub.stop()


if __name__ == "__main__":
    sys.exit(main())
