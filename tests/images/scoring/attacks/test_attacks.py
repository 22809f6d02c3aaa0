"""What an attack costs: the most memory that the server's process held, and whether /live answered meanwhile.

EDGEWAY_ATTACK_SECONDS=5 pytest -m "slow or long" -s tests/images/scoring/attacks
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import statistics
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.images.scoring.attacks.attackers import ATTACKS, MEBIBYTE, QUICK, attack, raise_file_limit
from tests.images.scoring.process.test_process import ROOT, ask, start
from tests.ports import free_port
from tests.waiting import DEADLINE_S

SECONDS = float(os.environ.get("EDGEWAY_ATTACK_SECONDS", "1"))
MOST_BYTES = 256 * MEBIBYTE
"""More than what it holds at rest; a container has a gibibyte."""


@dataclass
class Live:
    seconds: list[float]
    failures: list[str]


async def live_meanwhile(port: int) -> Live:
    command = [sys.executable, "-m", "tests.images.scoring.attacks.live", str(port), str(SECONDS)]
    asking = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    told, _ = await asking.communicate()
    return Live(**json.loads(told))


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
        at_rest = resident(pid, "VmRSS")
        attacking = asyncio.create_task(attack(kind, tls if kind.tls else port, SECONDS + DEADLINE_S))
        live = await live_meanwhile(port)
        more = resident(pid, "VmHWM") - at_rest
        attacking.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await attacking
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
async def test_under_each_attack_memory_is_bounded_and_live_is_answered(
    name: str, artifact: Path, secrets_folder: Path
) -> None:
    more, live = await measured(name, artifact, secrets_folder)
    assert more < MOST_BYTES
    assert live.failures == []
    # how soon says more of the machine: it is in the table that is printed
    assert live.seconds
