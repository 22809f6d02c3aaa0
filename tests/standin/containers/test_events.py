"""Docker's events, from a stream that the test feeds."""

from __future__ import annotations

import asyncio
import queue
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from standin.containers import events
from standin.containers.errors import DockerAbsent
from standin.containers.events import ContainerEvent, ContainerEvents
from tests.waiting import DEADLINE_S, eventually


class Stream:
    def __init__(self) -> None:
        self._events: queue.Queue[dict[str, Any] | None] = queue.Queue()

    def put(self, action: str, **labels: str) -> None:
        self._events.put({"Action": action, "Actor": {"Attributes": labels}})

    def close(self) -> None:
        self._events.put(None)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        while (event := self._events.get()) is not None:
            yield event


class Engine:
    """Of Docker's client only what the events need."""

    def __init__(self) -> None:
        self.absent = False
        self.streams: list[Stream] = []

    def connect(self) -> Any:
        if self.absent:
            raise DockerAbsent("no engine")
        return self

    def events(self, *, decode: bool, filters: dict[str, str]) -> Any:
        assert decode and filters == {"type": "container", "label": "edgeway.standin=i"}
        self.streams.append(Stream())
        return self.streams[-1]


class Ear:
    def __init__(self) -> None:
        self.events: list[ContainerEvent] = []
        self.reconnected = 0

    def again(self) -> None:
        self.reconnected += 1

    async def subscribe(self, to: ContainerEvents) -> Any:
        return await to.subscribe(self.events.append, self.again)


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    monkeypatch.setattr(events, "_RETRY_SECONDS", 0.01)
    return Engine()


@pytest.fixture
async def stream(engine: Engine) -> AsyncIterator[ContainerEvents]:
    made = ContainerEvents(engine.connect, "edgeway.standin=i")
    yield made
    await made.close()


async def test_all_subscribers_hear_of_one_stream_until_they_leave(engine: Engine, stream: ContainerEvents) -> None:
    one, other = Ear(), Ear()
    leave = await one.subscribe(stream)
    await other.subscribe(stream)
    assert len(engine.streams) == 1, "it is open when the subscription begins"
    engine.streams[0].put("exec_create: ls")
    engine.streams[0].put("die", exitCode="3")
    await eventually(lambda: one.events and other.events)
    assert [(event.action, event.exit_code) for event in one.events] == [("die", 3)]
    leave()
    engine.streams[0].put("start")
    await eventually(lambda: len(other.events) == 2)
    assert len(one.events) == 1


async def test_a_lost_stream_is_opened_again_and_told(engine: Engine, stream: ContainerEvents) -> None:
    ear = Ear()
    await ear.subscribe(stream)
    await asyncio.sleep(0)
    assert ear.reconnected == 0
    engine.streams[0].close()
    await eventually(lambda: ear.reconnected == 1)
    engine.streams[1].put("oom")
    await eventually(lambda: ear.events)


async def test_without_an_engine_nobody_waits_and_its_coming_is_told(engine: Engine, stream: ContainerEvents) -> None:
    engine.absent = True
    ear = Ear()
    await asyncio.wait_for(ear.subscribe(stream), DEADLINE_S)
    engine.absent = False
    await eventually(lambda: ear.reconnected == 1)


async def test_nobody_waits_once_the_stand_in_ends(engine: Engine) -> None:
    made = ContainerEvents(engine.connect, "edgeway.standin=i")
    await made.close()
    await asyncio.wait_for(Ear().subscribe(made), DEADLINE_S)
