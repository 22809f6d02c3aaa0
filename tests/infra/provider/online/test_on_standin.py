"""A change over at the stand-in's endpoint, killed at any of its calls: users get their answers all the while."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from cloud.arm import Answer
from cloud.errors import ServiceError, error_of_body
from contracts.card import Golden
from infra.provider.services.online import probes
from infra.provider.services.online.change import change_over
from infra.provider.services.online.endpoint import Gating, OnlineEndpoint
from infra.provider.services.online.plan import Wanted
from infra.provider.services.online.spec import DeploymentSpec
from pluginbase.resource import ProviderError
from tests.infra.provider.online.fake_endpoint import Killed
from tests.infra.provider.recorder import Recorder
from tests.standin.asking import of_arm
from tests.standin.machinelearning.online.asking import REGION, WORKSPACE, path
from tests.standin.machinelearning.online.models import Asked
from tests.standin.machinelearning.online.world import PROBE, World

pytestmark = pytest.mark.slow
ENDPOINT = path("ep-1")
GOLDEN = (Golden(name="one", input="x", output={"image": "", "said": ""}, any_at=("$.image", "$.said")),)


class Spec(DeploymentSpec):
    """Of an image alone: it takes no registered model."""

    def _properties(self) -> dict[str, Any]:
        properties = {**super()._properties(), "livenessProbe": PROBE, "readinessProbe": PROBE}
        del properties["model"]
        return properties


@dataclass
class Wire:
    """ARM, from the thread of a provider; killed at a call before it is sent, or before its answer is read."""

    world: World
    loop: asyncio.AbstractEventLoop
    kill_at: int = -1
    halves: int = 0

    def send(self, what: str, method: str, url: str, parameters: Mapping[str, str], body: Any) -> Answer:
        parts = urlsplit(url)
        query = {**dict(parse_qsl(parts.query)), **parameters}
        self._half()
        asked = self.world.answering.answered(of_arm(method, parts.path), query=query, body=body)
        status, text, headers = asyncio.run_coroutine_threadsafe(asked, self.loop).result(30)
        if method != "GET":
            self._half()
        if status >= 400:
            raise ServiceError(what, status, *error_of_body(text))
        return Answer(status, headers, json.loads(text) if text else None)

    def ask(self, asker: Any, example: Golden) -> tuple[int, bytes]:
        deployment = asker._headers["azureml-model-deployment"]
        asked = self.world.score(example.input, azureml_model_deployment=deployment)
        status, text, _ = asyncio.run_coroutine_threadsafe(asked, self.loop).result(30)
        return status, text.encode()

    def _half(self) -> None:
        if self.halves == self.kill_at:
            raise Killed
        self.halves += 1


class Users:
    """Ask as long as they are there, and keep what was no answer."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.answered: list[str] = []
        self.failed: list[tuple[int, str]] = []
        self._task = asyncio.create_task(self._ask())

    async def _ask(self) -> None:
        while True:
            status, text, _ = await self._world.score()
            if status == 200:
                self.answered.append(json.loads(text)["image"])
            else:
                self.failed.append((status, text))
            await asyncio.sleep(0.002)

    async def leave(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)


def name_of(image: str) -> str:
    return spec_of(image).name


def spec_of(image: str) -> Spec:
    return Spec(
        location=REGION,
        environment_id=f"{WORKSPACE}/environments/{image}/versions/1",
        model_id="",
        instance_type="Standard_DS2_v2",
        environment_variables={},
        request_timeout_seconds=30,
        concurrent_requests=64,
    )


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    made = World(tmp_path)
    try:
        await made.begin()
        yield made
    finally:
        await made.end()


@pytest.fixture
async def wire(world: World, monkeypatch: pytest.MonkeyPatch) -> Wire:
    wire = Wire(world, asyncio.get_running_loop())
    monkeypatch.setattr("cloud.arm._send", lambda *given: wire.send(*given))
    monkeypatch.setattr(probes._Asker, "ask", lambda asker, example: wire.ask(asker, example))
    return wire


async def run(image: str, serving: str | None, golden: Sequence[Golden] = GOLDEN) -> bool:
    """Whether it came to its end, and was not killed."""
    wanted = Wanted(name=name_of(image), instances=1, mark="mark", shares=(10, 50, 100))

    def act() -> bool:
        gating = Gating(golden=lambda: golden, probes=40, hold_seconds=0)
        endpoint = OnlineEndpoint(Recorder(), ENDPOINT, spec_of(image), gating)
        try:
            change_over(endpoint, endpoint, wanted, name_of(serving) if serving else None)
        except Killed:
            return False
        return True

    return await asyncio.to_thread(act)


async def stands(world: World) -> tuple[dict[str, int], list[str], int]:
    """Traffic, deployments, and how many containers serve."""
    body = (await world.arm("GET", ENDPOINT))[1]
    listed = (await world.arm("GET", f"{ENDPOINT}/deployments"))[1]["value"]
    return body["properties"]["traffic"], [one["name"] for one in listed], len(world.containers())


async def test_users_get_an_answer_all_the_while_one_deployment_takes_over_from_another(
    world: World, wire: Wire
) -> None:
    assert await run("one", None)
    users = Users(world)

    assert await run("two", "one")

    await users.leave()
    assert users.failed == []
    assert {"one", "two"} == set(users.answered)
    assert await stands(world) == ({name_of("two"): 100}, [name_of("two")], 1)


async def test_a_model_that_fails_on_every_20th_request_goes_and_the_old_one_serves_all(
    world: World, wire: Wire
) -> None:
    count = 0

    async def breaks(asked: Asked) -> tuple[int, bytes]:
        nonlocal count
        count += 1
        return (500, b"on every 20th") if count % 20 == 0 else (200, json.dumps({"image": "two", "said": ""}).encode())

    world.models.of["two"] = breaks
    assert await run("one", None)
    users = Users(world)

    with pytest.raises(ProviderError, match=r"failed 1 of \d+ golden requests: 424: on every 20th"):
        await run("two", "one")

    await users.leave()
    assert (users.failed, set(users.answered)) == ([], {"one"})
    assert await stands(world) == ({name_of("one"): 100}, [name_of("one")], 1)


@pytest.mark.parametrize("seed", [0, 1, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(2, 25))])
async def test_a_change_over_that_was_killed_is_gone_on_with(world: World, wire: Wire, seed: int) -> None:
    assert await run("one", None)
    users, random_ = Users(world), random.Random(seed)
    wire.halves, wire.kill_at = 0, random_.randrange(60)

    ended = await run("two", "one")
    wire.kill_at = -1
    # the next run may be of the configuration before
    image = "two" if random_.random() < 0.7 else "one"
    assert await run(image, "two" if ended else "one")

    await users.leave()
    assert users.failed == []
    assert await stands(world) == ({name_of(image): 100}, [name_of(image)], 1)
