"""Queries over REST: codes, kinds of rows, and metrics that are queries."""

from __future__ import annotations

import pytest

from tests.standin.iothub.conftest import Bench
from tests.standin.iothub.deployments import body, standard
from tests.standin.iothub.rest import Answer, Rest


@pytest.fixture
async def rest(bench: Bench) -> Rest:
    rest = Rest(bench)
    await rest.call("PUT", "/devices/edge-01", {"capabilities": {"iotEdge": True}})
    return rest


async def asked(rest: Rest, query: str) -> Answer:
    return await rest.call("POST", "/devices/query", {"query": query})


@pytest.mark.parametrize(
    "query",
    ["SELECT DISTINCT deviceId FROM devices", "SELECT serial FROM devices", "SELECT deviceId, COUNT() FROM devices"],
)
async def test_what_is_not_of_the_language_is_an_invalid_argument(rest: Rest, query: str) -> None:
    answer = await asked(rest, query)
    assert (answer.status, answer.code) == (400, "ArgumentInvalid")


async def test_columns_come_back_in_the_hubs_own_spelling(rest: Rest) -> None:
    (row,) = (await asked(rest, "SELECT DeviceID, LastActivityTime FROM devices")).body
    assert list(row) == ["deviceId", "lastActivityTime"]


async def test_jobs_are_a_collection_of_their_own_and_there_are_none(rest: Rest) -> None:
    answer = await asked(rest, "SELECT * FROM devices.jobs WHERE devices.jobs.deviceId = 'edge-01'")
    assert (answer.status, answer.body, answer.headers["x-ms-item-type"]) == (200, [], "DeviceJob")


async def test_a_metric_that_cannot_be_asked_is_refused_when_it_is_put(rest: Rest) -> None:
    metrics = {"queries": {"bad": "SELECT deviceId, COUNT() AS n FROM devices"}}
    answer = await rest.call("PUT", "/configurations/a", body(standard(), metrics=metrics))
    assert (answer.status, answer.code) == (400, "InvalidConfigurationCustomMetricsQuery")
