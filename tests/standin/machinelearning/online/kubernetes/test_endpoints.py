"""Endpoints and deployments on Kubernetes: replicas at one address, rolled in place, made anew where they are gone."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.standin.asking import of_arm
from tests.standin.kubernetesconfiguration.clusters import CNAME, cluster_path, extension_body, extension_path, made
from tests.standin.machinelearning.online.asking import path, why
from tests.standin.machinelearning.online.kubernetes.cluster_world import COMPUTE, WHERE, ClusterWorld, endpoint
from tests.waiting import eventually


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[ClusterWorld]:
    made = ClusterWorld(tmp_path)
    try:
        await made.begin()
        yield made
    finally:
        await made.end()


async def test_an_endpoint_is_asked_at_the_name_of_its_clusters_router(world: ClusterWorld) -> None:
    answer = (await world.arm("GET", WHERE))[1]
    base = f"https://{CNAME}/api/v1/endpoint/ep-k8s"
    assert (answer["properties"]["scoringUri"], answer["kind"]) == (f"{base}/score", "Kubernetes")
    assert answer["properties"]["swaggerUri"] == f"{base}/swagger.json"
    await world.deploy("blue", environmentVariables={"A": "b"})
    await world.traffic(blue=100)
    status, text, headers = await world.score({"row": 1})
    assert (status, json.loads(text)) == (200, {"image": "one", "said": '{"row": 1}'})
    assert headers["azureml-model-deployment"] == "blue"
    assert {asked.target for asked in world.asked} == {"/score"}
    assert len(world.containers()) == 2
    body = world.docker.bodies[world.containers()[0]]
    assert (body["Env"], body["HostConfig"]["Memory"]) == (["A=b"], 1024**3)
    await made(world.answering, extension_path(), extension_body("other.example.org"))
    assert "//other.example.org/" in (await world.arm("GET", WHERE))[1]["properties"]["scoringUri"]


async def test_all_replicas_are_asked(world: ClusterWorld) -> None:
    await world.deploy("blue", instances=3)
    await world.traffic(blue=100)
    await asyncio.gather(*(world.score() for _ in range(30)))
    assert len({asked.instance for asked in world.asked}) == 3


async def test_a_key_a_share_and_a_name_are_held_to_as_for_managed_ones(world: ClusterWorld) -> None:
    await world.deploy("blue")
    assert (await world.score())[0] == 404
    assert (await world.score(key="wrong"))[:2] == (401, "key_auth_access_denied")
    assert (await world.score(azureml_model_deployment="blue"))[0] == 200
    assert (await world.score(azureml_model_deployment="red"))[0] == 404
    assert (await world.score(where="/api/v1/endpoint/ep-1/score"))[0] == 404
    assert (await world.score(where="/score"))[0] == 404
    new = (await world.arm("POST", WHERE + "/regenerateKeys", {"keyType": "Primary"}))[0]
    assert (new, (await world.score(azureml_model_deployment="blue"))[0]) == (200, 401)


async def test_a_changed_deployment_is_rolled_in_place_and_no_request_is_lost(world: ClusterWorld) -> None:
    """One more than wanted while it is rolled, never fewer that answer, and both answer meanwhile."""
    await world.deploy("blue", instances=3)
    await world.traffic(blue=100)
    held = world.hold("two")
    most: list[int] = []
    answers: list[tuple[int, str]] = []
    done = asyncio.Event()

    async def ask() -> None:
        while not done.is_set():
            status, text, _ = await world.score()
            answers.append((status, json.loads(text)["image"]))
            most.append(len(world.containers()))
            await asyncio.sleep(0)

    asking = [asyncio.create_task(ask()) for _ in range(3)]
    await world.put("blue", "two", instances=3)
    await world.until_containers(4)
    assert world.runs() == ["one", "one", "one", "two"]
    held.set()
    assert (await world.settled("blue"))["properties"]["provisioningState"] == "Succeeded"
    await eventually(lambda: answers[-1] == (200, "two"))
    done.set()
    await asyncio.gather(*asking)
    assert {status for status, _ in answers} == {200}
    assert max(most) == 4
    assert world.runs() == ["two", "two", "two"]


async def test_replicas_are_added_and_taken_away_and_those_that_stay_run_on(world: ClusterWorld) -> None:
    await world.deploy("blue", instances=1)
    first = world.containers()
    await world.deploy("blue", instances=3)
    assert set(first) < set(world.containers())
    status, _ = await world.arm("PATCH", path("ep-k8s", "blue"), {"sku": {"name": "Default", "capacity": 1}})
    assert status in (200, 202)
    await world.settled("blue")
    assert world.containers() == first


async def test_a_bad_change_leaves_the_old_replicas_serving(world: ClusterWorld) -> None:
    await world.deploy("blue")
    await world.traffic(blue=100)
    world.hold("two")
    await world.put("blue", "two")
    await world.until_containers(3)
    new = next(name for name in world.containers() if world.docker.bodies[name]["Image"].endswith("two"))
    await world.crash(new, "Traceback")
    failed = await world.settled("blue")
    assert failed["properties"]["provisioningState"] == "Failed"
    await world.until_containers(2)
    assert json.loads((await world.score())[1])["image"] == "one"
    logs = await world.arm("POST", path("ep-k8s", "blue") + "/getLogs", {"tail": 5})
    assert logs == (200, {"content": "Traceback"})
    assert (await world.deploy("blue"))["properties"]["provisioningState"] == "Succeeded"
    assert world.runs() == ["one", "one"]


@pytest.mark.parametrize("killed", [True, False])
async def test_a_replica_that_is_gone_or_ended_for_good_is_made_anew(world: ClusterWorld, killed: bool) -> None:
    await world.deploy("blue")
    await world.traffic(blue=100)
    name, before = world.containers()[0], len(world.docker.calls)
    if killed:
        world.docker.end(name, code=137)
    else:
        world.docker.tell("destroy", name)
        world.docker.things["containers"].pop(name)
    await eventually(lambda: ("create", name) in world.docker.calls[before:])
    await eventually(lambda: world.taking("blue", 2) == 2)
    assert (await world.score())[0] == 200


async def test_a_roll_out_that_a_kill_interrupted_is_done_by_the_next_process(world: ClusterWorld) -> None:
    await world.deploy("blue", instances=3)
    await world.traffic(blue=100)
    world.hold("two")
    await world.put("blue", "two", instances=3)
    await world.until_containers(4)
    await world.kill()
    world.hold("two").set()
    await world.start()
    assert (await world.score())[0] == 200
    assert (await world.settled("blue"))["properties"]["provisioningState"] == "Succeeded"
    assert world.runs() == ["two", "two", "two"]
    assert json.loads((await world.score())[1])["image"] == "two"


async def test_a_model_that_fails_is_told_as_the_router_tells_it(world: ClusterWorld) -> None:
    """A model's own status comes through; 502 for a broken connection, 504 for one that takes too long."""

    async def failing(asked: Any) -> tuple[int, bytes] | None:
        if b"break" in asked.body:
            return None
        if b"wait" in asked.body:
            await asyncio.sleep(30)
        return 418, b"teapot"

    world.models.of["one"] = failing
    settings = {"requestTimeout": "PT0.3S", "maxConcurrentRequestsPerInstance": 1}
    await world.deploy("blue", instances=1, requestSettings=settings)
    await world.traffic(blue=100)
    assert [(await world.score(said))[0] for said in ("x", "break", "wait")] == [418, 502, 504]
    statuses = [status for status, _, _ in await asyncio.gather(*(world.score("wait") for _ in range(4)))]
    assert sorted(statuses) == [503, 503, 504, 504]


