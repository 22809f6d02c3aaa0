"""The door of an endpoint with deployments: who is asked, how much at once, and what becomes of the answers."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from typing import Any

from tests.standin.machinelearning.online.asking import endpoint_body, path
from tests.standin.machinelearning.online.models import Asked
from tests.standin.machinelearning.online.world import World
from tests.waiting import eventually


async def two(world: World, **settings: Any) -> None:
    await world.deploy("blue", "one", **settings)
    await world.deploy("green", "two", **settings)


async def test_a_request_reaches_the_model_as_it_was_but_for_the_key(world: World) -> None:
    await world.deploy("blue")
    await world.traffic(blue=100)
    said = {"x_ms_client_request_id": "a b*" + "c" * 50, "x_request_id": "mine", "x_other": "kept"}
    _, _, headers = await world.score({"a": 1}, where="/score/x y?a=%20b", **said)
    (asked,) = world.asked
    assert (asked.method, asked.body) == ("POST", b'{"a": 1}')
    assert asked.target.startswith("/score/x%20y%3Fa")
    assert "authorization" not in asked.headers
    assert (asked.headers["x-other"], asked.headers["x-ms-client-request-id"]) == ("kept", "ab" + "c" * 38)
    assert asked.headers["x-request-id"] == headers["x-request-id"] != "mine"


async def test_shares_and_the_header_choose_the_deployment(world: World) -> None:
    await two(world)
    await world.traffic(blue=70, green=30)
    asked = 400
    got = Counter([(await world.score())[2]["azureml-model-deployment"] for _ in range(asked)])
    # 99.9 % of a binomial of 30 %
    assert abs(got["green"] - asked * 0.3) < 3.29 * (asked * 0.3 * 0.7) ** 0.5
    await world.traffic(green=100)
    assert {(await world.score())[2]["azureml-model-deployment"] for _ in range(20)} == {"green"}
    status, text, _ = await world.score(azureml_model_deployment="blue")
    assert (status, json.loads(text)["image"]) == (200, "one")
    assert (await world.score(azureml_model_deployment="red"))[:2] == (404, "Specified deployment could not be found")


async def test_a_mirrored_share_is_copied_and_its_answers_go_nowhere(world: World) -> None:
    async def fails(asked: Asked) -> tuple[int, bytes]:
        return 500, b"nobody sees this"

    world.models.of["two"] = fails
    await two(world)
    body = endpoint_body(traffic={"blue": 100}, mirrorTraffic={"green": 50})
    assert (await world.arm("PUT", path("ep-1"), body))[0] == 200
    answers = [(await world.score())[:2] for _ in range(100)]
    assert {status for status, _ in answers} == {200}
    assert {json.loads(text)["image"] for _, text in answers} == {"one"}
    await eventually(lambda: sum(asked.image == "two" for asked in world.asked) > 20)
    assert sum(asked.image == "two" for asked in world.asked) < 80


async def test_a_model_that_answers_anything_but_200_is_a_failed_dependency(world: World) -> None:
    async def refuses(asked: Asked) -> tuple[int, bytes]:
        return 422, b'{"why":"no"}'

    world.models.of["one"] = refuses
    await world.deploy("blue")
    status, text, headers = await world.score(azureml_model_deployment="blue")
    assert (status, text) == (424, '{"why":"no"}')
    assert headers["ms-azureml-model-error-reason"] == "model_error"
    assert headers["ms-azureml-model-error-statuscode"] == "422"
    assert headers["azureml-model-deployment"] == "blue"


async def test_a_model_that_ends_the_connection_failed_once_and_is_not_asked_again(world: World) -> None:
    async def breaks(asked: Asked) -> None:
        return None

    world.models.of["one"] = breaks
    await world.deploy("blue")
    status, _, headers = await world.score(azureml_model_deployment="blue")
    assert (status, headers["ms-azureml-model-error-statuscode"]) == (424, "502")
    assert len(world.asked) == 1


async def test_an_instance_that_is_down_is_passed_over_and_none_is_not_ready(world: World) -> None:
    await world.deploy("blue", instances=2)
    for left, name in ((1, world.containers()[0]), (0, world.containers()[1])):
        world.docker.end(name)
        await eventually(lambda left=left: world.taking_requests("blue", 2) == left)  # type: ignore[misc]
        statuses = {(await world.score(azureml_model_deployment="blue"))[0] for _ in range(5)}
        assert statuses == ({200} if left else {424})
    _, _, headers = await world.score(azureml_model_deployment="blue")
    assert headers["ms-azureml-model-error-reason"] == "model_not_ready"


async def test_a_request_that_takes_longer_than_the_deployment_allows_is_ended(world: World) -> None:
    async def never(asked: Asked) -> tuple[int, bytes]:
        await asyncio.Event().wait()
        return 200, b""

    world.models.of["one"] = never
    await world.deploy("blue", requestSettings={"requestTimeout": "PT0.05S"})
    status, _, headers = await world.score(azureml_model_deployment="blue")
    assert (status, headers["azureml-model-deployment"]) == (408, "blue")


async def test_requests_beyond_twice_the_concurrent_ones_are_refused(world: World) -> None:
    release = asyncio.Event()

    async def waits(asked: Asked) -> tuple[int, bytes]:
        await release.wait()
        return 200, b"{}"

    world.models.of["one"] = waits
    await world.deploy("blue", requestSettings={"maxConcurrentRequestsPerInstance": 2, "requestTimeout": "PT60S"})
    requests = [asyncio.create_task(world.score(azureml_model_deployment="blue")) for _ in range(5)]
    await eventually(lambda: any(request.done() for request in requests))
    assert len(world.asked) <= 2
    release.set()
    answers = await asyncio.gather(*requests)
    assert sorted(status for status, _, _ in answers) == [200, 200, 200, 200, 429]
    (refused,) = (headers for status, _, headers in answers if status == 429)
    assert refused["ms-azureml-model-error-reason"] == "too_many_pending_request"


async def test_tags_and_keys_change_under_load_and_no_request_fails(world: World) -> None:
    await world.deploy("blue", requestSettings={"maxConcurrentRequestsPerInstance": 50})
    await world.traffic(blue=100)
    ended = asyncio.Event()
    statuses: Counter[int] = Counter()

    async def load() -> None:
        while not ended.is_set():
            statuses[(await world.score())[0]] += 1

    loads = [asyncio.create_task(load()) for _ in range(4)]
    for number in range(20):
        assert (await world.arm("PATCH", path("ep-1"), {"tags": {"n": str(number)}}))[0] == 200
        secondary = {"keyType": "Secondary"}
        assert (await world.arm("POST", path("ep-1") + "/regenerateKeys", secondary))[0] == 200
        assert (await world.arm("PATCH", path("ep-1", "blue"), {"tags": {"n": str(number)}}))[0] == 200
        await world.settled("blue")
    ended.set()
    await asyncio.gather(*loads)
    assert set(statuses) == {200}
    assert len(world.containers()) == 1
