"""A stand-in in a thread of the test process, and the environment that points unmodified clients at it."""

from __future__ import annotations

import asyncio
import io
import json
import threading
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import requests

from standin.app import Standin, all_parts
from standin.core.arm.versions import type_of, versions_of
from standin.core.environment import client_environment
from standin.core.part import Part, Resolver, merged
from standin.core.profile import FAST, Profile
from standin.foundation import Foundation, lay_foundation
from tests.ports import free_port_base
from tests.waiting import DEADLINE_S

T = TypeVar("T")

ALWAYS = ("entra", "graph", "authorization", "managedidentity", "operationalinsights", "insights", "offers")
"""Services that nearly every test needs, and that cost nothing."""


class RunningStandin:
    def __init__(self, loop: asyncio.AbstractEventLoop, base: Foundation, parts: Sequence[Part]) -> None:
        self._loop = loop
        self._session = requests.Session()
        self.base = base
        """Its store belongs to the server's thread: reach it through `do`."""
        self.parts = parts
        self.control_token = self.do(lambda base: base.issuer.control_token())
        more = merged(part.environment for part in parts)
        self.environment = self.do(lambda base: client_environment(base.issuer, base.authority, base.ports, more))

    def do(self, call: Callable[[Foundation], T]) -> T:
        """Calls inside the server's thread, where the store may be used."""

        async def run() -> T:
            return call(self.base)

        return self.wait_for(run())

    def wait_for(self, work: Coroutine[Any, Any, T], within_s: float = DEADLINE_S) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=within_s)

    def arm(
        self, method: str, path: str, body: object = None, *, version: str | None = None, **headers: str
    ) -> requests.Response:
        """One call to the resource manager as the deployer, of the newest version of what the path is about."""
        version = newest_version(path) if version is None else version
        token = self.do(lambda base: base.issuer.issue("https://management.azure.com"))
        separator = "&" if "?" in path else "?"
        return self._session.request(
            method,
            f"https://management.azure.com{path}{separator}api-version={version}",
            json=body,
            headers={
                "Authorization": f"Bearer {token}",
                **{name.replace("_", "-"): value for name, value in headers.items()},
            },
            timeout=DEADLINE_S,
        )

    def close(self) -> None:
        self._session.close()

    @property
    def tunnels(self) -> Mapping[str, Resolver]:
        """Host suffix -> resolver; called through `do`."""
        return {suffix: resolve for part in self.parts for suffix, resolve in part.tunnels.items()}

    @property
    def control(self) -> str:
        """With the token that a write needs, as the password of Basic."""
        return f"http://standin:{self.control_token}@127.0.0.1:{self.base.ports.plain}/_standin"

    @property
    def surface(self) -> str:
        """The same without."""
        return f"http://127.0.0.1:{self.base.ports.plain}/_standin"


@contextmanager
def running_standin(
    state: Path,
    *,
    profile: Profile = FAST,
    services: Sequence[str] | None = None,
    more: Sequence[Part] = (),
    port_base: int | None = None,
    bridge: str | None = None,
) -> Iterator[RunningStandin]:
    """With all services, or with these by their folders' names (and `ALWAYS`); `more` are parts of the test's own, and
    `bridge` an address of this machine on which it meets containers."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="standin", daemon=True)
    thread.start()
    base = free_port_base() if port_base is None else port_base

    async def start() -> tuple[Standin, list[Part]]:
        foundation = lay_foundation(state, profile=profile, port_base=base)
        chosen = [part for part in all_parts(foundation) if services is None or part.name in (*ALWAYS, *services)]
        foundation.docker.bridge_address = bridge
        standin = Standin(foundation, [*chosen, *more])
        await standin.start(docker=False)
        return standin, chosen

    standin, parts = asyncio.run_coroutine_threadsafe(start(), loop).result(timeout=DEADLINE_S)
    running = RunningStandin(loop, standin.base, parts)
    try:
        yield running
    finally:
        running.close()
        asyncio.run_coroutine_threadsafe(standin.stop(), loop).result(timeout=DEADLINE_S)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=DEADLINE_S)
        loop.close()


def newest_version(path: str) -> str:
    known = versions_of(type_of(path.partition("?")[0])) or ["2025-01-01"]
    return [version for version in known if "preview" not in version][-1]


def wire(body: Mapping[str, Any]) -> io.BytesIO:
    """A body as it goes over the wire: management clients then send what their models would leave out."""
    return io.BytesIO(json.dumps(body).encode())
