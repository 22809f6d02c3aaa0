"""What was acknowledged survives kill -9; order survives reconnects; nothing is lost while the cloud is away."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import os
import resource
import signal
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from standin.edgeruntime.hub.domain.metrics import Metrics
from standin.edgeruntime.hub.domain.queues.heads import input_head
from standin.edgeruntime.hub.domain.queues.inbox import Inbox, InputMessage
from standin.edgeruntime.hub.domain.store import Durability, Store
from tests.standin.edgeruntime.running_hub import DEVICE, Site, hub_desired, output
from tests.waiting import DEADLINE_S, eventually

pytestmark = pytest.mark.slow

COUNT = 400
LARGEST_FILE, BODY = 1 << 20, b"x" * 20_000


class Process:
    """The hub as its container runs it, but for the addresses."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        settings = self._site.settings
        options = [
            *("--config", str(settings.config), "--store", str(settings.store)),
            *("--workload", str(settings.workload), "--bind", settings.bind),
        ]
        command = [sys.executable, "-m", "standin.edgeruntime.hub", *options]
        self._process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.DEVNULL)
        await eventually(lambda: self._site.links.connected(self._site.hub.host, DEVICE))
        # connected is not yet synchronized: until it has read who its modules are, it refuses them
        async with asyncio.timeout(DEADLINE_S):
            while not await asyncio.to_thread(_modules, settings.bind):
                assert self._process.returncode is None, "the hub ended"

    async def end(self, number: signal.Signals) -> int:
        assert self._process, "it was not started"
        os.kill(self._process.pid, number)
        status = await asyncio.wait_for(self._process.wait(), DEADLINE_S)
        # else the next start would take the link that is just ending for its own
        await eventually(lambda: not self._site.links.connected(self._site.hub.host, DEVICE))
        return status

    async def kill(self) -> None:
        """Whatever state a test left it in."""
        if self._process and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()


def _modules(address: str) -> list[str]:
    """Those that the hub at this address knows."""
    connection = http.client.HTTPConnection(address, 9600, timeout=DEADLINE_S)
    with contextlib.closing(connection):
        connection.request("GET", "/health")
        modules: list[str] = json.load(connection.getresponse())["modules"]
    return modules


@pytest.fixture
async def process(site: Site) -> AsyncIterator[Process]:
    made = Process(site)
    try:
        await made.start()
        yield made
    finally:
        await made.kill()


async def test_acknowledged_messages_survive_a_kill_and_arrive_in_order(site: Site, process: Process) -> None:
    sensor = await site.connected("sensor")
    for number in range(COUNT):
        sensor.publish(output("sensor", "temperatureOutput"), b"%d" % number)
    await eventually(lambda: len(sensor.pubacks) == COUNT)
    assert await process.end(signal.SIGKILL) == -signal.SIGKILL
    await process.start()
    scorer = await site.scorer()
    got = [int((await scorer.receive()).body) for _ in range(COUNT)]
    assert got == list(range(COUNT))
    assert await process.end(signal.SIGTERM) == 0


async def test_a_session_outlives_a_kill_for_clients_never_subscribe_again(site: Site, process: Process) -> None:
    await site.scorer()
    await process.end(signal.SIGKILL)
    await process.start()
    scorer, sensor = await site.connected("scorer"), await site.connected("sensor")
    sensor.publish(output("sensor", "temperatureOutput"), b"x")
    assert (await scorer.receive()).body == b"x"
    await process.end(signal.SIGTERM)


async def test_messages_reach_the_cloud_once_and_in_order_through_kills_and_cuts(site: Site, process: Process) -> None:
    for first in (0, 200):
        await publish(site, first)
        await process.end(signal.SIGKILL)
        await process.start()
        await publish(site, first + 100)
        site.base.faults.cut(DEVICE)
        await eventually(lambda: not site.links.connected(site.hub.host, DEVICE))
        site.base.faults.restore(DEVICE)
    await eventually(lambda: len(site.hub.messages) >= 400)
    # no repeat either: the cloud, which lives on, knows what it has of the device's store (links/appended.py)
    assert [int(body) for body in site.hub.bodies()] == list(range(400))
    await process.end(signal.SIGTERM)


async def publish(site: Site, first: int) -> None:
    """A hundred messages, acknowledged by the hub, not yet by the cloud."""
    scorer = await site.connected("scorer")
    for number in range(first, first + 100):
        scorer.publish(output("scorer", "amlOutput"), b"%d" % number)
    await eventually(lambda: len(scorer.pubacks) == 100)
    await scorer.close()


