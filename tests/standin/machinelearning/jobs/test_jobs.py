"""Jobs as resources: what is refused, what a used name stands for, cancelations, lists, models of what they wrote."""

from __future__ import annotations

from typing import Any

from tests.standin.machinelearning.jobs.lab import WORKSPACE, Lab, command_job
from tests.waiting import eventually


async def completed(lab: Lab, name: str, body: dict[str, Any] | None = None) -> None:
    await lab.submit(name, body)
    await lab.until(name, "Running")
    lab.docker.end(lab.container(name))
    await lab.until(name, "Completed")


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"command": "run ${{inputs.x}}"}, "inputs.x"),
    ({"command": "run ${{search_space.lr}}"}, "search_space.lr"),
    ({"command": "run $[[--x ${{inputs.x}}]]"}, "components"),
    ({"command": ""}, "command"),
    ({"computeId": f"{WORKSPACE}/computes/none"}, "computes/none"),
    ({"environmentId": f"{WORKSPACE}/environments/none/versions/1"}, "environments/none"),
    ({"codeId": f"{WORKSPACE}/codes/none/versions/1"}, "codes/none"),
    ({"inputs": {"a": {"jobInputType": "mltable", "uri": "azureml://x"}}}, "mltable"),
    ({"inputs": {"a": {"jobInputType": "uri_file"}}}, "inputs.a"),
    ({"inputs": {"a": {"jobInputType": "uri_file", "uri": "x", "mode": "EvalMount"}}}, "EvalMount"),
    ({"outputs": {"m": {"jobOutputType": "mlflow_model"}}}, "mlflow_model"),
    ({"outputs": {"m": {"jobOutputType": "uri_folder", "uri": "azureml://datastores/no/paths/x"}}}, "'no'"),
    ({"resources": {"instanceCount": 2}}, "instanceCount"),
    ({"resources": {"dockerArgs": "--privileged"}}, "dockerArgs"),
    ({"resources": {"shmSize": "much"}}, "shmSize"),
    ({"limits": {"jobLimitsType": "Command", "timeout": "soon"}}, "limits.timeout"),
    ({"identity": {"identityType": "UserIdentity"}}, "UserIdentity"),
    ({"distribution": {"distributionType": "PyTorch"}}, "distribution"),
    ({"services": {"ssh": {"jobServiceType": "SSH"}}}, "services"),
    ({"jobType": "Sweep"}, "jobType"),
]


async def test_what_is_not_valid_or_not_built_is_refused_and_named(lab: Lab) -> None:
    for changed, named in REFUSED:
        status, answer = await lab.arm("PUT", "jobs/j1", command_job(**{"command": "run", **changed}))
        assert (status, named in answer["error"]["message"]) == (400, True), (changed, answer)
    assert (await lab.arm("GET", "jobs/j1"))[0] == 404


async def test_a_used_name_stands_for_that_job_for_good(lab: Lab) -> None:
    body = command_job(tags={"stack": "dev"})
    await completed(lab, "j1", body)
    other = command_job("python other.py")
    status, answer = await lab.arm("PUT", "jobs/j1", other)
    assert (status, answer["error"]["code"]) == (400, "UserError")
    assert "A job with this name already exists" in answer["error"]["message"]
    assert "command cannot be changed" in answer["error"]["message"]
    again = {"properties": {**body["properties"], "tags": {"stack": "prod"}, "isArchived": True}}
    status, answer = await lab.arm("PUT", "jobs/j1", again)
    assert (status, answer["properties"]["tags"], answer["properties"]["status"]) == (
        200,
        {"stack": "prod"},
        "Completed",
    )
    assert lab.docker.calls.count(("start", lab.container("j1"))) == 1


async def test_a_canceled_job_ends_and_is_followed_to_its_end(lab: Lab) -> None:
    await lab.submit("j1")
    await lab.until("j1", "Running")
    status, _ = await lab.arm("POST", "jobs/j1/cancel")
    assert (status, await lab.status("j1")) == (202, "CancelRequested")
    await lab.until("j1", "Canceled")
    assert ("stop", lab.container("j1")) in lab.docker.calls
    await eventually(lambda: not lab.docker.things["containers"])
    status, answer = await lab.arm("POST", "jobs/j1/cancel")
    assert (status, "Canceled" in answer["error"]["message"]) == (400, True)


async def test_a_job_is_canceled_in_the_queue_too(lab: Lab) -> None:
    await lab.submit("j1")
    await lab.until("j1", "Running")
    await lab.submit("j2")
    await lab.until("j2", "Queued")
    assert (await lab.arm("POST", "jobs/j2/cancel"))[0] == 202
    await lab.until("j2", "Canceled")
    assert ("create", lab.container("j2")) not in lab.docker.calls


async def test_a_job_that_takes_longer_than_its_limit_is_canceled(lab: Lab) -> None:
    limits = {"jobLimitsType": "Command", "timeout": "PT1H"}
    await lab.submit("j1", command_job(limits=limits))
    await lab.until("j1", "Running")
    lab.base.clock.advance(3599)
    assert await lab.status("j1") == "Running"
    lab.base.clock.advance(2)
    await lab.until("j1", "Canceled")
    assert "3600 s" in (await lab.details("j1"))["error"]["error"]["message"]


async def test_jobs_are_listed_newest_first_without_those_that_are_archived(lab: Lab) -> None:
    await lab.submit("j1", command_job(tags={"old": ""}))
    await lab.submit("j2")
    await lab.submit("j3", command_job(isArchived=True))

    async def names(**query: str) -> list[str]:
        return [one["name"] for one in (await lab.arm("GET", "jobs", None, **query))[1]["value"]]

    assert await names() == ["j2", "j1"]
    assert await names(listViewType="All") == ["j3", "j2", "j1"]
    assert await names(listViewType="ArchivedOnly") == ["j3"]
    assert await names(tag="old") == ["j1"]
    assert await names(jobType="Sweep") == []


async def test_a_model_of_a_jobs_output_is_registered_by_where_it_lies(lab: Lab) -> None:
    job = command_job(outputs={"model": {"jobOutputType": "uri_folder"}})
    version = "models/anomaly/versions/1"
    body = {"properties": {"modelType": "custom_model", "modelUri": "azureml://jobs/j1/outputs/model/paths/"}}
    await lab.submit("j1", job)
    await lab.until("j1", "Running")
    status, answer = await lab.arm("PUT", version, body)
    assert (status, "is Running" in answer["error"]["message"]) == (400, True)
    lab.docker.end(lab.container("j1"))
    await lab.until("j1", "Completed")
    status, answer = await lab.arm("PUT", version, body)
    workspace = f"subscriptions/{WORKSPACE.split('/')[2]}/resourcegroups/rg/workspaces/ws"
    assert (status, answer["properties"]["jobName"]) == (201, "j1")
    assert answer["properties"]["modelUri"] == (
        f"azureml://{workspace}/datastores/workspaceblobstore/paths/azureml/j1/model/"
    )
    assert (await lab.arm("PUT", version, body))[0] == 200, "the same again"
    other = {"properties": {**body["properties"], "modelUri": "azureml://jobs/j1/outputs/none/paths/"}}
    status, answer = await lab.arm("PUT", version, other)
    assert (status, "no output 'none'" in answer["error"]["message"]) == (400, True)
