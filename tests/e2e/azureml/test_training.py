"""The anomaly model as a job on a cluster, whole: sent, found again, killed, cancelled, held to thresholds, removed.

It learns from enough rows for a job to run for some seconds: what happens meanwhile is waited for, never timed.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.e2e.figures import TABLE
from tests.e2e.stack.local_stack import LocalStack, eventually

pytestmark = pytest.mark.azureml

DEPTH = "edgeway:models[0].train.hyperparameters.max_depth"
ACCURACY = "edgeway:models[0].train.thresholds.accuracy"
ON = "edgeway:models[0].train.on"
ROWS = 100_000
CLUSTER = "    - {name: cpu-cluster, kind: cluster, idleSeconds: 600}\n"
ENDED = ("Completed", "Failed", "Canceled")


@pytest.fixture(scope="module")
def training(stack: LocalStack) -> Iterator[LocalStack]:
    with stack.stack_file() as file:
        text = file.read_text()
        assert text.count("  edgeway:models:\n") == 1 and text.count("rows: 618") == 1
        text = text.replace("  edgeway:models:\n", f"  edgeway:computes:\n{CLUSTER}  edgeway:models:\n")
        file.write_text(text.replace("rows: 618", f"rows: {ROWS}"))
        stack.command(".venv/bin/edgeway", "data", "--stack", "local")
        yield stack


def jobs(stack: LocalStack) -> list[dict[str, Any]]:
    return list(json.loads(stack.run("edgeway", "job", "list", "--stack", "local", "--json").stdout))


def of_inputs(stack: LocalStack, name: str) -> list[dict[str, Any]]:
    """The jobs of one training, by the name of one of them."""
    stem = name.rpartition("-")[0]
    return [job for job in jobs(stack) if job["name"].rpartition("-")[0] == stem]


def another_depth(stack: LocalStack, depth: int) -> None:
    stack.pulumi("config", "set", "--path", DEPTH, str(depth))
    stack.pulumi("config", "set", "--path", ON, "cpu-cluster")


def running(stack: LocalStack, known: set[str], up: subprocess.Popen[str]) -> str:
    """The name of a job that is new and runs, while the `up` that sent it waits for it."""

    def probe() -> str | None:
        assert up.poll() is None, up.stdout.read() if up.stdout else ""
        found = [job for job in jobs(stack) if job["name"] not in known]
        assert not [job for job in found if job["status"] in ENDED], "too quick to be met: take more rows"
        return next((str(job["name"]) for job in found if job["status"] == "Running"), None)

    return eventually("a job that runs", probe, limit_s=300)


def met_while_it_runs(stack: LocalStack, do: Callable[[subprocess.Popen[str], str], None]) -> tuple[str, str]:
    """The job, and what the `up` said until its end."""
    known = {job["name"] for job in jobs(stack)}
    command = ("pulumi", "up", "--yes", "--skip-preview", "--suppress-outputs", "--stack", "local", "--non-interactive")
    up = stack.start(*command, start_new_session=True)
    name = running(stack, known, up)
    do(up, name)
    said, _ = up.communicate(timeout=300)
    return name, said


def test_a_model_is_a_jobs_output_and_a_second_up_sends_none(training: LocalStack) -> None:
    another_depth(training, 7)
    begin = time.monotonic()
    training.up()
    took = time.monotonic() - begin
    TABLE.add(f"anomaly over {ROWS} rows on a cluster", "served", f"{took:.0f} s for the whole up")

    job, *_ = before = jobs(training)
    assert (job["status"], job["compute"]) == ("Completed", "cpu-cluster")
    assert re.fullmatch(r"anomaly-[0-9a-f]{12}-1", job["name"])
    state = json.loads(training.pulumi("stack", "export").stdout)["deployment"]["resources"]
    (run,) = [one["outputs"] for one in state if one["type"] == "mledge:ml:TrainingRun"]
    (registered,) = [one["inputs"] for one in state if one["type"] == "mledge:ml:RegisteredModel"]
    assert run["lineage"]["job"] == registered["lineage"]["job"] == job["name"]
    assert registered["digest"] == run["digest"] == training.outputs()["models"]["anomaly"]["digest"]
    assert "accuracy" in training.run("edgeway", "job", "logs", job["name"], "--stack", "local").stdout
    assert training.changes() == {}
    training.up()
    assert jobs(training) == before


def test_a_clone_that_lost_the_artifact_has_it_again_without_a_job(training: LocalStack) -> None:
    digest, before = training.outputs()["models"]["anomaly"]["digest"], jobs(training)
    shutil.rmtree(training.root / ".artifacts" / digest)
    training.pulumi("up", "--yes", "--skip-preview", "--replace", _run_urn(training))
    assert training.outputs()["models"]["anomaly"]["digest"] == digest
    assert (training.root / ".artifacts" / digest / "card.json").is_file()
    assert jobs(training) == before


def _run_urn(stack: LocalStack) -> str:
    state = json.loads(stack.pulumi("stack", "export").stdout)["deployment"]["resources"]
    return str(next(one["urn"] for one in state if one["type"] == "mledge:ml:TrainingRun"))


def test_an_up_that_is_killed_leaves_its_job_for_the_next_one(training: LocalStack) -> None:
    another_depth(training, 8)
    name, _ = met_while_it_runs(training, lambda up, _: os.killpg(up.pid, signal.SIGKILL))
    training.command("tools/stack.sh", "local", "pulumi", "cancel", "--yes", "--stack", "local", check=False)
    training.command("tools/up.sh", "local")
    assert [job["status"] for job in of_inputs(training, name)] == ["Completed"]
    assert training.changes() == {}


def test_a_ctrl_c_cancels_the_job_and_the_next_up_sends_another(training: LocalStack) -> None:
    another_depth(training, 9)
    name, said = met_while_it_runs(training, lambda up, _: os.killpg(up.pid, signal.SIGINT))
    assert f"the job {name} is cancelled" in said
    eventually("its end", lambda: of_inputs(training, name)[0]["status"] == "Canceled")
    training.up()
    assert sorted(job["status"] for job in of_inputs(training, name)) == ["Canceled", "Completed"]


def test_a_job_that_somebody_cancels_fails_the_up_which_says_where_its_log_is(training: LocalStack) -> None:
    another_depth(training, 10)

    def cancel(up: subprocess.Popen[str], name: str) -> None:
        training.run("edgeway", "job", "cancel", name, "--stack", "local")

    name, said = met_while_it_runs(training, cancel)
    assert f"the job {name} was cancelled on cpu-cluster" in said
    assert f"edgeway job logs {name} --stack local" in said
    # and with the config of before there is nothing to do: that model is in force
    training.pulumi("config", "set", "--path", DEPTH, "9")
    assert training.changes() == {}


def test_a_missed_threshold_pays_for_one_job_whatever_is_allowed_afterwards(training: LocalStack) -> None:
    another_depth(training, 11)
    training.pulumi("config", "set", "--path", ACCURACY, "1.1")
    refused = training.up(check=False)
    assert refused.returncode != 0 and "accuracy is " in refused.stdout
    before = [job["name"] for job in jobs(training)]
    training.pulumi("config", "set", "--path", ACCURACY, "0.9")
    training.up()
    assert [job["name"] for job in jobs(training)] == before


def test_a_destroy_cancels_what_runs_and_leaves_nothing(training: LocalStack) -> None:
    another_depth(training, 12)
    met_while_it_runs(training, lambda up, _: os.killpg(up.pid, signal.SIGKILL))
    assert "nothing is left: no resource" in training.command("tools/down.sh", "local").stdout
