"""A stand-in in a thread of the test process, and the environment that points unmodified clients at it."""

from __future__ import annotations

import asyncio
import io
import json
import random
import socket
import threading
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import requests

from standin.app import SERVICES, Standin, make_world
from standin.core.environment import client_environment
from standin.core.profile import FAST, Profile
from standin.core.world import World

T = TypeVar("T")


class RunningStandin:
    def __init__(self, loop: asyncio.AbstractEventLoop, standin: Standin) -> None:
        self._loop = loop
        self.standin = standin
        self.world: World = standin.world
        """Its store belongs to the server's thread: reach it through `do`."""
        self.environment = self.do(lambda world: client_environment(world))

    def do(self, call: Callable[[World], T]) -> T:
        """Calls inside the server's thread, where the store may be used."""

        async def run() -> T:
            return call(self.world)

        return self.wait_for(run())

    def wait_for(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=30)

    def arm(self, method: str, path: str, body: object = None, *, version: str = "2025-01-01") -> requests.Response:
        """One call to the resource manager as the deployer; needs the environment of the `azure` fixture."""
        token = self.do(lambda world: world.directory.issue("https://management.azure.com"))
        separator = "&" if "?" in path else "?"
        return requests.request(
            method,
            f"https://management.azure.com{path}{separator}api-version={version}",
            json=body,
            headers={"Authorization": f"Bearer {token}"},
            timeout=30,
        )

    @property
    def control(self) -> str:
        return f"http://127.0.0.1:{self.world.ports.plain}/_standin"


@contextmanager
def running_standin(
    state: Path, *, profile: Profile = FAST, services: Sequence[str] = SERVICES, port_base: int | None = None
) -> Iterator[RunningStandin]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="standin", daemon=True)
    thread.start()
    base = free_port_base() if port_base is None else port_base

    async def start() -> Standin:
        standin = Standin(make_world(state, profile=profile, port_base=base), services=services)
        await standin.start(docker=False)
        return standin

    standin = asyncio.run_coroutine_threadsafe(start(), loop).result(timeout=30)
    try:
        yield RunningStandin(loop, standin)
    finally:
        asyncio.run_coroutine_threadsafe(standin.stop(), loop).result(timeout=30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=30)
        loop.close()


def wire(body: Mapping[str, Any]) -> io.BytesIO:
    """A body as it goes over the wire: management clients then send what their models would leave out."""
    return io.BytesIO(json.dumps(body).encode())


def free_port_base() -> int:
    """Start of four ports in a row that nobody listens on."""
    while True:
        base = random.randrange(50000, 60000, 4)
        try:
            for port in range(base, base + 4):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port))
        except OSError:
            continue
        return base
