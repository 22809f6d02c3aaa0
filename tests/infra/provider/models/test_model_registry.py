"""The provider's upload, by the unmodified azure-ai-ml, to a workspace of the stand-in."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from standin.core.auth import BUILT_IN_ROLES, DEPLOYER_OBJECT_ID, SUBSCRIPTION_ID, TENANT_ID
from tests.standin.running import RunningStandin, running_standin
from tests.waiting import DEADLINE_S

pytestmark = pytest.mark.slow

GROUP, WORKSPACE = "rg-upload", "mlw-upload"
ABOVE = f"/subscriptions/{SUBSCRIPTION_ID}/resourceGroups/{GROUP}"
STORAGE = f"{ABOVE}/providers/Microsoft.Storage/storageAccounts/stupload"
VAULT = f"{ABOVE}/providers/Microsoft.KeyVault/vaults/kv-upload"
INSIGHTS = f"{ABOVE}/providers/Microsoft.Insights/components/appi-upload"
PLACE = {"location": "westeurope"}


@pytest.fixture(scope="module")
def standin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStandin]:
    state = tmp_path_factory.mktemp("standin")
    with (
        running_standin(state, services=("blob", "keyvault", "machinelearning")) as running,
        pytest.MonkeyPatch.context() as patch,
    ):
        for name, value in running.environment.items():
            patch.setenv(name, value)
        yield running


def _make_workspace(standin: RunningStandin) -> None:
    vault = {"tenantId": TENANT_ID, "sku": {"family": "A", "name": "standard"}}
    properties = {"storageAccount": STORAGE, "keyVault": VAULT, "applicationInsights": INSIGHTS}
    bodies = {
        ABOVE: PLACE,
        STORAGE: {**PLACE, "kind": "StorageV2", "sku": {"name": "Standard_LRS"}},
        VAULT: {**PLACE, "properties": vault},
        INSIGHTS: {**PLACE, "kind": "web", "properties": {"Application_Type": "web"}},
        f"{ABOVE}/providers/Microsoft.MachineLearningServices/workspaces/{WORKSPACE}": {
            **PLACE,
            "identity": {"type": "SystemAssigned"},
            "properties": {**properties, "systemDatastoresAuthMode": "Identity"},
        },
    }
    for path, body in bodies.items():
        standin.arm("PUT", path, body).raise_for_status()


def test_an_upload_waits_until_the_role_on_blobs_is_effective(standin: RunningStandin, tmp_path: Path) -> None:
    """azure-ai-ml makes a ValidationException of the blob's 403."""
    _make_workspace(standin)
    role = "/providers/Microsoft.Authorization/roleDefinitions/" + BUILT_IN_ROLES["Storage Blob Data Contributor"]
    grant = {"properties": {"roleDefinitionId": role, "principalId": DEPLOYER_OBJECT_ID}}
    assignment = f"{STORAGE}/providers/Microsoft.Authorization/roleAssignments/8a4b1d63-0f2c-4f4e-9c63-6e64a1c0a0b5"
    done = subprocess.run(
        [sys.executable, "-m", "tests.infra.provider.models.uploading", tmp_path],
        env={
            **os.environ,
            "GROUP": GROUP,
            "WORKSPACE": WORKSPACE,
            "PYTHONWARNINGS": "ignore",
            "ASSIGNMENT": assignment,
            "GRANT": json.dumps(grant),
        },
        capture_output=True,
        text=True,
        timeout=DEADLINE_S * 2,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    statuses = json.loads(done.stdout.splitlines()[-1])
    assert len(statuses) == 2
    assert "403 AuthorizationPermissionMismatch; the role may not be effective yet" in statuses[0]
