"""The stand-in is killed and comes back: each job goes on, or has failed; none is lost."""

from __future__ import annotations

from tests.standin.machinelearning.jobs.lab import WORKSPACE, Lab, command_job
from tests.waiting import eventually

LOG = "ExperimentRun/dcid.j1/user_logs/std_log.txt"


async def running(lab: Lab) -> str:
    await lab.submit("j1")
    await lab.until("j1", "Running")
    lab.docker.say(lab.container("j1"), b"epoch 1\n")
    await eventually(lambda: lab.blob("azureml", LOG) == b"epoch 1\n")
    return lab.container("j1")


async def test_a_job_that_ran_runs_on_and_its_log_goes_on_where_it_stopped(lab: Lab) -> None:
    container = await running(lab)
    await lab.restart()
    assert await lab.status("j1") == "Running"
    lab.docker.say(container, b"epoch 2\n")
    await eventually(lambda: lab.blob("azureml", LOG) == b"epoch 1\nepoch 2\n")
    assert lab.docker.calls.count(("start", container)) == 1
    lab.docker.end(container)
    await lab.until("j1", "Completed")


async def test_a_job_that_ended_meanwhile_is_completed_with_its_whole_log(lab: Lab) -> None:
    container = await running(lab)
    await lab.region.stop()
    lab.docker.say(container, b"done\n")
    lab.docker.end(container)
    await lab.restart()
    await lab.until("j1", "Completed")
    assert lab.blob("azureml", LOG) == b"epoch 1\ndone\n"


async def test_a_job_whose_container_is_gone_has_failed(lab: Lab) -> None:
    container = await running(lab)
    await lab.region.stop()
    lab.docker.things["containers"].pop(container)
    await lab.restart()
    await lab.until("j1", "Failed")
    assert "was lost" in (await lab.details("j1"))["error"]["error"]["message"]
    await lab.submit("j2")
    await lab.until("j2", "Running")  # the node is free again


async def test_a_job_that_was_being_prepared_is_prepared_again(lab: Lab) -> None:
    container = await running(lab)
    await lab.region.stop()
    lab.docker.states[container] |= {"Running": False, "StartedAt": "0001-01-01"}
    key = f"{WORKSPACE}/jobs/j1".lower()
    record = lab.base.store.get("ml job", key) or {}
    lab.base.store.put("ml job", key, {**record, "status": "Preparing", "started": None})
    await lab.restart()
    await lab.until("j1", "Running")
    assert lab.docker.calls.count(("create", container)) == 2


async def test_a_job_that_waited_goes_on_waiting_and_gets_the_node(lab: Lab) -> None:
    container = await running(lab)
    await lab.submit("j2")
    await lab.until("j2", "Queued")
    await lab.restart()
    lab.docker.end(container)
    await lab.until("j2", "Running")


async def test_a_cancelation_that_nobody_lived_to_see_is_done_after_the_restart(lab: Lab) -> None:
    container = await running(lab)
    await lab.region.stop()
    assert (await lab.arm("POST", "jobs/j1/cancel"))[0] == 202
    await lab.restart()
    await lab.until("j1", "Canceled")
    assert ("stop", container) in lab.docker.calls
    await eventually(lambda: not lab.docker.things["containers"])


async def test_a_job_whose_files_were_being_fetched_is_completed_however_late_that_is(lab: Lab) -> None:
    await lab.submit("j1", command_job(limits={"jobLimitsType": "Command", "timeout": "PT1H"}))
    await lab.until("j1", "Running")
    await lab.region.stop()
    lab.docker.end(lab.container("j1"))
    key = f"{WORKSPACE}/jobs/j1".lower()
    lab.base.store.put("ml job", key, {**(lab.base.store.get("ml job", key) or {}), "status": "Finalizing"})
    lab.base.clock.advance(7200)
    await lab.restart()
    await lab.until("j1", "Completed")


async def test_what_a_job_left_that_is_over_is_removed_and_its_node_is_free(lab: Lab) -> None:
    container = await running(lab)
    await lab.region.stop()
    key = f"{WORKSPACE}/jobs/j1".lower()
    lab.base.store.put("ml job", key, {**(lab.base.store.get("ml job", key) or {}), "status": "Completed"})
    await lab.restart()
    await eventually(lambda: not lab.docker.things["containers"] and not lab.docker.things["networks"])
    assert container
    await lab.submit("j2")
    await lab.until("j2", "Running")


async def test_a_job_that_is_removed_with_its_workspace_takes_its_container_with_it(lab: Lab) -> None:
    await running(lab)
    await lab.submit("j2", command_job())
    for name in ("j1", "j2"):
        job = lab.base.arm.require(f"{WORKSPACE}/jobs/{name}")
        (kind,) = (kind for kind in lab.answering.standin.kinds if kind.type == job.type)
        await kind.remove(job)
        lab.base.arm.forget(job)
    assert (lab.docker.things["containers"], lab.base.store.list("ml job")) == ({}, [])
