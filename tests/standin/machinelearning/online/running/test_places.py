"""Requests that wait for their turn at a deployment."""

from __future__ import annotations

import asyncio

from standin.machinelearning.online.running.places import Places
from tests.waiting import eventually


async def test_who_gives_up_in_the_moment_in_which_a_place_comes_free_takes_none() -> None:
    places, took = Places(), asyncio.Event()

    async def asks() -> None:
        async with places.one(1, None):
            took.set()

    async with places.one(1, None):
        waiting = asyncio.create_task(asks())
        await eventually(lambda: places._waiting)
        waiting.cancel()
    (outcome,) = await asyncio.gather(waiting, return_exceptions=True)
    assert isinstance(outcome, asyncio.CancelledError)
    assert (places.running, took.is_set()) == (0, False)
