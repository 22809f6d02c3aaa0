"""A hub to talk to: the stand-in in a thread, judged here by Microsoft's SDKs inside the provider."""

from __future__ import annotations

import shutil
import socket
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from cloud.arm import Arm
from cloud.sessions import forget_sessions
from standin.core.auth import DEPLOYER_OBJECT_ID, SUBSCRIPTION_ID, TENANT_ID
from tests.infra.provider.fake_arm import FakeArm
from tests.infra.provider.recorder import Recorder
from tests.standin.running import RunningStandin, running_standin
from tests.waiting import DEADLINE_S

HOST = "iot-provider-tests.azure-devices.net"
GROUP = f"/subscriptions/{SUBSCRIPTION_ID}/resourceGroups/rg-provider-tests"
HUB = f"{GROUP}/providers/Microsoft.Devices/IotHubs/iot-provider-tests"
VAULT = "kv-provider-tests"
_DATA_CONTRIBUTOR = "4fc6c259-987e-4a07-842e-c321cc9d413f"
_SECRETS_OFFICER = "b86a8fe4-44ce-4948-aee5-eccb2c155cd7"


@pytest.fixture(scope="module")
def standin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStandin]:
    with running_standin(tmp_path_factory.mktemp("standin"), services=("iothub", "keyvault")) as running:
        yield running


@pytest.fixture
def azure_environment(standin: RunningStandin, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningStandin]:
    for name in ("https_proxy", "http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    for name, value in standin.environment.items():
        monkeypatch.setenv(name, value)
    forget_sessions()
    yield standin
    forget_sessions()


@pytest.fixture
def hub_host(azure_environment: RunningStandin) -> str:
    """A hub with the right to use it."""
    make_hub(Arm(Recorder()))
    return HOST


def make_hub(arm: Arm) -> None:
    arm.request("PUT", GROUP, "2024-03-01", body={"location": "westeurope"})
    events = {"eventHubEndpoints": {"events": {"partitionCount": 2, "retentionTimeInDays": 1}}}
    body = {"location": "westeurope", "sku": {"name": "S1", "capacity": 1}, "properties": events}
    arm.request("PUT", HUB, "2023-06-30", body=body)
    allow_deployer()


def make_vault(arm: Arm) -> None:
    """One that the deployer is an officer of."""
    id = f"{GROUP}/providers/Microsoft.KeyVault/vaults/{VAULT}"
    properties = {"tenantId": TENANT_ID, "sku": {"family": "A", "name": "standard"}, "enableRbacAuthorization": True}
    arm.request("PUT", id, "2026-02-01", body={"location": "westeurope", "properties": properties})
    allow_deployer(id, _SECRETS_OFFICER)


def allow_deployer(scope: str = HUB, role: str = _DATA_CONTRIBUTOR) -> None:
    definition = f"/subscriptions/{SUBSCRIPTION_ID}/providers/Microsoft.Authorization/roleDefinitions/{role}"
    body = {"properties": {"principalId": DEPLOYER_OBJECT_ID, "roleDefinitionId": definition}}
    name = uuid.uuid5(uuid.NAMESPACE_URL, scope)
    path = f"{scope}/providers/Microsoft.Authorization/roleAssignments/{name}"
    Arm(Recorder()).request("PUT", path, "2022-04-01", body=body)


@pytest.fixture
def arm(monkeypatch: pytest.MonkeyPatch) -> FakeArm:
    fake = FakeArm()
    monkeypatch.setattr("cloud.arm._send", fake.send)
    return fake


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[str]:
    """Debian's docker-registry without any sign-in."""
    binary = shutil.which("docker-registry")
    if binary is None:
        pytest.skip("docker-registry is not installed")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    configuration = tmp_path / "registry.yml"
    configuration.write_text(
        f"version: 0.1\nstorage: {{filesystem: {{rootdirectory: {tmp_path}/blobs}}, delete: {{enabled: true}}}}\n"
        f"http: {{addr: '127.0.0.1:{port}'}}\nlog: {{level: error}}\n"
    )
    process = subprocess.Popen([binary, "serve", str(configuration)], stderr=subprocess.DEVNULL)
    try:
        yield f"127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(DEADLINE_S)