@pytest.mark.parametrize(
    ("properties", "words"),
    [
        ({"mirrorTraffic": {"blue": 10}}, "Mirrored traffic is not supported by Kubernetes online endpoints"),
        ({"compute": COMPUTE.replace("k8s", "none")}, "Cannot find Kubernetes compute"),
        ({"compute": None}, "Cannot find Kubernetes compute"),
    ],
)
async def test_what_no_endpoint_on_kubernetes_has_is_refused(
    world: ClusterWorld, properties: dict[str, Any], words: str
) -> None:
    if "mirrorTraffic" in properties:
        await world.deploy("blue", instances=1)
    where = WHERE if "mirrorTraffic" in properties else path("ep-other")
    status, answer = await world.arm("PUT", where, endpoint(**properties))
    assert (status, words in why(answer)) == (400, True)


async def test_an_endpoint_needs_a_router_with_tls_and_a_managed_one_has_no_compute(world: ClusterWorld) -> None:
    await made(world.answering, extension_path(), extension_body(None, allowInsecureConnections="True"))
    _, answer = await world.arm("PUT", path("ep-other"), endpoint())
    assert "ScoringFeUnhealthy" in why(answer)
    _, answer = await world.arm("PUT", path("ep-other"), {**endpoint(), "kind": "Managed"})
    assert "A managed endpoint has no compute" in why(answer)
    status, refused = await world.arm("PUT", path("ep-other"), endpoint(authMode="AADToken"))
    assert (status, refused["error"]["code"]) == (400, "NotSupportedByStandIn")


