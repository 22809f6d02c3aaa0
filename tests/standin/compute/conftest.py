"""A stand-in whose machines only remember, with a network for them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest

from tests.standin.asking import Answering
from tests.standin.compute.machines import NIC, VM, fake_machines, machine
from tests.standin.machines.fake_machines import FakeMachines
from tests.standin.network.bodies import asked, deleted, interface, made, network, path


@pytest.fixture(scope="module")
def machines(answering: Answering) -> Iterator[FakeMachines]:
    fakes = fake_machines(answering.parts)
    asyncio.run(_lay(answering))
    yield fakes


async def _lay(answering: Answering) -> None:
    await made(answering, path("virtualNetworks", "net"), network())
    await made(answering, NIC, interface())


@pytest.fixture
async def running(answering: Answering, machines: FakeMachines) -> AsyncIterator[Answering]:
    """With one machine that runs."""
    await made(answering, VM, machine())
    yield answering
    if (await asked(answering, "GET", VM))[0] == 200:
        await deleted(answering, VM)
