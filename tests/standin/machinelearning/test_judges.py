"""azure-ai-ml and azure-mgmt-machinelearningservices, unmodified, against workspaces and the model registry."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.identity import DefaultAzureCredential
from azure.mgmt.authorization import AuthorizationManagementClient
from azure.mgmt.machinelearningservices import MachineLearningServicesMgmtClient
from azure.mgmt.msi import ManagedServiceIdentityClient

from standin.core.auth import SUBSCRIPTION_ID
from tests.standin.machinelearning.workspace import (
    GROUP,
    PATH,
    STORAGE,
    VAULT,
    WORKSPACE,
    grant,
    workspace_body,
)
from tests.standin.running import RunningStandin, wire

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def registered(client: MachineLearningServicesMgmtClient, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What azure-ai-ml saw: create, get, download, archive and create again, all in one run."""
    return _seen_by("registering.py", tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="module")
def used(client: MachineLearningServicesMgmtClient, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What azure-ai-ml saw of a cluster, environments, codes and data."""
    return _seen_by("using_assets.py", tmp_path_factory.mktemp("assets"))


def _seen_by(name: str, folder: Path) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, Path(__file__).with_name(name), folder],
        env={**os.environ, "GROUP": GROUP, "WORKSPACE": WORKSPACE, "PYTHONWARNINGS": "ignore"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    seen: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return seen


def test_a_workspace_reads_back_with_its_datastores(
    azure: RunningStandin, client: MachineLearningServicesMgmtClient
) -> None:
    workspace = client.workspaces.get(GROUP, WORKSPACE)
    assert workspace.storage_account == STORAGE
    assert workspace.workspace_id
    assert workspace.discovery_url == "https://westeurope.api.azureml.ms/discovery"
    assert workspace.provisioning_state == "Succeeded"
    stores = azure.arm("GET", PATH + "/datastores").json()["value"]
    assert [store["name"] for store in stores] == ["workspaceartifactstore", "workspaceblobstore"]
    assert {store["properties"]["credentials"]["credentialsType"] for store in stores} == {"None"}


def test_a_workspaces_storage_cannot_be_changed(client: MachineLearningServicesMgmtClient) -> None:
    other = STORAGE.replace("stml", "stother")
    with pytest.raises(HttpResponseError, match="ValidationError"):
        client.workspaces.begin_create_or_update(GROUP, WORKSPACE, wire(workspace_body(storageAccount=other))).result()


def test_an_own_identity_needs_its_rights_first(
    azure: RunningStandin, client: MachineLearningServicesMgmtClient, credential: DefaultAzureCredential
) -> None:
    with (
        ManagedServiceIdentityClient(credential, SUBSCRIPTION_ID) as identities,
        AuthorizationManagementClient(credential, SUBSCRIPTION_ID) as access,
    ):
        identity = identities.user_assigned_identities.create_or_update(
            GROUP, "id-ws", wire({"location": "westeurope"})
        )
        body = workspace_body(primaryUserAssignedIdentity=identity.id)
        body["identity"] = {"type": "UserAssigned", "userAssignedIdentities": {identity.id: {}}}
        refused = azure.arm("PUT", PATH + "-own", body)
        assert (refused.status_code, refused.json()["error"]["code"]) == (403, "AuthorizationFailed")
        for scope in (STORAGE, VAULT):
            grant(access, scope, str(identity.principal_id), "Contributor")
        made = azure.arm("PUT", PATH + "-own", body).json()
        assert made["properties"]["primaryUserAssignedIdentity"] == identity.id


def test_a_deleted_workspace_blocks_its_name_and_a_purged_one_does_not(
    azure: RunningStandin, client: MachineLearningServicesMgmtClient
) -> None:
    body = workspace_body()
    client.workspaces.begin_create_or_update(GROUP, "mlw-soft", wire(body)).result()
    assert azure.arm("DELETE", PATH.replace(WORKSPACE, "mlw-soft") + "?forceToPurge=true").status_code == 200
    client.workspaces.begin_create_or_update(GROUP, "mlw-soft", wire(body)).result()
    client.workspaces.begin_delete(GROUP, "mlw-soft").result()
    with pytest.raises(ResourceNotFoundError):
        client.workspaces.get(GROUP, "mlw-soft")
    with pytest.raises(HttpResponseError, match="Soft-deleted workspace exists") as taken:
        client.workspaces.begin_create_or_update(GROUP, "mlw-soft", wire(body)).result()
    assert taken.value.status_code == 409


def test_azure_ai_ml_registers_reads_and_downloads_a_model(registered: dict[str, Any]) -> None:
    assert registered["before"] == 404
    assert registered["created"][:2] == ["anomaly", "abc"]
    assert registered["created"][2].endswith(f"/workspaces/{WORKSPACE}/models/anomaly/versions/abc")
    assert registered["read"] == ["anomaly", "abc", {"accuracy": "0.99"}]
    assert registered["latest"] == "abc"
    assert registered["downloaded"] == {"card.json": "{}", "model.onnx": "weights"}


def test_azure_ai_ml_archives_a_version_and_brings_it_back(registered: dict[str, Any]) -> None:
    assert registered["archived"] == []
    assert registered["restored"] == ["abc"]


def test_a_model_of_one_file_is_numbered_and_comes_back_as_a_file(registered: dict[str, Any]) -> None:
    assert registered["unnumbered"] == "1"
    assert registered["file"] == ["plain/model.onnx"]
    assert registered["models"] == ["anomaly", "plain"]


def test_a_registered_version_is_immutable(registered: dict[str, Any], azure: RunningStandin) -> None:
    body = {"properties": {"modelUri": "azureml://datastores/workspaceblobstore/paths/other"}}
    refused = azure.arm("PUT", PATH + "/models/anomaly/versions/abc", body)
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "UserError")
    assert "immutable" in refused.json()["error"]["message"]


def test_azure_ai_ml_makes_changes_and_deletes_a_cluster(used: dict[str, Any]) -> None:
    assert used["cluster"] == ["cpu-cluster", "Succeeded", "Standard_DS3_v2", 0, 2, 180]
    assert used["listed"] == ["cpu-cluster"]
    assert used["changed"] == [1, 3]
    assert used["nodes"] == ["idle"]
    assert used["usage"]["Standard DSv2 Family Cluster Dedicated vCPUs"] == [4, 24]
    assert "Standard_DS3_v2" in used["sizes"]
    assert used["deleted"] == 404


def test_azure_ai_ml_registers_environments_and_takes_the_next_version_for_another_image(used: dict[str, Any]) -> None:
    assert used["environment"] == ["training", "1", "example.azurecr.io/training:1"]
    assert used["same environment"] == "1"
    assert used["other environment"] == "2"
    assert used["latest environment"] == "2"
    assert used["routes"] == {"path": "/score", "port": 5001}
    assert used["archived environment"] == ["1"]


def test_azure_ai_ml_uploads_a_code_once_and_an_edited_one_anew(used: dict[str, Any]) -> None:
    assert used["same code"] is True
    assert used["edited code"] is False
    assert used["code lies"] == ["print('one')", "print('two')"]


def test_azure_ai_ml_registers_data_in_versions(used: dict[str, Any]) -> None:
    assert used["data"] == ["readings", "abc", "uri_file"]
    assert used["data path"].startswith("azureml://subscriptions/")
    assert used["numbered data"] == ["1", "2"]
    assert used["latest data"] == "2"
    assert used["archived data"] == ["1"]


@pytest.mark.parametrize("path", ["/schedules", "/batchEndpoints/x"])
def test_what_is_not_built_is_refused_with_azures_code(
    azure: RunningStandin, client: MachineLearningServicesMgmtClient, path: str
) -> None:
    refused = azure.arm("GET", PATH + path)
    assert (refused.status_code, refused.json()["error"]["code"]) == (404, "InvalidResourceType")
