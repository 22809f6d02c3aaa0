"""What an attack costs: the most memory that the server's process held, and whether /live answered meanwhile.

EDGEWAY_ATTACK_SECONDS=5 pytest -m "slow or long" -s tests/images/scoring/attacks
"""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import os
import re
import statistics
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.images.scoring.attacks.attackers import ATTACKS, MEBIBYTE, QUICK, attack, raise_file_limit
from tests.images.scoring.process.test_process import ask, start
from tests.ports import free_port
from tests.waiting import DEADLINE_S

SECONDS = float(os.environ.get("EDGEWAY_ATTACK_SECONDS", "1"))
MOST_BYTES = 256 * MEBIBYTE
"""More than what it holds at rest: a container has a gibibyte, and without limits each of these took it."""
LIVE_SECONDS = 0.1


@dataclass
class Live:
    """Asks /live on a connection of its own, one after another."""

    port: int
    seconds: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    def ask(self) -> None:
        while not self.ended.wait(0.05):
            began = time.perf_counter()
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=DEADLINE_S)
            try:
                connection.request("GET", "/live")
                if connection.getresponse().status != 200:
                    self.failures.append("no 200")
            except OSError as error:
                self.failures.append(str(error))
            finally:
                connection.close()
            self.seconds.append(time.perf_counter() - began)

    @contextlib.contextmanager
    def meanwhile(self) -> Iterator[None]:
        thread = threading.Thread(target=self.ask, daemon=True)
        thread.start()
        yield
        self.ended.set()
        thread.join()


def resident(pid: int, what: str) -> int:
    found = re.search(rf"^{what}:\s*(\d+) kB", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    assert found is not None
    return int(found[1]) * 1024


@contextlib.asynccontextmanager
async def serving(artifact: Path, secrets: Path | None) -> AsyncIterator[tuple[int, int, int]]:
    """Process, plain port and the port with TLS."""
    port, tls = free_port(), free_port()
    environment = {"SCORING_ARTIFACT": str(artifact), "SCORING_PORT": str(port), "SCORING_TLS_PORT": str(tls)}
    process = await start(**environment, **({"SCORING_SECRETS": str(secrets)} if secrets else {}))
    try:
        async with asyncio.timeout(DEADLINE_S):
            while (answer := await ask(port, "/ready")) is None or answer.status != 200:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        yield process.pid, port, tls
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def measured(name: str, artifact: Path, secrets: Path) -> tuple[int, Live]:
    """How much more memory than at rest, and how /live did."""
    kind = ATTACKS[name]
    raise_file_limit()
    async with serving(artifact, secrets if kind.tls else None) as (pid, port, tls):
        at_rest, live = resident(pid, "VmRSS"), Live(port)
        with live.meanwhile():
            await attack(kind, tls if kind.tls else port, SECONDS)
        more = resident(pid, "VmHWM") - at_rest
    waited = sorted(live.seconds)
    print(
        f"| {name} | {at_rest / MEBIBYTE:.0f} | {more / MEBIBYTE:.0f} | {len(waited)} | "
        f"{statistics.median(waited) * 1e3:.0f} | {waited[int(len(waited) * 0.95)] * 1e3:.0f} | {len(live.failures)} |",
        file=sys.stderr,
    )
    return more, live


@pytest.mark.slow
@pytest.mark.parametrize("name", QUICK)
async def test_an_attack_costs_no_more_memory_than_a_container_has_left(
    name: str, artifact: Path, secrets_folder: Path
) -> None:
    more, live = await measured(name, artifact, secrets_folder)
    assert more < MOST_BYTES
    assert live.failures == []


@pytest.mark.long
@pytest.mark.parametrize("name", ATTACKS)
async def test_under_each_attack_live_is_answered_at_once(name: str, artifact: Path, secrets_folder: Path) -> None:
    more, live = await measured(name, artifact, secrets_folder)
    assert more < MOST_BYTES
    assert live.failures == []
    # the machine's own pauses aside
    assert statistics.median(live.seconds) < LIVE_SECONDS
