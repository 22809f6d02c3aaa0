"""`python -m images.scoring` as a process: exit codes, several workers, one of them killed."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import shutil
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.images.scoring.client import Answer, Connection
from tests.images.scoring.conftest import BODY
from tests.ports import free_port
from tests.waiting import DEADLINE_S

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[4]


async def start(**environment: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bench.scoring.as_started",
        cwd=ROOT,
        env={**os.environ, "SCORING_HOST": "127.0.0.1", "SCORING_SECRETS": "/nonexistent", **environment},
        stderr=asyncio.subprocess.PIPE,
    )


async def ask(port: int, path: str, body: bytes | None = None, **more: Any) -> Answer | None:
    try:
        connection = await Connection.open(port)
    except ConnectionRefusedError:
        return None
    try:
        return await connection.request(path, body, **more)
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    finally:
        await connection.close()


@contextlib.asynccontextmanager
async def serving(artifact: Path, **environment: str) -> AsyncIterator[tuple[asyncio.subprocess.Process, int]]:
    port = free_port()
    process = await start(SCORING_ARTIFACT=str(artifact), SCORING_PORT=str(port), **environment)
    try:
        async with asyncio.timeout(DEADLINE_S):
            while (answer := await ask(port, "/ready")) is None or answer.status != 200:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        yield process, port
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


async def test_a_process_scores_and_ends_with_zero_on_sigterm(artifact: Path) -> None:
    async with serving(artifact) as (process, port):
        answer = await ask(port, "/score", BODY)
        assert answer is not None and answer.json["anomaly"] is False
        process.send_signal(signal.SIGTERM)
        _, log = await asyncio.wait_for(process.communicate(), DEADLINE_S)
        assert process.returncode == 0
        assert b"golden examples agree" in log


async def test_a_killed_worker_comes_back_and_meanwhile_the_other_serves(artifact: Path) -> None:
    async with serving(artifact, WORKERS="2") as (process, port):
        before = children(process.pid)
        assert len(before) == 2
        os.kill(before[0], signal.SIGKILL)
        async with asyncio.timeout(DEADLINE_S):
            while len(children(process.pid)) < 2 or before[0] in children(process.pid):  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        for _ in range(20):
            # the new one may still be loading, and leaves what comes to the other
            answer = await ask(port, "/score", BODY)
            assert answer is not None and answer.status == 200
        process.send_signal(signal.SIGTERM)
        _, log = await asyncio.wait_for(process.communicate(), DEADLINE_S)
        assert process.returncode == 0
        assert re.search(rb"worker \d ended with -9, starting it again", log)


async def test_metrics_are_those_of_all_workers(artifact: Path) -> None:
    async with serving(artifact, WORKERS="2") as (_, port):
        scored = 0
        async with asyncio.timeout(DEADLINE_S):
            while scored < 20:
                answer = await ask(port, "/score", BODY)
                scored += answer is not None and answer.status == 200
        metrics = await ask(port, "/metrics")
        assert metrics is not None
        assert b"scoring_request_seconds_count 20" in metrics.body
        assert b"scoring_workers 2" in metrics.body


async def test_on_a_device_a_model_that_cannot_be_served_ends_the_process(tmp_path: Path) -> None:
    for workers in ("1", "2"):
        process = await start(
            SCORING_ARTIFACT=str(tmp_path), SCORING_PORT=str(free_port()), IOTEDGE_DEVICEID="edge-01", WORKERS=workers
        )
        _, log = await asyncio.wait_for(process.communicate(), DEADLINE_S)
        assert process.returncode == 3, workers
        assert b"not ready: artifact" in log


async def test_a_wrong_environment_is_one_line_and_exit_code_two() -> None:
    process = await start(WORKERS="none")
    _, log = await process.communicate()
    assert process.returncode == 2
    assert log == b"error: WORKERS is 'none', allowed is a whole number from 1 to 64\n"


class Load:
    """Clients that ask without pause, each on a connection of its own, and count what they get."""

    def __init__(self, port: int, clients: int) -> None:
        self._port = port
        self.answered = 0
        self.failed: list[str] = []
        self.refused_connections = 0
        self._ended = False
        self._tasks = [asyncio.create_task(self._client()) for _ in range(clients)]

    async def end(self) -> None:
        self._ended = True
        await asyncio.gather(*self._tasks)

    async def until(self, answered: int) -> None:
        async with asyncio.timeout(DEADLINE_S):
            while self.answered < answered:  # noqa: ASYNC110
                await asyncio.sleep(0.01)

    async def _client(self) -> None:
        while not self._ended:
            try:
                connection = await Connection.open(self._port)
            except ConnectionRefusedError:
                self.refused_connections += 1
                return
            try:
                await self._ask(connection)
            except (asyncio.IncompleteReadError, ConnectionError) as error:
                self.failed.append(repr(error))
            finally:
                await connection.close()

    async def _ask(self, connection: Connection) -> None:
        while not self._ended:
            answer = await connection.request("/score", BODY)
            if answer.status != 200:
                self.failed.append(f"status {answer.status}")
            self.answered += 1
            if answer.headers.get("connection") == "close":
                return


async def test_sigterm_under_load_fails_no_request_that_was_accepted(artifact: Path) -> None:
    # long enough for each client to ask once more and be told to leave
    async with serving(artifact, SCORING_DRAIN_GRACE_MS="3000") as (process, port):
        load = Load(port, clients=16)
        await load.until(500)
        process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(process.communicate(), DEADLINE_S)
        await load.end()
        assert process.returncode == 0
        assert load.failed == []
        assert load.answered > 500


async def test_a_worker_killed_under_load_costs_only_what_it_had_in_hand(artifact: Path) -> None:
    async with serving(artifact, WORKERS="2") as (process, port):
        load = Load(port, clients=16)
        await load.until(200)
        killed = children(process.pid)[0]
        os.kill(killed, signal.SIGKILL)
        at_kill = load.answered
        await load.until(at_kill + 500)
        async with asyncio.timeout(DEADLINE_S):
            while len(children(process.pid)) < 2 or killed in children(process.pid):  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        await load.until(load.answered + 200)
        await load.end()
        assert len(load.failed) <= 16
        assert not [failure for failure in load.failed if failure.startswith("status")]
        assert load.refused_connections == 0


async def test_a_worker_that_never_lives_long_does_not_hold_up_the_end(tmp_path: Path, artifact: Path) -> None:
    folder = Path(shutil.copytree(artifact, tmp_path / "crashing"))
    (folder / "score.py").write_text("import os\ndef init(): os.kill(os.getpid(), 9)\ndef run(data): ...\n")
    process = await start(SCORING_ARTIFACT=str(folder), SCORING_PORT=str(free_port()), WORKERS="2")
    assert process.stderr is not None
    async with asyncio.timeout(DEADLINE_S):
        while b"starting it again in 0.8 s" not in await process.stderr.readline():
            pass
        process.send_signal(signal.SIGTERM)
        await process.communicate()
    assert process.returncode == 0


async def test_workers_end_with_a_supervisor_that_is_killed_while_it_starts_them(artifact: Path) -> None:
    process = await start(SCORING_ARTIFACT=str(artifact), SCORING_PORT=str(free_port()), WORKERS="2")
    async with asyncio.timeout(DEADLINE_S):
        while len(children(process.pid)) < 2:  # noqa: ASYNC110
            await asyncio.sleep(0.001)
        process.kill()
        # ends when nobody holds its log any more
        await process.communicate()
