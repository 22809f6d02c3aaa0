"""Runs as azure-ai-ml reads them, and what a script logs from inside its container."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.standin.asking import of_arm
from tests.standin.machinelearning.jobs.lab import WORKSPACE, Lab, command_job

HISTORY = f"/history/v1.0{WORKSPACE}"
MLFLOW = f"/mlflow/v1.0{WORKSPACE}/api/2.0/mlflow"


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[Lab]:
    """With a job that runs."""
    lab = Lab(tmp_path)
    lab.grant("workspace")
    await lab.upload("code-1", "src/train.py", b"print('x')")
    await lab.begin()
    await lab.submit("j1", command_job(outputs={"model": {"jobOutputType": "uri_folder"}}, tags={"a": "1"}))
    await lab.until("j1", "Running")
    yield lab
    await lab.end()


async def complete(lab: Lab) -> None:
    lab.docker.end(lab.container("j1"))
    await lab.until("j1", "Completed")


def token(lab: Lab) -> str:
    return lab.environment("j1")["MLFLOW_TRACKING_TOKEN"]


async def test_the_details_of_a_run_say_where_it_is_and_on_what(lab: Lab) -> None:
    told = await lab.details("j1")
    assert (told["runId"], told["status"], told["target"], told["tags"]) == ("j1", "Running", "cpu", {"a": "1"})
    assert told["properties"]["_azureml.NodeId"].startswith("tvmps_")
    assert "error" not in told
    assert (await lab.ask("GET", f"{HISTORY}/runs/none/details", **{"api-version": "v1.0"}))[0] == 404


async def test_the_outputs_of_a_run_lead_to_where_they_lie_once_it_is_over(lab: Lab) -> None:
    asked: dict[str, Any] = {"runId": "j1", "selectRunMetadata": True}
    _, data = await lab.ask("POST", f"{HISTORY}/rundata", asked)
    assert data["runMetadata"]["outputs"] == {}
    await complete(lab)
    _, data = await lab.ask("POST", f"{HISTORY}/rundata", asked)
    asset = data["runMetadata"]["outputs"]["model"]
    assert asset["type"] == "uri_folder"
    where = f"/data/v1.0{WORKSPACE}/dataversion/batchGetResolvedUris"
    _, found = await lab.ask("POST", where, {"values": [asset["assetId"], "azureml://locations/x"]})
    assert list(found["values"]) == [asset["assetId"]]
    assert found["values"][asset["assetId"]]["uri"].endswith("/workspaceblobstore/paths/azureml/j1/model/")


async def test_a_script_logs_metrics_with_what_its_container_got(lab: Lab) -> None:
    environment = lab.environment("j1")
    assert environment["MLFLOW_TRACKING_URI"] == (
        f"https://westeurope.api.azureml.ms:{lab.base.ports.tls}/mlflow/v1.0{WORKSPACE}"
    )
    assert environment["MLFLOW_TRACKING_SERVER_CERT_PATH"] in lab.unpacked()
    for step, value in enumerate((0.5, 0.25)):
        body = {"run_id": environment["MLFLOW_RUN_ID"], "key": "loss", "value": value, "step": step, "timestamp": 1}
        assert (await lab.ask("POST", f"{MLFLOW}/runs/log-metric", body, token=token(lab)))[0] == 200
    batch = {
        "run_id": "j1",
        "metrics": [{"key": "accuracy", "value": 1}],
        "params": [{"key": "depth", "value": "3"}],
        "tags": [{"key": "kind", "value": "x"}],
    }
    assert (await lab.ask("POST", f"{MLFLOW}/runs/log-batch", batch, token=token(lab)))[0] == 200
    _, history = await lab.ask("GET", f"{MLFLOW}/metrics/get-history", run_id="j1", metric_key="loss")
    assert [(one["step"], one["value"]) for one in history["metrics"]] == [(0, 0.5), (1, 0.25)]
    _, run = await lab.ask("GET", f"{MLFLOW}/runs/get", run_id="j1")
    assert run["run"]["info"]["status"] == "RUNNING"
    assert {one["key"]: one["value"] for one in run["run"]["data"]["metrics"]} == {"loss": 0.25, "accuracy": 1.0}
    assert run["run"]["data"]["params"] == [{"key": "depth", "value": "3"}]


async def test_the_token_of_a_container_is_good_for_its_own_run_alone_and_while_it_lasts(lab: Lab) -> None:
    body = {"run_id": "j1", "key": "loss", "value": 1}
    own = token(lab)
    await lab.submit("j2")
    assert (await lab.ask("POST", f"{MLFLOW}/runs/log-metric", {**body, "run_id": "j2"}, token=own))[0] == 401
    assert (await lab.ask("POST", f"{MLFLOW}/runs/log-metric", body, token="other"))[0] == 401
    await complete(lab)
    assert (await lab.ask("POST", f"{MLFLOW}/runs/log-metric", body, token=own))[0] == 401


async def test_the_token_of_a_container_opens_nothing_of_azure(lab: Lab) -> None:
    status, answer = await lab.arm("GET", "jobs/j1")
    assert status == 200, answer
    asked = {"authorization": f"Bearer {token(lab)}"}
    assert (await lab.answering.send(of_arm("GET", f"{WORKSPACE}/jobs/j1"), headers=asked))[0] == 401


@pytest.mark.parametrize("value", ["much", None, {"a": 1}, 10**400])
async def test_what_is_no_number_is_refused(lab: Lab, value: object) -> None:
    body = {"run_id": "j1", "key": "loss", "value": value}
    assert (await lab.ask("POST", f"{MLFLOW}/runs/log-metric", body))[0] == 400


async def test_who_holds_no_role_reads_no_run(lab: Lab) -> None:
    stranger = lab.base.issuer.issue("https://management.azure.com", object_id="stranger")
    for path in (f"{HISTORY}/runs/j1", f"{HISTORY}/runs/none"):
        assert (await lab.ask("GET", path, token=stranger))[0] == 403