async def test_the_hub_serves_for_ever_without_the_cloud_after_one_synchronization(site: Site) -> None:
    await site.start_edge()
    await site.stop_edge()
    site.base.faults.cut(DEVICE)
    edge = await site.start_edge(synchronized=False)
    scorer, sensor = await site.scorer(), await site.connected("sensor")
    sensor.publish(output("sensor", "temperatureOutput"), b"1")
    assert (await scorer.receive()).body == b"1"
    scorer.publish(output("scorer", "amlOutput"), b"held")
    await eventually(lambda: scorer.pubacks)
    assert edge.queues.lengths()["$upstream"] == 1
    site.base.faults.restore(DEVICE)
    await eventually(lambda: site.hub.bodies() == [b"held"])


async def test_a_key_that_was_regenerated_is_read_at_the_next_connection(running: Site) -> None:
    edge = running.edge
    assert edge
    running.hub.regenerate(DEVICE, "$edgeHub")
    running.write_config()
    running.base.faults.cut(DEVICE)
    await eventually(lambda: not edge.link.connected)
    running.base.faults.restore(DEVICE)
    await eventually(lambda: edge.link.connected)


async def test_a_message_that_outlives_its_time_is_dropped(site: Site) -> None:
    site.hub.desire(DEVICE, "$edgeHub", hub_desired(ttl_s=1))
    edge = await site.start_edge()
    sensor = await site.connected("sensor")
    sensor.publish(output("sensor", "temperatureOutput"), b"old")
    await eventually(lambda: len(edge.queues.inbox("scorer")) == 1)

    def swept() -> bool:
        edge.queues.sweep()
        return len(edge.queues.inbox("scorer")) == 0

    await eventually(swept)
    assert edge.metrics.dropped == {"ttl_expiry": 1}


async def test_a_message_that_no_route_takes_is_counted_and_acknowledged(running: Site) -> None:
    sensor = await running.connected("sensor")
    sensor.publish(output("sensor", "unrouted"), b"x")
    await eventually(lambda: sensor.pubacks == [1])
    assert running.edge and running.edge.metrics.dropped == {"no_route": 1}


@pytest.mark.parametrize("durability", ["NORMAL", "FULL"])
async def test_the_store_calls_back_once_written_and_finds_all_again(tmp_path: Path, durability: Durability) -> None:
    store = Store(tmp_path / "s.db", durability=durability)
    first = store.add("a", 5, time.time() + 60, "head", b"body")
    second = store.add("a", 1, time.time() + 60, "head2", b"body2")
    store.settle(first)
    store.put("kind", "key", {"x": 1})
    store.put("kind", "gone", {})
    store.drop("kind", "gone")
    await store.flushed()
    assert store.commits == 1
    again = Store(tmp_path / "s.db")
    assert [row[:3] for row in again.queued()] == [(second, "a", 1)]
    assert again.message(second) == ("head2", b"body2")
    assert again.documents("kind") == {"key": {"x": 1}}
    assert again.id == store.id
    assert again.add("a", 1, 0, "", b"") == second + 1, "numbers are never used twice"
    await again.close()
    await store.close()


async def test_a_store_whose_log_cannot_grow_any_more_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("standin.edgeruntime.hub.domain.store.RETRY_S", 0)
    store = Store(tmp_path / "s.db")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_FILE, before[1]))
    try:
        for _ in range(3 * LARGEST_FILE // len(BODY)):
            store.settle(store.add("a", 0, time.time() + 60, "head", BODY))
            await asyncio.wait_for(store.flushed(), DEADLINE_S)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert not store.failing and not list(store.queued())
    await store.close()


async def test_bodies_beyond_the_bound_stay_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("standin.edgeruntime.hub.domain.queues.queue.MEMORY_BYTES", 10)
    store = Store(tmp_path / "s.db")
    queue = Inbox("a", store, Metrics())
    for number in range(4):
        message = InputMessage(f"input{number}", f"n={number}", b"%d" % number * 4)
        head = input_head("d", "a", message.input, message.bag)
        queue.push(queue.stored(message, head, priority=0, expires=time.time() + 60))
    await store.flushed()
    assert [item.content is None for item in sorted(queue._heap)] == [False, False, True, True]
    popped = [queue.pop() for _ in range(4)]
    messages = [InputMessage(f"input{n}", f"n={n}", b"%d" % n * 4) for n in range(4)]
    assert [taken[1] for taken in popped if taken] == messages
    assert queue.pop() is None and queue._bytes == 0
    await store.close()


async def test_a_better_priority_goes_first_and_equals_keep_their_order(tmp_path: Path) -> None:
    store = Store(tmp_path / "s.db")
    queue = Inbox("m", store, Metrics())
    later = time.time() + 60
    for priority, body in ((9, b"c"), (0, b"a"), (9, b"d"), (0, b"b")):
        queue.push(queue.stored(InputMessage("i", "", body), "t", priority=priority, expires=later))
    popped = [queue.pop() for _ in range(4)]
    assert [taken[1].body for taken in popped if taken] == [b"a", b"b", b"c", b"d"]
    await store.close()
