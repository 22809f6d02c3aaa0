"""`python -m standin --state DIR`: runs the local Azure until SIGTERM or Ctrl-C."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import fcntl
import json
import logging
import logging.handlers
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

from standin.app import Standin, all_parts
from standin.core.addresses import default_port_base
from standin.core.profile import PROFILES
from standin.core.serving.listeners import PortTaken
from standin.foundation import lay_foundation

log = logging.getLogger("standin")

_LOG_BYTES = 20 * 1024 * 1024
_EXIT_REFUSED = 2


class StateInUse(Exception):
    """Another stand-in runs on this state folder."""


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    state: Path = options.state.resolve()
    try:
        state.mkdir(parents=True, exist_ok=True, mode=0o700)
        with _locked(state):
            _log_to(state / "standin.log")
            base = options.port_base or _earlier_base(state) or default_port_base(state)
            asyncio.run(_serve(state, options.profile, base))
    except (StateInUse, PortTaken) as refusal:
        print(f"standin: {refusal}", file=sys.stderr)
        return _EXIT_REFUSED
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m standin", description="A local stand-in for Azure.")
    parser.add_argument("--state", type=Path, required=True, metavar="DIR", help="folder that holds all its state")
    parser.add_argument(
        "--profile",
        choices=sorted(PROFILES),
        default="fast",
        help="fast answers at once; slow behaves as Azure does on a bad day (default: fast)",
    )
    parser.add_argument(
        "--port-base",
        type=_port_base,
        metavar="N",
        help="first of its four ports: proxy, TLS, registry, plain (default: as before, else derived from DIR)",
    )
    return parser


def _port_base(text: str) -> int:
    if not text.isdigit() or not 1024 <= int(text) <= 65532:
        raise argparse.ArgumentTypeError(f"must be a number from 1024 to 65532, got {text!r}")
    return int(text)


def _earlier_base(state: Path) -> int | None:
    """What it answered on before is what its clients have in their state: a registry's address holds the port."""
    try:
        return int(json.loads((state / "ports.json").read_text())["base"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


@contextlib.contextmanager
def _locked(state: Path) -> Iterator[None]:
    """Holds the folder's lock; the kernel lets go of it when the process ends, however it ends."""
    pid_file = state / "pid"
    with (state / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = pid_file.read_text().strip() if pid_file.exists() else "unknown"
            raise StateInUse(f"the state folder {state} is in use by another stand-in (pid {holder})") from error
        pid_file.write_text(f"{os.getpid()}\n")
        try:
            yield
        finally:
            pid_file.unlink(missing_ok=True)


def _log_to(path: Path) -> None:
    handler = logging.handlers.RotatingFileHandler(path, maxBytes=_LOG_BYTES, backupCount=2)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for chatty in ("docker", "urllib3", "asyncio", "uvicorn"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


async def _serve(state: Path, profile: str, base: int) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    foundation = lay_foundation(state, profile=PROFILES[profile], port_base=base)
    standin = Standin(foundation, all_parts(foundation))
    try:
        await standin.start()
        log.info("ready on ports %d to %d, profile %s, state %s", base, base + 3, profile, state)
        await stop.wait()
        log.info("stopping")
    finally:
        await standin.stop()


if __name__ == "__main__":
    sys.exit(main())
