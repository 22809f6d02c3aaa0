"""Nodes that come when a job asks, idle, and go. No server."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from standin.core.arm import Arm, Resource
from standin.core.clock import Clock
from standin.core.errors import ServiceError
from standin.core.profile import FAST, SLOW, Profile
from standin.core.store import Store
from standin.machinelearning.clusters.cluster import Node
from standin.machinelearning.kinds.durations import seconds
from standin.machinelearning.kinds.nodes import Nodes
from tests.waiting import DEADLINE_S, eventually

ID = "/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w/computes/cpu"


class World:
    def __init__(self, path: Path, profile: Profile = FAST, **scale: Any) -> None:
        self.store = Store(path)
        self.clock = Clock(self.store)
        self.arm = Arm(self.store, self.clock)
        self.nodes = Nodes(self.arm, self.store, self.clock, profile)
        if scale:
            self.scale(**scale)

    def scale(self, least: int = 0, most: int = 1, idle: str = "PT2M") -> None:
        settings = {"minNodeCount": least, "maxNodeCount": most, "nodeIdleTimeBeforeScaleDown": idle}
        body = {"properties": {"computeType": "AmlCompute", "properties": {"scaleSettings": settings}}}
        self.arm.save(Resource(id=ID, type="Microsoft.MachineLearningServices/computes", name="cpu", body=body))

    async def take(self, job: str, count: int = 1) -> Sequence[Node]:
        return await asyncio.wait_for(self.nodes.take(ID, job, count), DEADLINE_S)

    @property
    def queue(self) -> list[str]:
        return [waiting.job for waiting in self.nodes.cluster(self.arm.require(ID)).queue]

    @property
    def states(self) -> list[str]:
        return sorted(node.state for node in self.nodes.cluster(self.arm.require(ID)).nodes)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "standin.db"


async def test_a_node_comes_for_a_job_idles_and_goes(path: Path) -> None:
    world = World(path, least=0, most=2)
    assert world.states == []
    assert len(await world.take("train-1")) == 1
    world.clock.advance(3600)
    assert world.states == ["running"]
    world.nodes.give_back(ID, "train-1")
    world.clock.advance(119)
    assert world.states == ["idle"]
    world.clock.advance(1)
    assert world.states == []


async def test_the_least_number_of_nodes_stays(path: Path) -> None:
    world = World(path, least=1, most=2)
    assert world.states == ["idle"]
    await world.take("train-1", 2)
    assert world.states == ["running", "running"]
    world.nodes.give_back(ID, "train-1")
    world.clock.advance(120)
    assert world.states == ["idle"]
    world.scale(least=0, most=2)
    assert world.states == []


async def test_jobs_wait_in_the_order_in_which_they_asked(path: Path) -> None:
    world = World(path, least=0, most=2)
    await world.take("first")
    waiting = [asyncio.create_task(world.take(job, count)) for job, count in (("wide", 2), ("narrow", 1))]
    await eventually(lambda: world.states == ["idle", "running"])
    assert not any(task.done() for task in waiting)
    world.nodes.give_back(ID, "first")
    assert len(await waiting[0]) == 2
    world.nodes.give_back(ID, "wide")
    assert len(await waiting[1]) == 1


async def test_who_gives_up_waiting_leaves_the_queue(path: Path) -> None:
    world = World(path, least=0, most=1)
    await world.take("first")
    waiting = asyncio.create_task(world.take("second"))
    await eventually(lambda: len(world.queue) == 1)
    waiting.cancel()
    world.nodes.give_back(ID, "second")
    world.nodes.give_back(ID, "second")
    world.nodes.give_back(ID, "first")
    assert world.states == ["idle"]


async def test_a_killed_stand_in_still_knows_who_has_which_node(path: Path) -> None:
    world = World(path, least=0, most=1)
    (mine,) = await world.take("train-1")
    again = World(path)
    assert [node.id for node in await again.take("train-1")] == [mine.id]
    assert again.states == ["running"]


async def test_nodes_take_their_time_where_the_profile_is_slow(path: Path) -> None:
    world = World(path, SLOW, least=0, most=1)
    waiting = asyncio.create_task(world.take("train-1"))
    await eventually(lambda: world.states == ["preparing"])
    world.clock.advance(SLOW.node_start_s)
    assert len(await waiting) == 1
    world.nodes.give_back(ID, "train-1")
    world.clock.advance(120)
    assert world.states == ["leaving"]
    world.clock.advance(SLOW.node_leave_s)
    assert world.states == []


async def test_beyond_a_lowered_maximum_idle_nodes_go_at_once_and_busy_ones_when_they_are_through(path: Path) -> None:
    world = World(path, least=0, most=3)
    await world.take("train-1", 2)
    await world.take("train-2")
    world.scale(least=0, most=1)
    assert world.states == ["running"] * 3
    world.nodes.give_back(ID, "train-1")
    assert world.states == ["running"]


@pytest.mark.parametrize("count", [1, 2])
async def test_a_compute_that_goes_ends_the_waiting(path: Path, count: int) -> None:
    world = World(path, least=0, most=2)
    await world.take("first", count)
    waiting = asyncio.create_task(world.take("second", 2))
    await eventually(lambda: len(world.queue) == 1)
    compute = world.arm.require(ID)
    world.nodes.forget(compute)
    world.arm.forget(compute)
    with pytest.raises(ServiceError, match="cpu does not exist"):
        await waiting
    with pytest.raises(ServiceError, match="cpu does not exist"):
        world.nodes.held(ID, "first")
    world.nodes.give_back(ID, "first")


async def test_a_compute_that_is_being_deleted_gives_no_nodes(path: Path) -> None:
    world = World(path, least=0, most=1)
    compute = world.arm.require(ID)
    compute.properties["provisioningState"] = "Deleting"
    world.arm.save(compute)
    with pytest.raises(ServiceError, match="cpu does not exist"):
        await world.take("train-1")


async def test_more_nodes_than_a_cluster_can_have_are_refused(path: Path) -> None:
    world = World(path, least=0, most=2)
    with pytest.raises(ServiceError, match=r"3 nodes.*at most 2"):
        await world.take("train-1", 3)


@pytest.mark.parametrize(
    ("text", "expected"), [("PT120S", 120), ("PT2M", 120), ("P1DT1H", 90000), ("PT0S", 0), ("PT2M0.5S", 120.5)]
)
def test_durations_are_read(text: str, expected: float) -> None:
    assert seconds(text) == expected


@pytest.mark.parametrize("text", ["", "P", "PT", "120", "PT2", "2M", "PT-2M", "P1Y", "PT2M "])
def test_other_durations_are_not(text: str) -> None:
    with pytest.raises(ValueError, match="no ISO 8601 duration"):
        seconds(text)
