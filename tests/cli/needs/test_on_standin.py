"""The whole doctor of a stack in Azure, against the stand-in: for its Owner, and for who may nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import requests

from cli.__main__ import main
from cli.needs import azure
from cloud.sessions import forget_sessions
from standin.core.profile import FAST
from tests.standin.running import RunningStandin, running_standin

pytestmark = pytest.mark.slow


@pytest.fixture
def standin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningStandin]:
    """With every service, and a machine after `make init STACK=dev`: a state backend, its key, the plugin."""
    plugin = f"resource-azure-native-v{version('pulumi-azure-native')}"
    (tmp_path / "home" / "plugins" / plugin).mkdir(parents=True)
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{tmp_path}")
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "only-for-this-test")
    monkeypatch.setattr("cli.needs.machine.needs", lambda root, stack: [])
    with running_standin(tmp_path / "standin") as running:
        for name, value in running.environment.items():
            monkeypatch.setenv(name, value)
        forget_sessions()
        yield running
        forget_sessions()


@pytest.fixture
def late(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningStandin]:
    """One that frees names of hubs ten minutes late."""
    profile = replace(FAST, hub_name_held_s=600)
    with running_standin(tmp_path / "late", services=("offers", "iothub"), profile=profile) as running:
        for name, value in running.environment.items():
            monkeypatch.setenv(name, value)
        forget_sessions()
        yield running
        forget_sessions()


def doctor(capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, Any]]:
    capsys.readouterr()
    code = main(["doctor", "--stack", "dev", "--json"])
    return code, {need["name"]: need for need in json.loads(capsys.readouterr().out)}


def test_the_owner_of_a_subscription_lacks_nothing(standin: RunningStandin, capsys: pytest.CaptureFixture[str]) -> None:
    code, found = doctor(capsys)
    assert {name: need["found"] for name, need in found.items() if need["ok"] is not True} == {}
    assert code == 0
    assert {"subscription", "region", "right to assign roles", "container size", "deleted vault"} <= found.keys()


def test_a_name_that_somebody_else_has_is_told_before_an_up(
    standin: RunningStandin, capsys: pytest.CaptureFixture[str]
) -> None:
    place = azure.place_of("dev")
    assert place is not None
    theirs = f"{place.scope}/resourceGroups/rg-theirs"
    assert standin.arm("PUT", theirs, {"location": "westeurope"}).ok
    account = {"location": "westeurope", "kind": "StorageV2", "sku": {"name": "Standard_LRS"}}
    path = f"{theirs}/providers/Microsoft.Storage/storageAccounts/{place.names.storage_account}"
    assert standin.arm("PUT", path, account).ok
    code, found = doctor(capsys)
    assert code == 1
    assert [name for name, need in found.items() if need["ok"] is False] == [f"name {place.names.storage_account}"]


def test_a_hubs_name_that_azure_has_not_freed_yet_is_told_before_an_up(late: RunningStandin) -> None:
    place = azure.place_of("dev")
    assert place is not None
    hub = place.resource("Microsoft.Devices/IotHubs", place.names.iot_hub)
    body = {"location": "westeurope", "sku": {"name": "S1", "capacity": 1}, "properties": {}}
    assert late.arm("PUT", place.group, {"location": "westeurope"}).ok
    assert late.arm("PUT", hub, body).ok
    assert told(place.names.iot_hub) == "this stack's"
    assert late.arm("DELETE", hub).ok
    assert told(place.names.iot_hub) == f"taken: IotHub name '{place.names.iot_hub}' is not available"
    refused = late.arm("PUT", hub, body)
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "409003")
    late.do(lambda base: base.clock.advance(601))
    assert told(place.names.iot_hub) == "free"
    assert late.arm("PUT", hub, body).ok


def told(name: str) -> str:
    return next(need.found for need in azure.names_of("dev") if need.name == f"name {name}")


def test_who_may_look_at_nothing_lacks_rights_and_nothing_else(
    standin: RunningStandin, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    who = requests.post(f"{standin.control}/principals", json={"name": "nobody"}, timeout=30).json()
    monkeypatch.setenv("AZURE_CLIENT_ID", who["clientId"])
    monkeypatch.setenv("AZURE_CLIENT_SECRET", who["clientSecret"])
    monkeypatch.delenv("ARM_CLIENT_SECRET")
    forget_sessions()
    code, found = doctor(capsys)
    unseen = {name for name, need in found.items() if need["ok"] is None}
    assert {"subscription", "provider registrations", "container quota", "deleted vault"} <= unseen
    assert code == 1
    assert all(name.startswith("right to ") for name, need in found.items() if need["ok"] is False), found