@pytest.mark.parametrize(
    ("properties", "words"),
    [
        ({"endpointComputeType": "Managed"}, "is of the kind Kubernetes, not Managed"),
        ({"scaleSettings": None}, 'say {"scaleType": "Default"}'),
        ({"instanceType": "big"}, "The instance type 'big' is none of the compute: defaultinstancetype, small"),
        ({"containerResourceRequirements": {"containerResourceLimits": {"cpu": "2", "memory": "1Gi"}}},
         "must not pass those of the instance type 'small'"),
        ({"containerResourceRequirements": {"containerResourceRequests": {"cpu": "x", "memory": "1Gi"}}}, "cpu is 'x'"),
        ({"requestSettings": {"requestTimeout": "PT301S"}}, "up to 300 seconds"),
    ],
)  # fmt: skip
async def test_what_no_deployment_on_kubernetes_has_is_refused(
    world: ClusterWorld, properties: dict[str, Any], words: str
) -> None:
    status, answer = await world.put("blue", **properties)
    assert (status, words in why(answer)) == (400, True), why(answer)


async def test_a_deployment_that_the_nodes_have_no_room_for_fails(world: ClusterWorld) -> None:
    """Three nodes of two cores hold nine replicas of half a core, and none more while they are rolled."""
    assert (await world.deploy("blue", instances=1))["properties"]["provisioningState"] == "Succeeded"
    failed = await world.deploy("blue", instances=10)
    assert failed["properties"]["provisioningState"] == "Failed"
    requests = {"containerResourceRequests": {"cpu": "1", "memory": "512Mi"}}
    failed = await world.deploy("green", instances=3, containerResourceRequirements=requests)
    assert failed["properties"]["provisioningState"] == "Failed"
    assert len(world.containers()) == 1


async def test_nodes_pull_images_as_their_kubelet(world: ClusterWorld) -> None:
    kubelet = (await world.arm("GET", cluster_path()))[1]["properties"]["identityProfile"]["kubeletidentity"]
    await world.deploy("blue", instances=1)
    served = world.answering.base.arm.require(path("ep-k8s", "blue")).private["served"]
    principal = (await world.arm("GET", WHERE))[1]["identity"]["principalId"]
    assert (served["puller"], served["reader"]) == (kubelet["objectId"], principal)


async def test_with_its_endpoint_all_of_a_deployment_goes(world: ClusterWorld) -> None:
    await world.deploy("blue")
    assert (await world.answering.send(of_arm("DELETE", WHERE)))[0] in (200, 202)
    await world.until_containers(0)
    await eventually(lambda: world.answering.base.arm.get(WHERE) is None)
    assert (await world.score())[0] == 404
