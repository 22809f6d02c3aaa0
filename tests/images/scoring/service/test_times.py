"""The time-out of `run`, and micro-batching."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.images.scoring.conftest import Serve

Scripted = Callable[..., Path]

pytestmark = pytest.mark.slow

SPINNING = """
import msgspec
class Row(msgspec.Struct):
    spin: bool = False
def init(): ...
def run(data: Row):
    while data.spin: pass
    return "done"
"""
SPINNING_UNTYPED = """
def init(): ...
def run(data):
    while data == "spin": pass
    return "done"
"""
ROWS = """
import msgspec
class Row(msgspec.Struct):
    value: int
sizes = []
def init(): ...
def run(data: Row | list[Row]):
    rows = data if isinstance(data, list) else [data]
    sizes.append(len(rows))
    if any(row.value < 0 for row in rows): raise ValueError("negative")
    answers = [{"value": row.value * 2} for row in rows]
    return answers if isinstance(data, list) else answers[0]
"""


@pytest.mark.parametrize(("script", "spin"), [(SPINNING, b'{"spin":true}'), (SPINNING_UNTYPED, b"spin")])
async def test_a_run_that_takes_too_long_is_interrupted_and_the_next_is_served(
    serve: Serve, scripted: Scripted, script: str, spin: bytes
) -> None:
    async with serve(scripted(script), run_timeout_ms=100) as served:
        answer = await served.request("/score", spin)
        assert (answer.status, answer.error["code"]) == (500, "RunTimedOut")
        assert answer.error["message"] == "run() took longer than 100 ms"
        assert answer.headers["x-ms-run-function-failed"] == "True"

        async def served_again() -> bool:
            return (await served.request("/score", b"{}")).status == 200

        await served.until(served_again)
        assert (await served.request("/live")).status == 200


async def test_the_time_of_a_run_does_not_count_its_turn_in_the_queue(serve: Serve, scripted: Scripted) -> None:
    script = "import time\ndef init(): ...\ndef run(data): time.sleep(0.5)\n"
    async with serve(scripted(script), run_timeout_ms=2000) as served:
        answers = await asyncio.gather(*(served.request("/score", b"") for _ in range(5)))
        assert [answer.status for answer in answers] == [200] * 5


async def test_while_a_run_hangs_others_are_refused_at_once(serve: Serve, scripted: Scripted) -> None:
    script = (
        "import threading\nrelease = threading.Event()\n"
        "def init(): ...\ndef run(data): return release.wait(600) if data == 'hang' else 'done'\n"
    )
    async with serve(scripted(script), run_timeout_ms=100) as served:
        assert (await served.request("/score", b"hang")).status == 500
        refused = await served.request("/score", b"")
        assert (refused.status, refused.headers["retry-after"]) == (503, "1")
        import entry_module  # type: ignore[import-not-found]

        entry_module.release.set()

        async def served_again() -> bool:
            return (await served.request("/score", b"")).status == 200

        await served.until(served_again)


def sizes() -> list[int]:
    import entry_module

    sizes: list[int] = entry_module.sizes
    return sizes


async def test_requests_that_wait_together_are_run_together_and_each_gets_its_own(
    serve: Serve, scripted: Scripted
) -> None:
    async with serve(scripted(ROWS), batch_max=8, batch_wait_ms=60_000) as served:
        single = [served.score({"value": value}) for value in range(5)]
        answers = await asyncio.gather(*single, served.score([{"value": 10}, {"value": 11}, {"value": 12}]))
        assert [answer.json for answer in answers[:5]] == [{"value": value * 2} for value in range(5)]
        assert answers[5].json == [{"value": 20}, {"value": 22}, {"value": 24}]
        assert sizes() == [8]
        metrics = (await served.request("/metrics")).body.decode().splitlines()
        assert 'scoring_batch_rows_bucket{le="8"} 1' in metrics
        assert "scoring_request_seconds_count 6" in metrics


async def test_one_bad_request_does_not_fail_the_others_of_its_batch(serve: Serve, scripted: Scripted) -> None:
    async with serve(scripted(ROWS), batch_max=3, batch_wait_ms=60_000) as served:
        values = (1, -1, 2)
        undecodable, *answers = await asyncio.gather(
            served.request("/score", b"{"), *(served.score({"value": value}) for value in values)
        )
        assert undecodable.status == 400
        assert [answer.status for answer in answers] == [200, 500, 200]
        assert sorted(sizes()) == [1, 1, 1, 3]


async def test_a_batch_that_is_not_full_runs_when_its_wait_is_over(serve: Serve, scripted: Scripted) -> None:
    async with serve(scripted(ROWS), batch_max=100, batch_wait_ms=5) as served:
        assert (await served.score({"value": 1})).json == {"value": 2}
        assert (await served.score([{"value": 1}] * 250)).status == 200
        assert sizes() == [1, 250]


async def test_batching_a_model_that_takes_no_lists_is_refused(serve: Serve, scripted: Scripted) -> None:
    async with serve(scripted(SPINNING), batch_max=8) as served:
        ready = await served.request("/ready")
        assert ready.error["message"] == ("BATCH_MAX is 8, allowed is 1: run() does not take a list of what it takes")
        assert json.loads(ready.body)["error"]["code"] == "NotReady"
