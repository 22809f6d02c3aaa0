"""One running stand-in per test module, and this process's environment pointed at it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from azure.identity import DefaultAzureCredential
from azure.mgmt.resource.resources import ResourceManagementClient

from standin.core.auth import SUBSCRIPTION_ID
from tests.standin.asking import Answering
from tests.standin.running import RunningStandin, running_standin, wire

REMEMBERING = (
    "blob", "compute", "containerservice", "keyvault", "kubernetesconfiguration", "machinelearning",
    "machinelearning.online", "network",
)  # fmt: skip


@pytest.fixture(scope="module")
def azure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStandin]:
    """A stand-in of the services that need no containers; clients made in the test find it by environment alone."""
    state: Path = tmp_path_factory.mktemp("standin")
    with running_standin(state, services=REMEMBERING) as running, pytest.MonkeyPatch.context() as patch:
        for name, value in running.environment.items():
            patch.setenv(name, value)
        yield running


@pytest.fixture(scope="module")
def answering(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Answering]:
    """The whole stand-in without a socket, with a hub, a vault and an account in it; the tests of a file share it."""
    answering = Answering(tmp_path_factory.mktemp("answering"))
    asyncio.run(answering.prepare())
    yield answering
    answering.base.store.close()


@pytest.fixture(scope="module")
def credential(azure: RunningStandin) -> Iterator[DefaultAzureCredential]:
    credential = DefaultAzureCredential()
    yield credential
    credential.close()


@pytest.fixture(scope="module")
def group(credential: DefaultAzureCredential) -> str:
    """A resource group for what the test makes."""
    with ResourceManagementClient(credential, SUBSCRIPTION_ID) as client:
        client.resource_groups.create_or_update(
            "rg-judges", wire({"location": "West Europe", "tags": {"project": "edgeway"}})
        )
    return "rg-judges"
