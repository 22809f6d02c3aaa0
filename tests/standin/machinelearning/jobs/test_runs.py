"""The way of a job, on a Docker engine in memory."""

from __future__ import annotations

from typing import Any

import pytest

from standin.containerregistry.names import REGISTRIES
from standin.containerregistry.state import REFRESH_TOKEN_USER
from standin.machinelearning.jobs.record import Record, Records
from tests.standin.asking import GROUP
from tests.standin.machinelearning.jobs.lab import IMAGE, WORKSPACE, Lab, command_job, tar_of
from tests.waiting import eventually

LOG = "ExperimentRun/dcid.j1/user_logs/std_log.txt"
BLOBSTORE = "azureml-blobstore-9f3c"
DATA = "azureml://datastores/workspaceblobstore/paths/data"


def io_job() -> dict[str, Any]:
    inputs = {
        "rows": {"jobInputType": "uri_file", "uri": f"{DATA}/rows.csv"},
        "folder": {"jobInputType": "uri_folder", "uri": f"{DATA}/"},
        "depth": {"jobInputType": "literal", "value": "3"},
    }
    command = (
        "python train.py --data ${{inputs.rows}} --all ${{inputs.folder}} -d ${{ inputs.depth }} ${{outputs.model}}"
    )
    return command_job(command, inputs=inputs, outputs={"model": {"jobOutputType": "uri_folder"}})


async def finish(lab: Lab, name: str, code: int = 0) -> None:
    await lab.until(name, "Running")
    lab.docker.end(lab.container(name), code)
    await lab.until(name, "Failed" if code else "Completed")
    await eventually(lambda: lab.container(name) not in lab.docker.things["containers"], what="it is removed")


async def test_a_job_runs_its_command_over_its_code_and_inputs_and_its_output_is_uploaded(lab: Lab) -> None:
    await lab.upload(BLOBSTORE, "data/rows.csv", b"1,2\n")
    await lab.upload(BLOBSTORE, "data/deep/more.csv", b"3,4\n")
    await lab.submit("j1", io_job())
    await lab.until("j1", "Running")
    root = lab.body("j1")["WorkingDir"].removesuffix("/exe/wd")
    data = f"{root}/cap/data-capability/wd"
    assert lab.body("j1")["Entrypoint"] == [
        "/bin/bash",
        "-c",
        f"python train.py --data {data}/INPUT_rows/rows.csv --all {data}/INPUT_folder -d 3 {data}/model",
    ]
    files = lab.unpacked()
    assert {path.removeprefix(root): content for path, content in files.items() if path.startswith(root)} == {
        "/exe/wd/train.py": b"print('x')",
        "/exe/wd/lib/more.py": b"more",
        "/cap/data-capability/wd/INPUT_rows/rows.csv": b"1,2\n",
        "/cap/data-capability/wd/INPUT_folder/rows.csv": b"1,2\n",
        "/cap/data-capability/wd/INPUT_folder/deep/more.csv": b"3,4\n",
    }
    lab.docker.files[f"{data}/model"] = tar_of({"model/model.onnx": b"weights", "model/../../x": b"no"})
    lab.docker.files[f"{root}/exe/wd/outputs"] = tar_of({"outputs/plot.txt": b"o"})
    await finish(lab, "j1")
    assert lab.blob(BLOBSTORE, "azureml/j1/model/model.onnx") == b"weights"
    assert lab.blob("azureml", "ExperimentRun/dcid.j1/outputs/plot.txt") == b"o"
    assert [blob.name for blob in lab.blobs.list("stlab", BLOBSTORE, "azureml/")] == ["azureml/j1/model/model.onnx"]
    assert lab.docker.things["networks"] == {}


