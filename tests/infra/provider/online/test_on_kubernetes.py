"""A change over at the stand-in's endpoint in Kubernetes: replicas are asked all the while, and scaled in place."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from infra.provider.services.online import probes
from infra.provider.services.online.change import change_over
from infra.provider.services.online.endpoint import Gating, OnlineEndpoint, Router
from infra.provider.services.online.plan import Wanted
from infra.provider.services.online.spec import Pod
from tests.infra.provider.online.test_on_standin import GOLDEN, Spec, Users, Wire
from tests.infra.provider.recorder import Recorder
from tests.standin.kubernetesconfiguration.clusters import cluster_path
from tests.standin.machinelearning.online.asking import REGION, WORKSPACE
from tests.standin.machinelearning.online.kubernetes.cluster_world import WHERE, ClusterWorld

pytestmark = pytest.mark.slow


@pytest.fixture
async def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ClusterWorld]:
    made = ClusterWorld(tmp_path)
    try:
        await made.begin()
        wire = Wire(made, asyncio.get_running_loop())
        monkeypatch.setattr("cloud.arm._send", lambda *given: wire.send(*given))
        monkeypatch.setattr(probes._Asker, "ask", lambda asker, example: wire.ask(asker, example))
        yield made
    finally:
        await made.end()


def spec_of(image: str, cpu: float = 0.5) -> Spec:
    return Spec(
        location=REGION,
        environment_id=f"{WORKSPACE}/environments/{image}/versions/1",
        model_id="",
        instance_type="defaultinstancetype",
        environment_variables={},
        request_timeout_seconds=300,
        concurrent_requests=64,
        pod=Pod(cpu, 1024),
    )


async def run(spec: Spec, serving: Spec | None, replicas: int = 2) -> str:
    """The address at which the deployment was asked."""
    wanted = Wanted(name=spec.name, instances=replicas, mark="mark", shares=(10, 50, 100))

    def act() -> str:
        router = Router(cluster_path(), "the cluster's CA")
        gating = Gating(golden=lambda: GOLDEN, probes=40, hold_seconds=0, router=router)
        endpoint = OnlineEndpoint(Recorder(), WHERE, spec, gating)
        change_over(endpoint, endpoint, wanted, serving.name if serving else None)
        return endpoint.address()

    return await asyncio.to_thread(act)


async def stands(world: ClusterWorld) -> tuple[dict[str, int], list[str], int]:
    """Traffic, deployments, and how many replicas there are."""
    body = (await world.arm("GET", WHERE))[1]
    listed = (await world.arm("GET", f"{WHERE}/deployments"))[1]["value"]
    return body["properties"]["traffic"], [one["name"] for one in listed], len(world.containers())


async def test_users_get_an_answer_while_replicas_take_over_from_others_and_are_scaled(world: ClusterWorld) -> None:
    one, two = spec_of("one"), spec_of("two")
    address = await run(one, None)
    assert address.startswith("127.")
    users = Users(world)

    assert await run(two, one) == address
    assert await stands(world) == ({two.name: 100}, [two.name], 2)
    await run(two, two, replicas=3)

    await users.leave()
    assert users.failed == []
    assert {"one", "two"} == set(users.answered)
    assert await stands(world) == ({two.name: 100}, [two.name], 3)


async def test_replicas_of_another_size_are_another_deployment(world: ClusterWorld) -> None:
    small, large = spec_of("one"), spec_of("one", cpu=1.5)
    await run(small, None)
    await run(large, small)
    assert await stands(world) == ({large.name: 100}, [large.name], 2)
    body = world.docker.bodies[world.containers()[0]]
    assert body["HostConfig"]["Memory"] == 1024**3
