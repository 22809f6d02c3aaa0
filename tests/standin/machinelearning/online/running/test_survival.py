"""The stand-in is killed and started again: what served serves, what was half made is made."""

from __future__ import annotations

import json

from tests.standin.machinelearning.online.asking import path
from tests.standin.machinelearning.online.world import World


async def test_a_killed_stand_in_finds_its_deployments_serving(world: World) -> None:
    await world.deploy("blue", instances=2)
    await world.traffic(blue=100)
    calls = list(world.docker.calls)
    await world.kill()
    await world.start()
    for _ in range(4):
        status, text, _ = await world.score()
        assert (status, json.loads(text)["image"]) == (200, "one")
    assert world.docker.calls == calls, "nothing was started anew"
    assert (await world.arm("POST", path("ep-1") + "/listKeys"))[1]["primaryKey"] == world.key


async def test_containers_that_the_machine_lost_are_started_again(world: World) -> None:
    await world.deploy("blue")
    await world.traffic(blue=100)
    await world.kill()
    for name in world.docker.running():
        world.docker.end(name)
    await world.start()
    assert (await world.score())[0] == 200


async def test_a_roll_out_that_the_kill_interrupted_is_done_by_the_next_process(world: World) -> None:
    """The half-made instances go, the old ones serve until the new ones are ready, and nothing is there twice."""
    await world.deploy("blue")
    await world.traffic(blue=100)
    ready = world.hold("two")
    await world.arm("PUT", path("ep-1", "blue"), world.body("two"))
    await world.until_containers(2)
    await world.kill()
    await world.start()
    assert json.loads((await world.score())[1])["image"] == "one"
    ready.set()
    await world.until_answered_by("two")
    await world.settled("blue")
    assert len(world.containers()) == 1


async def test_a_first_deployment_that_the_kill_interrupted_is_made(world: World) -> None:
    ready = world.hold("one")
    await world.arm("PUT", path("ep-1", "blue"), world.body())
    await world.until_containers(1)
    await world.kill()
    await world.start()
    ready.set()
    assert (await world.settled("blue"))["properties"]["provisioningState"] == "Succeeded"
    assert (await world.score(azureml_model_deployment="blue"))[0] == 200
    assert len(world.containers()) == 1


async def test_a_delete_that_the_kill_interrupted_leaves_nothing(world: World) -> None:
    await world.deploy("blue")
    await world.arm("DELETE", path("ep-1", "blue"))
    await world.kill()
    await world.start()
    await world.until_containers(0)
