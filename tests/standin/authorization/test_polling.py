"""A long operation is followed below the subscription, by whoever may do something where its resource is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import requests
from azure.mgmt.storage import StorageManagementClient

from standin.core.auth import SUBSCRIPTION_ID
from standin.core.profile import FAST
from tests.standin.authorization.principals import SUBSCRIPTION, registered
from tests.standin.running import RunningStandin, running_standin, wire
from tests.waiting import DEADLINE_S

GROUP = f"{SUBSCRIPTION}/resourceGroups/rg-theirs"
ACCOUNT = {"location": "westeurope", "kind": "StorageV2", "sku": {"name": "Standard_LRS"}}


@pytest.fixture(scope="module")
def azure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStandin]:
    state: Path = tmp_path_factory.mktemp("polling")
    with (
        running_standin(state, profile=replace(FAST, operation_polls=1), services=("blob",)) as running,
        pytest.MonkeyPatch.context() as patch,
    ):
        for name, value in running.environment.items():
            patch.setenv(name, value)
        assert running.arm("PUT", GROUP, {"location": "westeurope"}).status_code == 201
        yield running


def test_a_role_at_the_group_is_enough_to_follow_what_is_made_in_it(azure: RunningStandin) -> None:
    pipeline = registered(azure, "pipeline")
    pipeline.given("Contributor", GROUP)
    with pipeline.credential() as credential, StorageManagementClient(credential, SUBSCRIPTION_ID) as client:
        accounts = client.storage_accounts
        made = accounts.begin_create("rg-theirs", "stpolled", wire(ACCOUNT), polling_interval=0).result()
    assert made.name == "stpolled"


def test_who_holds_nothing_may_not_look_at_operations(azure: RunningStandin) -> None:
    stranger = registered(azure, "stranger")
    path = f"{SUBSCRIPTION}/providers/Microsoft.Storage/locations/westeurope/operationStatuses/any"
    assert azure.arm("GET", path).status_code == 404  # the deployer may look: there is none
    token = azure.do(lambda base: base.issuer.issue("https://management.azure.com", object_id=stranger.object_id))
    refused = requests.get(
        f"https://management.azure.com{path}?api-version=2025-01-01",
        headers={"Authorization": f"Bearer {token}"},
        timeout=DEADLINE_S,
    )
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "AuthorizationFailed")
