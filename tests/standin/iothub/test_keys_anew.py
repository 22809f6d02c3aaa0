"""Shared access policies whose keys are others after each PUT that does not name them, as azure-mgmt-iothub sees it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from azure.identity import DefaultAzureCredential
from azure.mgmt.iothub import IotHubClient

from cli.events.endpoint import built_in_endpoint
from cli.stack.outputs import Hub
from cloud.sessions import forget_sessions
from standin.core.auth import SUBSCRIPTION_ID
from standin.core.profile import FAST
from tests.standin.iothub.conftest import AzureHub, make_hub, steady
from tests.standin.running import RunningStandin, running_standin


@pytest.fixture(scope="module")
def standin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStandin]:
    profile = replace(steady(FAST), hub_keys_anew=True)
    with running_standin(tmp_path_factory.mktemp("standin"), profile=profile, services=("iothub",)) as running:
        yield running


def _keys(operations: Any, name: str) -> dict[str, str]:
    return {rule.key_name: rule.primary_key for rule in operations.list_keys("rg", name)}


def _operator_reads(made: AzureHub) -> str:
    forget_sessions()
    return built_in_endpoint(Hub(made.name, made.host, "rg", "$Default")).key


def test_keys_are_made_anew_by_a_put_and_a_monitor_that_starts_then_has_the_new_one(
    standin: RunningStandin, environment: Mapping[str, str]
) -> None:
    made = make_hub("anew")
    with DefaultAzureCredential() as credential, IotHubClient(credential, SUBSCRIPTION_ID) as client:
        operations: Any = client.iot_hub_resource
        before = _keys(operations, "anew")
        operations.begin_update("rg", "anew", {"tags": {"site": "lab"}}).result()
        assert _keys(operations, "anew") == before
        events = {"events": {"partitionCount": 2, "retentionTimeInDays": 1}}
        body = {"location": "westeurope", "sku": {"name": "S1", "capacity": 1}, "tags": {"site": "hall"}}
        operations.begin_create_or_update("rg", "anew", {**body, "properties": {"eventHubEndpoints": events}}).result()
        after = _keys(operations, "anew")
    assert after.keys() == before.keys()
    assert not set(after.values()) & set(before.values())
    assert _operator_reads(made) == after["service"]
