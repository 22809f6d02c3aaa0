"""Deployments: made, replaced beside the old one, scaled, failed and taken away."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any

from standin.core.profile import FAST
from tests.standin.asking import of_arm
from tests.standin.machinelearning.online.asking import endpoint_body, path, why
from tests.standin.machinelearning.online.world import World
from tests.waiting import eventually


async def test_a_deployment_serves_once_its_container_is_ready(world: World) -> None:
    made = await world.deploy("blue", environmentVariables={"A": "b"})
    assert made["properties"]["provisioningState"] == "Succeeded"
    assert made["sku"] == {"name": "Default", "capacity": 1}
    assert made["properties"]["scaleSettings"] == {"scaleType": "Default"}
    status, text, headers = await world.score({"row": 1}, azureml_model_deployment="blue")
    assert (status, json.loads(text)) == (200, {"image": "one", "said": '{"row": 1}'})
    assert (headers["azureml-model-deployment"], headers["azureml-model-session"]) == ("blue", "blue")
    (name,) = world.containers()
    body = world.docker.bodies[name]
    assert body["Env"] == ["A=b"]
    assert body["HostConfig"]["Memory"] == 7 * 1024**3
    assert world.docker.bodies[name.replace("-model", "-pause")]["HostConfig"]["PortBindings"] == {}


async def test_a_new_image_takes_over_when_it_is_ready_and_no_request_fails(world: World) -> None:
    await world.deploy("blue")
    await world.traffic(blue=100)
    ready = world.hold("two")
    await world.arm("PUT", path("ep-1", "blue"), world.body("two"))
    await world.until_containers(2)
    answers = [await world.score() for _ in range(5)]
    assert [(status, json.loads(text)["image"]) for status, text, _ in answers] == [(200, "one")] * 5
    ready.set()
    await world.until_answered_by("two")
    await world.until_containers(1)
    assert (await world.settled("blue"))["properties"]["provisioningState"] == "Succeeded"


async def test_an_old_instance_goes_only_when_its_last_request_is_answered(world: World) -> None:
    release, begun = asyncio.Event(), asyncio.Event()

    async def slow(asked: Any) -> tuple[int, bytes]:
        begun.set()
        await release.wait()
        return 200, b"{}"

    world.models.of["one"] = slow
    await world.deploy("blue", requestSettings={"requestTimeout": "PT100S", "maxConcurrentRequestsPerInstance": 9})
    await world.traffic(blue=100)
    waiting = asyncio.create_task(world.score())
    await begun.wait()
    await world.arm("PUT", path("ep-1", "blue"), world.body("two"))
    await world.until_containers(2)
    world.models.of.pop("one")
    await world.until_answered_by("two")
    assert len(world.containers()) == 2
    release.set()
    assert (await waiting)[0] == 200
    await world.until_containers(1)


async def test_a_container_that_crashes_fails_the_deployment_in_azures_words(world: World) -> None:
    world.hold("one")
    await world.arm("PUT", path("ep-1", "blue"), world.body())
    await world.until_containers(1)
    await world.crash(world.containers()[0], "first\nImportError: no module named x\n")
    failed = await world.settled("blue")
    assert failed["properties"]["provisioningState"] == "Failed"
    assert world.containers() == []
    logs = (await world.arm("POST", path("ep-1", "blue") + "/getLogs", {"tail": 1}))[1]
    assert logs == {"content": "ImportError: no module named x\n"}
    assert (await world.score(azureml_model_deployment="blue"))[0] == 424
    assert (await world.arm("DELETE", path("ep-1", "blue")))[0] == 202


async def test_the_operation_of_a_failed_deployment_tells_why(world: World) -> None:
    world.docker.denied, world.docker.present = {"one"}, set()
    _, answered, headers = await _put(world, "blue", world.body())
    assert json.loads(answered)["properties"]["provisioningState"] == "Creating"
    status = await _followed(world, headers["azure-asyncoperation"])
    assert status["status"] == "Failed"
    assert status["error"]["code"] == "BadArgument"
    assert status["error"]["message"].startswith(
        "BadArgument: Unable to download user container image 'one'. Please see"
    )


async def test_an_update_that_fails_leaves_the_old_one_serving(world: World) -> None:
    await world.deploy("blue")
    await world.traffic(blue=100)
    world.hold("two")
    await world.arm("PUT", path("ep-1", "blue"), world.body("two"))
    await world.until_containers(2)
    await world.crash(world.containers()[1])
    assert (await world.settled("blue"))["properties"]["provisioningState"] == "Failed"
    status, text, _ = await world.score()
    assert (status, json.loads(text)["image"]) == (200, "one")
    assert len(world.containers()) == 1
    assert (await world.deploy("blue"))["properties"]["provisioningState"] == "Succeeded"
    assert len(world.containers()) == 1, "what is served is as it was: nothing starts"


async def test_instances_are_added_and_taken_away_and_all_are_asked(world: World) -> None:
    await world.deploy("blue")
    await world.traffic(blue=100)
    status, _ = await world.arm("PATCH", path("ep-1", "blue"), {"sku": {"capacity": 3}})
    assert status == 200
    assert (await world.settled("blue"))["sku"]["capacity"] == 3
    assert len(world.containers()) == 3
    assert world.docker.calls.count(("create", world.containers()[0])) == 1
    while len({asked.instance for asked in world.asked}) < 3:
        assert (await world.score())[0] == 200
    await world.arm("PATCH", path("ep-1", "blue"), {"sku": {"capacity": 1}})
    await world.settled("blue")
    assert len(world.containers()) == 1


async def test_a_deployment_with_traffic_is_not_deleted(world: World) -> None:
    await world.deploy("blue")
    await world.traffic(blue=100)
    status, refused = await world.arm("DELETE", path("ep-1", "blue"))
    assert (status, "takes 100 per cent" in why(refused)) == (400, True)
    assert (await world.score())[0] == 200
    await world.traffic(blue=0)
    assert (await world.arm("DELETE", path("ep-1", "blue")))[0] == 202
    await world.until_containers(0)
    await eventually(lambda: world.answering.base.arm.get(path("ep-1", "blue")) is None)
    assert (await world.arm("GET", path("ep-1")))[1]["properties"]["traffic"] == {}


async def test_a_deployment_that_is_still_made_is_deleted_at_once(world: World) -> None:
    world.hold("one")
    _, _, headers = await _put(world, "blue", world.body())
    await world.until_containers(1)
    assert (await world.arm("DELETE", path("ep-1", "blue")))[0] == 202
    await world.until_containers(0)
    told = await _followed(world, headers["azure-asyncoperation"])
    assert (told["status"], told["error"]["code"]) == ("Failed", "OperationCanceled")
    await eventually(lambda: world.answering.base.arm.get(path("ep-1", "blue")) is None)


async def test_an_endpoint_takes_its_deployments_with_it(world: World) -> None:
    await world.deploy("blue")
    await world.deploy("green", "two")
    await world.traffic(blue=100)
    assert (await world.arm("DELETE", path("ep-1")))[0] == 200
    assert world.docker.things == {"containers": {}, "networks": {}, "volumes": {}}


REFUSED: tuple[tuple[dict[str, Any], str], ...] = (
    ({"instanceType": "Standard_DS3_v2"}, "'instanceType' of a deployment cannot be changed"),
    ({"environmentId": "nobody"}, "'nobody' is no ARM id of a version of environments"),
    ({"model": "nobody"}, "'nobody' is no ARM id of a version of models"),
    ({"requestSettings": {"requestTimeout": "PT181S"}}, "PT181S; allowed: up to 180 seconds"),
    ({"requestSettings": {"maxConcurrentRequestsPerInstance": 0}}, "0 is no whole number of 1 or more"),
    ({"livenessProbe": {"period": "PT1200S"}}, "<1200>. The value should be less than 300."),
    ({"readinessProbe": {"period": "often"}}, "'often' is no ISO 8601 duration"),
    ({"environmentVariables": {"A": 1}}, "The variable 'A' is int, not a text"),
)


async def test_on_a_bad_day_each_write_is_followed_until_its_operation_says_that_it_is_over(world: World) -> None:
    """As azure-ai-ml follows them: by the header, and then by a GET."""
    await world.kill()
    world.profile = replace(FAST, operation_polls=3)
    await world.start()
    for where, body in ((path("ep-1"), endpoint_body()), (path("ep-1", "blue"), world.body())):
        status, _, headers = await world.answering.answered(of_arm("PUT", where), body=body)
        assert status in (200, 201)
        assert (await _followed(world, headers["azure-asyncoperation"], least=3))["status"] == "Succeeded"
    keys = of_arm("POST", path("ep-1") + "/regenerateKeys")
    status, _, headers = await world.answering.answered(keys, body={"keyType": "Primary"})
    assert (status, await _results(world, headers["location"])) == (202, [202, 202, 202, 200])
    assert (await world.arm("POST", path("ep-1") + "/listKeys"))[1]["primaryKey"] != world.key
    for where in (path("ep-1", "blue"), path("ep-1")):
        status, _, headers = await world.answering.answered(of_arm("DELETE", where))
        assert status == 202
        assert (await _followed(world, headers["azure-asyncoperation"], least=3))["status"] == "Succeeded"
    assert world.docker.things == {"containers": {}, "networks": {}, "volumes": {}}


async def test_what_azure_refuses_is_refused_and_changes_nothing(world: World) -> None:
    await world.deploy("blue")
    for change, reason in REFUSED:
        status, refused = await world.arm("PUT", path("ep-1", "blue"), world.body(**change))
        assert status == 400, change
        assert why(refused).startswith("InferencingClientUpdateDeploymentFailed")
        assert reason in why(refused)
    for name, body in (("b", world.body()), ("green", world.body(instanceType="Standard_X1"))):
        assert (await world.arm("PUT", path("ep-1", name), body))[0] == 400
    assert len(world.containers()) == 1


async def test_what_is_not_built_is_refused(world: World) -> None:
    for properties in (
        {"codeConfiguration": {"codeId": "x", "scoringScript": "s.py"}},
        {"scaleSettings": {"scaleType": "TargetUtilization"}},
        {"egressPublicNetworkAccess": "Disabled"},
        {"dataCollector": {"rollingRate": "Hour"}},
    ):
        status, refused = await world.arm("PUT", path("ep-1", "blue"), world.body(**properties))
        assert (status, refused["error"]["code"]) == (400, "NotSupportedByStandIn"), properties


async def test_cores_beyond_the_quota_are_refused_in_azures_words(world: World) -> None:
    """A fifth of the instances more is reserved, rounded up: one instance takes two machines."""
    await world.deploy("blue")
    status, refused = await world.arm("PUT", path("ep-1", "green"), world.body("two", instances=9))
    assert status == 400
    assert "Not enough quota available for Standard_DS2_v2 in SubscriptionId " in why(refused)
    assert "Current usage/limit: 4/24. Additional needed: 22 Please see troubleshooting guide" in why(refused)
    assert world.answering.base.arm.get(path("ep-1", "green")) is None
    skus = (await world.arm("GET", path("ep-1", "blue") + "/skus"))[1]["value"]
    assert skus[0]["capacity"] == {"default": 1, "minimum": 1, "maximum": 10, "scaleType": "Automatic"}


async def _put(world: World, name: str, body: object) -> tuple[int, str, Any]:
    return await world.answering.answered(of_arm("PUT", path("ep-1", name)), body=body)


async def _followed(world: World, url: str, least: int = 0) -> dict[str, Any]:
    """`least`: how often it must say that the work is not done."""
    where = url.removeprefix("https://management.azure.com").partition("?")[0]
    asked = 0
    while True:
        status = (await world.arm("GET", where))[1]
        if status["status"] != "InProgress":
            assert asked >= least
            return status
        asked += 1
        await asyncio.sleep(0.01)


async def _results(world: World, url: str) -> list[int]:
    """What a Location answers, until it is no 202."""
    where, seen = url.removeprefix("https://management.azure.com").partition("?")[0], [202]
    while seen[-1] == 202 and len(seen) < 10:
        seen.append((await world.arm("GET", where))[0])
    return seen[1:]
