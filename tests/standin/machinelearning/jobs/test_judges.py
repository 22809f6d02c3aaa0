"""azure-ai-ml, unmodified, and the Docker engine: jobs are sent, followed, fetched, registered from and canceled."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import docker
import pytest
import requests

from standin.core.auth import BUILT_IN_ROLES, DEPLOYER_OBJECT_ID, SUBSCRIPTION_ID
from tests.standin.bridge import bridge_of
from tests.standin.containerinstance.test_survival import process_on
from tests.standin.machinelearning.jobs.training import IMAGE
from tests.standin.running import RunningStandin, newest_version, running_standin
from tests.waiting import DEADLINE_S, until

pytestmark = pytest.mark.docker

GROUP = f"/subscriptions/{SUBSCRIPTION_ID}/resourceGroups/rg-jobs"
PROVIDERS = f"{GROUP}/providers"
STORAGE = f"{PROVIDERS}/Microsoft.Storage/storageAccounts/stjobs"
WORKSPACE = f"{PROVIDERS}/Microsoft.MachineLearningServices/workspaces/mlw-jobs"
SERVICES = ("blob", "keyvault", "machinelearning")
REGION = "https://westeurope.api.azureml.ms"
AUDIENCE = "https://management.azure.com"
OVER = ("Completed", "Failed", "Canceled")


@pytest.fixture(scope="module")
def standin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStandin]:
    with (
        closing(docker.from_env()) as engine,
        standin_in(tmp_path_factory.mktemp("standin"), engine) as running,
        pytest.MonkeyPatch.context() as patch,
    ):
        for name, value in running.environment.items():
            patch.setenv(name, value)
        furnish(running)
        yield running
        leave_nothing(running, engine)


def leave_nothing(standin: RunningStandin, engine: docker.DockerClient) -> None:
    assert standin.arm("DELETE", GROUP).status_code in (200, 202)
    label: dict[str, Any] = {"label": f"edgeway.standin={standin.base.docker.instance}"}
    assert engine.containers.list(all=True, filters=label) == []
    assert engine.networks.list(filters=label) == []


@contextmanager
def standin_in(state: Path, engine: docker.DockerClient, **options: Any) -> Iterator[RunningStandin]:
    with running_standin(state, services=SERVICES, bridge=bridge_of(engine), **options) as running:
        yield running


def furnish(standin: RunningStandin) -> None:
    """A workspace whose account takes no keys, and whose identity may read and write there."""
    tenant = {"tenantId": standin.environment["AZURE_TENANT_ID"], "sku": {"family": "A", "name": "standard"}}
    for path, body in (
        (GROUP, {"location": "westeurope"}),
        (
            STORAGE,
            {"kind": "StorageV2", "sku": {"name": "Standard_LRS"}, "properties": {"allowSharedKeyAccess": False}},
        ),
        (f"{PROVIDERS}/Microsoft.KeyVault/vaults/kv-jobs", {"properties": tenant}),
        (
            f"{PROVIDERS}/Microsoft.Insights/components/appi-jobs",
            {"kind": "web", "properties": {"Application_Type": "web"}},
        ),
    ):
        made = standin.arm("PUT", path, {"location": "westeurope", **body})
        assert made.status_code in (200, 201, 202), made.text
    properties = {
        "storageAccount": STORAGE,
        "keyVault": f"{PROVIDERS}/Microsoft.KeyVault/vaults/kv-jobs",
        "applicationInsights": f"{PROVIDERS}/Microsoft.Insights/components/appi-jobs",
        "systemDatastoresAuthMode": "Identity",
    }
    body = {"location": "westeurope", "identity": {"type": "SystemAssigned"}, "properties": properties}
    workspace = standin.arm("PUT", WORKSPACE, body).json()
    role = f"/subscriptions/{SUBSCRIPTION_ID}/providers/Microsoft.Authorization/roleDefinitions/"
    role += BUILT_IN_ROLES["Storage Blob Data Contributor"]
    for number, principal in enumerate((workspace["identity"]["principalId"], DEPLOYER_OBJECT_ID)):
        name = f"00000000-0000-0000-0000-00000000000{number}"
        assignment = {"properties": {"roleDefinitionId": role, "principalId": principal}}
        path = f"{STORAGE}/providers/Microsoft.Authorization/roleAssignments/{name}"
        assert standin.arm("PUT", path, assignment).status_code == 201


@pytest.fixture(scope="module")
def seen(standin: RunningStandin, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What azure-ai-ml saw of three jobs: one that trains, one that fails, one that is canceled."""
    ports = standin.base.ports
    room = {"bridge": standin.base.docker.bridge_address, "ports": [ports.registry, ports.plain], "tls": ports.tls}
    said = {"GROUP": "rg-jobs", "WORKSPACE": "mlw-jobs", "ROOM": json.dumps(room)}
    done = subprocess.run(
        [sys.executable, Path(__file__).with_name("training.py"), tmp_path_factory.mktemp("jobs")],
        env={**os.environ, **said, "PYTHONWARNINGS": "ignore", "AZUREML_RUN_POLLING_INTERVAL_MIN": "1"},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_azure_ai_ml_streams_what_a_job_writes(seen: dict[str, Any]) -> None:
    assert "Streaming user_logs/std_log.txt" in seen["streamed"]
    lines = seen["streamed"].splitlines()
    assert any(line.startswith("read 2 rows from /mnt/azureml/cr/j/") for line in lines)
    assert lines.index("epoch 0") < lines.index("epoch 1")
    assert seen["done"] == ["Completed", {"stack": "judges"}, "anomaly"]


def test_azure_ai_ml_downloads_outputs_artifacts_and_logs(seen: dict[str, Any]) -> None:
    files = seen["downloaded"]
    assert files["named-outputs/model/deep/model.onnx"] == "weights"
    assert "epoch 1" in files["artifacts/user_logs/std_log.txt"]
    assert set(files) == {
        "artifacts/outputs/room.json",
        "artifacts/user_logs/std_log.txt",
        "named-outputs/model/deep/model.onnx",
    }


def test_a_job_has_no_way_to_the_control_surface_the_registry_or_the_deployers_rights(seen: dict[str, Any]) -> None:
    room = json.loads(seen["downloaded"]["artifacts/outputs/room.json"])
    assert (room["capabilities"], room["privileges"]) == (0, "1")
    assert room["open"] == []
    assert (room["control"], room["arm"]) == (404, 401)
    assert room["memory"] in (0, 7 * 1024**3)


def test_a_job_logs_metrics_that_its_owner_reads(standin: RunningStandin, seen: dict[str, Any]) -> None:
    token = standin.do(lambda base: base.issuer.issue(AUDIENCE))
    url = f"{REGION}/mlflow/v1.0{WORKSPACE}/api/2.0/mlflow/metrics/get-history"
    answer = asked("GET", url, token, run_id="anomaly-1", metric_key="loss")
    assert [(one["step"], one["value"]) for one in answer.json()["metrics"]] == [(0, 1.0), (1, 0.5)]


def test_azure_ai_ml_registers_a_model_from_a_jobs_output_and_downloads_it(seen: dict[str, Any]) -> None:
    version, path, job = seen["model"]
    assert (version, job) == ("1", "anomaly-1")
    assert path == "mlw-jobs/datastores/workspaceblobstore/paths/azureml/anomaly-1/model/"
    assert seen["model files"] == ["model.onnx"]


def test_azure_ai_ml_is_told_why_a_job_failed_and_that_a_name_is_taken(seen: dict[str, Any]) -> None:
    assert "exited with status code 1" in seen["failure"]
    assert "no rows at all" in seen["failure"]
    assert "A job with this name already exists" in seen["name taken"]


def test_azure_ai_ml_cancels_a_job_and_lists_them_all(seen: dict[str, Any]) -> None:
    assert seen["canceled"] == "Canceled"
    assert seen["listed"] == [["anomaly-3", "Canceled"], ["anomaly-2", "Failed"], ["anomaly-1", "Completed"]]


def test_a_job_runs_on_while_the_stand_in_is_killed_and_is_taken_up_with_its_whole_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """kill -9 of the real process, then another one on the same folder."""
    with closing(docker.from_env()) as engine:
        with standin_in(tmp_path, engine) as first:
            for name, value in first.environment.items():
                monkeypatch.setenv(name, value)
            furnish(first)
            base, token = first.base.ports.base, first.do(lambda base: base.issuer.issue(AUDIENCE))
        with process_on(tmp_path, base):
            submit(token, "j1", "for line in 1 2 3 4 5; do echo line $line; sleep 1; done")
            until("it runs and has written", lambda: "line 1" in log_of(token, "j1"))
        with standin_in(tmp_path, engine, port_base=base) as second:
            until(
                "it is over", lambda: second.arm("GET", f"{WORKSPACE}/jobs/j1").json()["properties"]["status"] in OVER
            )
            assert second.arm("GET", f"{WORKSPACE}/jobs/j1").json()["properties"]["status"] == "Completed"
            assert log_of(token, "j1").splitlines() == [f"line {number}" for number in range(1, 6)]
            leave_nothing(second, engine)


def submit(token: str, name: str, command: str) -> None:
    scale = {"minNodeCount": 0, "maxNodeCount": 1, "nodeIdleTimeBeforeScaleDown": "PT120S"}
    cluster = {"computeType": "AmlCompute", "properties": {"vmSize": "Standard_DS2_v2", "scaleSettings": scale}}
    job = {
        "jobType": "Command",
        "command": command,
        "computeId": f"{WORKSPACE}/computes/cpu",
        "environmentId": f"{WORKSPACE}/environments/e/versions/1",
    }
    for path, body in (
        ("computes/cpu", {"location": "westeurope", "properties": cluster}),
        ("environments/e/versions/1", {"properties": {"image": IMAGE}}),
        (f"jobs/{name}", {"properties": job}),
    ):
        url = f"https://management.azure.com{WORKSPACE}/{path}"
        made = asked("PUT", url, token, body, **{"api-version": newest_version(f"{WORKSPACE}/{path}")})
        assert made.status_code in (200, 201), made.text


def log_of(token: str, name: str) -> str:
    url = f"{REGION}/history/v1.0{WORKSPACE}/runs/{name}/details"
    address = asked("GET", url, token, **{"api-version": "v1.0"}).json()["logFiles"].get("user_logs/std_log.txt")
    return requests.get(address, timeout=DEADLINE_S).text if address else ""


def asked(method: str, url: str, token: str, body: object = None, **query: str) -> requests.Response:
    headers = {"Authorization": f"Bearer {token}"}
    return requests.request(method, url, params=query, json=body, headers=headers, timeout=DEADLINE_S)
