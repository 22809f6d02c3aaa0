"""The broken requests, and how what comes back is judged."""

from __future__ import annotations

import asyncio

import pytest

from bench.soak.__main__ import grown
from bench.soak.cases import Maker
from bench.soak.fuzz import Outcome, fuzz

BODY = b'{"machine":{"temperature":31.1,"pressure":2.1},"ambient":{"temperature":21.1,"humidity":25},"timeCreated":"t"}'


def maker() -> Maker:
    return Maker(body=BODY, key="k")


def test_the_same_seed_makes_the_same_case_and_all_kinds_occur() -> None:
    cases = [maker().make(seed) for seed in range(60)]
    assert cases == [maker().make(seed) for seed in range(60)]
    assert len({case.kind for case in cases}) == 12
    assert all(case.sent for case in cases)


@pytest.mark.parametrize(
    ("sizes", "growth"),
    [([5], 0), ([1, 3], 2), ([1, 5, 6, 7], 2), ([1, 1, 5, 9, 9, 9, 9, 5], 0), ([1, 1, 5, 6, 7, 8, 9, 10], 4)],
)
def test_growth_is_that_of_the_mean_once_caches_are_full(sizes: list[int], growth: int) -> None:
    assert grown(sizes) == growth


async def judged(answer: bytes, *, seed: int, count: int = 1) -> Outcome:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await reader.read(65536):
                pass
            writer.write(answer)
            await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()

    outcome = Outcome()
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        await fuzz(maker(), port, first=seed, count=count, outcome=outcome)
    return outcome


async def test_a_refusal_and_an_end_are_fine() -> None:
    refused = await judged(b"HTTP/1.1 400 Bad Request\r\n\r\n", seed=12)
    assert refused.problems == []
    assert refused.statuses == {"400": 1}
    assert (await judged(b"", seed=12)).statuses == {"closed": 1}


async def test_a_500_and_what_is_no_http_are_not() -> None:
    (problem,) = (await judged(b"HTTP/1.1 500 Oops\r\n\r\n", seed=12)).problems
    assert problem.startswith("case 12 (truncated): answered 500 to b'POST /score")
    (problem,) = (await judged(b"Traceback", seed=12)).problems
    assert problem == "case 12 (truncated): answered b'Traceback'"


async def test_pipelined_requests_must_all_be_answered() -> None:
    (problem,) = (await judged(b"HTTP/1.1 200 OK\r\n\r\n", seed=2)).problems
    assert problem.startswith("case 2 (pipelined): 1 of ")


async def test_a_server_that_is_gone_is_told() -> None:
    outcome = Outcome()
    await fuzz(maker(), 1, first=12, count=1, outcome=outcome)
    assert outcome.problems == ["case 12 (truncated): the server does not listen any more"]