async def test_a_job_goes_through_azures_states(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    save = Records.save

    def noting(records: Records, key: str, record: Record) -> None:
        seen.extend([record.status] if record.status not in seen else [])
        save(records, key, record)

    monkeypatch.setattr(Records, "save", noting)
    await lab.submit("j1")
    await finish(lab, "j1")
    assert seen == ["NotStarted", "Queued", "Preparing", "Running", "Finalizing", "Completed"]


async def test_a_job_has_the_limits_of_its_node_and_no_rights_on_the_machine(lab: Lab) -> None:
    await lab.submit("j1", command_job(environmentVariables={"A": "1", "AZUREML_RUN_ID": "other"}))
    await lab.until("j1", "Running")
    body = lab.body("j1")
    host = body["HostConfig"]
    assert body["Image"] == f"sha256:{IMAGE}"
    assert (host["NanoCpus"], host["Memory"], host["ShmSize"]) == (2 * 10**9, 7 * 1024**3, 2 * 1024**3)
    assert (host["CapDrop"], host["SecurityOpt"]) == (["ALL"], ["no-new-privileges"])
    assert host["NetworkMode"] == lab.container("j1") in lab.docker.things["networks"]
    assert host["ExtraHosts"] == ["westeurope.api.azureml.ms:172.17.0.1"]
    assert not {"Binds", "Mounts", "Privileged", "PortBindings"} & host.keys()
    environment = lab.environment("j1")
    assert (environment["A"], environment["AZUREML_RUN_ID"]) == ("1", "j1")
    secrets = lab.base.issuer.client_secret(), lab.base.issuer.control_token()
    assert not any(secret in value for secret in secrets for value in environment.values())


async def test_the_log_is_in_a_blob_as_it_is_written(lab: Lab) -> None:
    await lab.submit("j1")
    await lab.until("j1", "Running")
    lab.docker.say(lab.container("j1"), b"epoch 1\n")
    await eventually(lambda: lab.blob("azureml", LOG) == b"epoch 1\n")
    lab.docker.say(lab.container("j1"), b"epoch 2\n")
    await eventually(lambda: lab.blob("azureml", LOG) == b"epoch 1\nepoch 2\n")
    address = (await lab.details("j1"))["logFiles"]["user_logs/std_log.txt"]
    assert address.startswith(f"https://stlab.blob.core.windows.net/azureml/{LOG}?")
    await finish(lab, "j1")


async def test_a_failed_job_says_how_its_command_ended_and_shows_the_last_lines(lab: Lab) -> None:
    await lab.submit("j1")
    await lab.until("j1", "Running")
    lab.docker.say(lab.container("j1"), b"Traceback\nValueError: no rows\n")
    await finish(lab, "j1", code=1)
    error = (await lab.details("j1"))["error"]["error"]
    assert error["code"] == "UserError"
    assert error["message"] == (
        "Execution failed. User process 'python' exited with status code 1. Please check log file "
        "'user_logs/std_log.txt' for error details. Error: Traceback\nValueError: no rows"
    )


async def test_a_second_job_waits_in_the_queue_for_the_one_node(lab: Lab) -> None:
    await lab.submit("j1")
    await lab.until("j1", "Running")
    await lab.submit("j2")
    await lab.until("j2", "Queued")
    await finish(lab, "j1")
    await finish(lab, "j2")


async def test_what_a_job_may_not_read_or_have_ends_it_with_the_reason(lab: Lab) -> None:
    lab.grant("workspace", role="00482a5a-887f-4fb3-b363-3b7fe8e74483")  # Key Vault Administrator
    await lab.submit("j1")
    await lab.until("j1", "Failed")
    assert "Storage Blob Data Reader" in (await lab.details("j1"))["error"]["error"]["message"]
    lab.grant("workspace")
    lab.docker.present.clear()
    lab.docker.denied.add(IMAGE)
    await lab.submit("j2")
    await lab.until("j2", "Failed")
    assert f"Failed to pull Docker image {IMAGE}" in (await lab.details("j2"))["error"]["error"]["message"]
    nowhere = {"d": {"jobInputType": "uri_folder", "uri": f"{DATA}/nothing"}}
    lab.docker.present.add(IMAGE)
    lab.docker.denied.clear()
    await lab.submit("j3", command_job(inputs=nowhere))
    await lab.until("j3", "Failed")
    assert "data/nothing" in (await lab.details("j3"))["error"]["error"]["message"]
    assert lab.docker.things["containers"] == {}


async def test_a_job_that_may_not_write_its_output_does_not_start(lab: Lab) -> None:
    lab.grant("workspace", role="2a2b9908-6ea1-4ae2-8e65-a410df84e7d1")  # Storage Blob Data Reader
    await lab.submit("j1", command_job(outputs={"model": {"jobOutputType": "uri_folder"}}))
    await lab.until("j1", "Failed")
    message = (await lab.details("j1"))["error"]["error"]["message"]
    assert "may not write to" in message
    assert "Storage Blob Data Contributor" in message
    assert lab.docker.calls == []


async def test_a_registry_of_azure_is_asked_in_the_name_of_the_computes_identity(lab: Lab) -> None:
    """Though the engine has the image: a node of Azure's has none."""
    server = f"127.0.0.1:{lab.base.ports.registry}"
    path = f"{GROUP}/providers/Microsoft.ContainerRegistry/registries/acrlab"
    lab.save(path, REGISTRIES, {"location": "westeurope"}, port=lab.base.ports.registry)
    assigned = {f"{GROUP}/id-cpu": {"principalId": "cpu", "clientId": "client"}}
    compute = lab.base.arm.require(f"{WORKSPACE}/computes/cpu")
    compute.body["identity"] = {"type": "UserAssigned", "userAssignedIdentities": assigned}
    lab.base.arm.save(compute)
    image = f"{server}/train@sha256:2"
    lab.put_below("environments/own/versions/1", image=image)
    lab.docker.present.add(image)
    lab.docker.denied.add(image)
    environment = {"environmentId": f"{WORKSPACE}/environments/own/versions/1"}
    await lab.submit("j1", command_job(**environment))
    await lab.until("j1", "Failed")
    message = (await lab.details("j1"))["error"]["error"]["message"]
    assert message == f"Failed to pull Docker image {image}. {image}: denied to {REFRESH_TOKEN_USER}"
    lab.docker.denied.clear()
    lab.grant("cpu")
    await lab.submit("j2", command_job(**environment, identity={"identityType": "Managed", "clientId": "client"}))
    await finish(lab, "j2")


async def test_a_workspace_with_keys_needs_no_role_for_its_jobs(lab: Lab) -> None:
    for name in ("workspaceblobstore", "workspaceartifactstore"):
        store = lab.base.arm.require(f"{WORKSPACE}/datastores/{name}")
        store.properties["credentials"] = {"credentialsType": "AccountKey"}
        lab.base.arm.save(store)
    lab.base.store.delete_all(lab.base.roles.KIND)
    await lab.submit("j1", command_job(outputs={"model": {"jobOutputType": "uri_folder"}}))
    await finish(lab, "j1")


async def test_a_compute_that_is_deleted_ends_the_job_that_runs_there(lab: Lab) -> None:
    await lab.submit("j1")
    await lab.until("j1", "Running")
    lab.base.arm.forget(lab.base.arm.require(f"{WORKSPACE}/computes/cpu"))
    await lab.until("j1", "Failed")
    assert "cpu does not exist" in (await lab.details("j1"))["error"]["error"]["message"]
