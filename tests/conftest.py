"""What holds for all tests."""

from __future__ import annotations

import asyncio
import gc
import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

# What is imported and collected stays: looking through it again and again is a third of the time that it takes.
gc.disable()

# Tests assert behaviour, not speed: an example that is slow because the machine is busy is no failure.
# Examples are other ones in each run: few at each push, many every night (tools/test.sh).
_EXAMPLES = int(os.environ.get("EDGEWAY_EXAMPLES", "30"))
settings.register_profile(
    "edgeway", deadline=None, max_examples=_EXAMPLES, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("edgeway")


_SERVERS = frozenset({"azure", "scorer", "serve", "standin"})
"""Fixtures that start a server in the test's own process: the stand-in, a part of it, the scoring server."""


@pytest.hookimpl(tryfirst=True)  # before marks select
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks what talks to a server; whoever has such a fixture is no unit test.

    Files that wait for Docker or the engine come first: a worker that began the longest last would end alone.
    """
    for item in items:
        if _SERVERS.intersection(getattr(item, "fixturenames", ())):
            item.add_marker("served")
    waiting = {item.path for item in items if any(item.get_closest_marker(mark) for mark in ("docker", "engine"))}
    items.sort(key=lambda item: item.path not in waiting)


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session", autouse=True)
def own_event_loop() -> Iterator[None]:
    """The main thread has a loop from the start, and this closes it.

    Else pytest-asyncio's look for the current loop makes one, which nobody closes: it is warned of in whatever test
    runs when it is collected.
    """
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    yield
    loop.close()
