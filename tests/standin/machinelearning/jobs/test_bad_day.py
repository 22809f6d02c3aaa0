"""Jobs under the `slow` profile: nodes that take their time, roles that are late, and a cancel that is followed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from standin.core.clock import iso
from standin.core.profile import SLOW
from standin.machinelearning import Nodes
from tests.standin.asking import of_arm
from tests.standin.machinelearning.jobs.lab import WORKSPACE, Lab, command_job
from tests.waiting import eventually


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[Lab]:
    """The identity's role on storage has been given just now."""
    lab = Lab(tmp_path, SLOW)
    lab.grant("workspace", created=iso(lab.base.clock.now()))
    await lab.upload("code-1", "src/train.py", b"print('x')")
    await lab.begin()
    # the first write to a service is refused: what clients do with that is shown elsewhere
    assert (await lab.arm("PUT", "jobs/j0", command_job()))[0] == 429
    yield lab
    await lab.end()


async def test_a_job_waits_for_its_node_and_fails_while_the_role_of_its_identity_is_not_in_force(lab: Lab) -> None:
    await lab.submit("j1")
    await lab.until("j1", "Queued")
    assert not lab.docker.things["containers"]
    lab.base.clock.advance(SLOW.node_start_s)
    await lab.until("j1", "Failed")
    assert "needs the role Storage Blob Data Reader" in (await lab.details("j1"))["error"]["error"]["message"]

    lab.base.clock.advance(SLOW.blob_role_propagation_s)
    await lab.submit("j2")
    await lab.until("j2", "Running")


async def test_a_node_that_a_job_leaves_is_idle_and_then_takes_its_time_to_go(lab: Lab) -> None:
    lab.base.clock.advance(SLOW.blob_role_propagation_s)
    await lab.submit("j1")
    lab.base.clock.advance(SLOW.node_start_s)
    await lab.until("j1", "Running")
    lab.docker.end(lab.container("j1"))
    await lab.until("j1", "Completed")

    await eventually(lambda: _nodes(lab) == "idle")
    lab.base.clock.advance(120)
    assert _nodes(lab) == "leaving"
    lab.base.clock.advance(SLOW.node_leave_s)
    assert _nodes(lab) == ""


async def test_a_workspace_that_is_deleted_softly_takes_its_jobs_along_and_keeps_its_name(lab: Lab) -> None:
    lab.base.clock.advance(SLOW.blob_role_propagation_s)
    await lab.submit("j1")
    lab.base.clock.advance(SLOW.node_start_s)
    await lab.until("j1", "Running")

    status, _, headers = await lab.answering.answered(of_arm("DELETE", WORKSPACE))

    assert (status, "operationResults" in headers["location"]) == (202, True)
    await eventually(lambda: lab.base.arm.get(WORKSPACE) is None)
    assert (lab.docker.things["containers"], lab.base.arm.get(f"{WORKSPACE}/jobs/j1")) == ({}, None)
    assert [one.name for one in lab.answering.standin.arm_service.deleted()] == ["ws"]


def _nodes(lab: Lab) -> str:
    """The state of each."""
    nodes = Nodes(lab.base.arm, lab.base.store, lab.base.clock, SLOW)
    return " ".join(node.state for node in nodes.cluster(lab.base.arm.require(f"{WORKSPACE}/computes/cpu")).nodes)
