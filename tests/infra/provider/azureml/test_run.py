"""Training on a cluster: which job is sent, taken up or passed over, and what becomes of its output."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from clone.layout import Clone
from clone.training_inputs import training_code
from clone.training_job import code_digest
from infra.provider.azureml import run, submitting
from infra.provider.azureml.submitting import command_line
from infra.provider.azureml.training import ClusterTraining
from infra.provider.types.training_run import TrainingRun, TrainingRunInputs
from pluginbase.resource import Cancelled, ProviderError
from tests.infra.provider.azureml.world import FakeJob, World
from tests.infra.provider.recorder import Recorder, checked

DIGEST = "1" * 64
NAME = f"tiny-{DIGEST[:12]}"


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    (tmp_path / "models" / "tiny").mkdir(parents=True)
    (tmp_path / "models" / "__init__.py").write_text("")
    (tmp_path / "models" / "tiny" / "train.py").write_text("print('learning')\n")
    (tmp_path / "requirements.lock").write_text("")
    (tmp_path / "rows.csv").write_text("a\n1\n")
    clone = Clone(tmp_path)
    clone.data.add(tmp_path / "rows.csv")
    return clone


@pytest.fixture
def world(clone: Clone, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    world = World(data_sha256=clone.data.add(clone.root / "rows.csv"))
    monkeypatch.setattr("cloud.arm._send", world.send)
    for module in ("submitting", "output"):
        monkeypatch.setattr(f"infra.provider.azureml.{module}.ml_client", lambda _: world.client())
    monkeypatch.setattr(submitting, "_command", _as_sent)
    yield world


def _as_sent(clone: Clone, training: ClusterTraining, name: str, lineage: Mapping[str, str], *_: Any) -> Any:
    """Without the SDK, which takes a second to import."""
    return {"name": name, "tags": {"inputs": training.inputs_digest, **lineage}}


def _inputs(clone: Clone, **more: Any) -> dict[str, Any]:
    job = {
        "subscriptionId": "s",
        "resourceGroupName": "rg",
        "workspaceName": "ws",
        "compute": "cpu-cluster",
        "image": f"cr.azurecr.io/edgeway/training/tiny@sha256:{'2' * 64}",
        "codeDigest": code_digest(training_code(clone.root, "tiny")),
    }
    data = {"key": "0" * 64, "sha256": clone.data.add(clone.root / "rows.csv")}
    return checked(TrainingRun(clone), {"model": "tiny", "inputsDigest": DIGEST, "data": data, "job": job, **more})


def _create(clone: Clone, ctx: Recorder | None = None, **more: Any) -> dict[str, Any]:
    return TrainingRun(clone).create(ctx or Recorder(), _inputs(clone, **more))[1]


def test_a_job_is_sent_followed_and_its_output_is_the_artifact(clone: Clone, world: World) -> None:
    ctx = Recorder()

    outputs = _create(clone, ctx)

    assert world.sent == [f"{NAME}-1"] == world.downloaded
    assert clone.artifact(outputs["digest"]) is not None
    assert outputs["metrics"] == {"accuracy": 0.9}
    assert outputs["lineage"] == {"job": f"{NAME}-1"}
    assert f"{NAME}-1: queued; cpu-cluster has 0 of 2 machines" in ctx.statuses


def test_a_job_that_completed_is_taken_by_a_clone_that_lacks_its_artifact(clone: Clone, world: World) -> None:
    world.jobs[f"{NAME}-1"] = FakeJob(["Completed"], {"inputs": DIGEST, "commit": "c" * 40, "dirty": "true"})

    outputs = _create(clone)

    assert world.sent == []
    assert outputs["lineage"] == {"job": f"{NAME}-1", "commit": "c" * 40, "dirty": "true"}


def test_a_job_that_runs_is_followed_and_none_is_sent_beside_it(clone: Clone, world: World) -> None:
    world.jobs[f"{NAME}-1"] = FakeJob(["Running", "Running", "Completed"], {"inputs": DIGEST})

    assert _create(clone)["lineage"] == {"job": f"{NAME}-1"}
    assert world.sent == []


@pytest.mark.parametrize("ended", ["Failed", "Canceled", "NotResponding"])
def test_after_one_that_failed_the_next_number_is_sent(clone: Clone, world: World, ended: str) -> None:
    world.jobs[f"{NAME}-1"] = FakeJob([ended], {"inputs": DIGEST})

    assert _create(clone)["lineage"] == {"job": f"{NAME}-2"}
    assert world.sent == [f"{NAME}-2"]


def test_one_that_is_being_cancelled_is_waited_for_and_another_one_sent(clone: Clone, world: World) -> None:
    world.jobs[f"{NAME}-1"] = FakeJob(["CancelRequested", "CancelRequested", "Canceled"], {"inputs": DIGEST})

    assert _create(clone)["lineage"] == {"job": f"{NAME}-2"}


def test_an_up_sends_one_job_and_tells_why_it_failed_and_where_its_log_is(clone: Clone, world: World) -> None:
    world.states = ["Running", "Failed"]

    with pytest.raises(ProviderError) as failed:
        _create(clone)

    assert world.sent == [f"{NAME}-1"]
    told = str(failed.value)
    assert told.startswith(f"the job {NAME}-1 failed on cpu-cluster\n")
    assert f"`edgeway job logs {NAME}-1 --stack " in told and f"its page is https://ml.azure.com/runs/{NAME}-1" in told
    assert told.endswith(f"The next `up` sends {NAME}-2")


def test_a_job_whose_acceptance_was_not_heard_of_is_not_sent_twice(clone: Clone, world: World) -> None:
    world.lost_answers = 1

    assert _create(clone)["lineage"] == {"job": f"{NAME}-1"}
    assert world.sent == [f"{NAME}-1"]


def test_a_ctrl_c_cancels_the_job(clone: Clone, world: World) -> None:
    ctx = Recorder()
    world.states = ["Running"]
    world.asked = ctx.cancelled.set

    with pytest.raises(Cancelled, match=f"the job {NAME}-1 is cancelled, the next `up` sends another one"):
        _create(clone, ctx)
    assert world.cancelled == [f"{NAME}-1"]


def test_what_a_killed_up_left_of_other_inputs_is_cancelled_and_nothing_else_is(clone: Clone, world: World) -> None:
    tags = {"stack": "dev", "inputs": "9" * 64}
    left = f"tiny-{'9' * 12}-1"
    world.jobs = {
        left: FakeJob(["Running", "Running"], tags),
        f"tiny-{'8' * 12}-1": FakeJob(["Completed"], tags),
        f"tiny-{'7' * 12}-1": FakeJob(["Running"], {**tags, "stack": "prod"}),
        f"tiny-other-{'9' * 12}-1": FakeJob(["Running"], tags),
    }
    ctx = Recorder(urn="urn:pulumi:dev::edgeway::mledge:ml:TrainingRun::tiny")

    _create(clone, ctx)

    assert world.cancelled == [left]
    assert f"the job {left} is cancelled: it trains tiny with other inputs than are wanted" in str(ctx.logs)


def test_a_missed_threshold_leaves_the_job_and_other_thresholds_take_it(clone: Clone, world: World) -> None:
    with pytest.raises(ProviderError, match=r"accuracy is 0\.9, allowed at least 0\.95"):
        _create(clone, thresholds={"accuracy": {"min": 0.95}})

    outputs = _create(clone, thresholds={"accuracy": {"min": 0.8}})
    assert world.sent == [f"{NAME}-1"] and outputs["lineage"] == {"job": f"{NAME}-1"}


def test_where_it_trains_is_no_reason_to_train(clone: Clone, world: World) -> None:
    resource, on_cluster = TrainingRun(clone), _inputs(clone)
    here = {name: value for name, value in on_cluster.items() if name != "job"}
    id, outputs = resource.create(Recorder(), on_cluster)

    for olds, news in ((on_cluster, here), (here, on_cluster)):
        assert not any(change.replace for change in resource.diff(Recorder(), id, olds, news, outputs))
        kept = resource.update(Recorder(), id, olds, news, outputs)
        assert ("job" in kept, kept["digest"]) == ("job" in news, outputs["digest"])
    assert world.sent == [f"{NAME}-1"]


def test_of_what_was_trained_here_it_is_known_that_no_job_did(clone: Clone, world: World) -> None:
    """Else each preview of a stack with a cluster would leave it open, and show the registered model as changed."""
    resource, on_cluster = TrainingRun(clone), _inputs(clone)
    id, outputs = resource.create(Recorder(), on_cluster)
    (clone.artifacts.root / "runs" / f"{DIGEST}.json").unlink()
    assert _create(clone)["lineage"] == {}

    here = {name: value for name, value in on_cluster.items() if name != "job"}
    before = {name: value for name, value in outputs.items() if name not in ("job", "lineage")}
    for change in (resource.preview_update, resource.update):
        assert change(Recorder(), id, here, on_cluster, before)["lineage"] == {}


def test_code_that_changed_after_the_preview_is_not_sent(clone: Clone, world: World) -> None:
    inputs = _inputs(clone)
    (clone.root / "models" / "tiny" / "train.py").write_text("print('something else')\n")

    with pytest.raises(ProviderError, match=r"the code of the model 'tiny' changed while `up` ran"):
        TrainingRun(clone).create(Recorder(), inputs)
    assert world.sent == []


def test_a_job_of_other_inputs_under_the_same_name_is_not_taken(clone: Clone, world: World) -> None:
    world.jobs[f"{NAME}-1"] = FakeJob(["Completed"], {"inputs": DIGEST[:12] + "9" * 52})

    with pytest.raises(ProviderError, match=r"is of the inputs .* give the model another train\.attempt"):
        _create(clone)


def test_the_commit_goes_with_the_job_and_whether_its_code_was_changed(clone: Clone, world: World) -> None:
    def git(*arguments: str) -> str:
        who = ("-c", "user.name=a", "-c", "user.email=a@b")
        command = ["git", "-C", str(clone.root), *who, *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    git("init", "-q")
    git("add", "models")
    git("commit", "-q", "-m", "one")
    (clone.root / "other.txt").write_text("no code of the model")
    assert _create(clone)["lineage"] == {"job": f"{NAME}-1", "commit": git("rev-parse", "HEAD"), "dirty": "false"}

    (clone.root / "models" / "tiny" / "train.py").write_text("print('changed')\n")
    assert _create(clone, inputsDigest="3" * 64)["lineage"]["dirty"] == "true"


def test_a_hyperparameter_reaches_the_job_as_it_is_written(clone: Clone) -> None:
    given = TrainingRunInputs.of(_inputs(clone, hyperparameters={"depth": 3, "name": "a $(b) 'c'", "on": True}))
    assert given.job is not None
    training = ClusterTraining(
        model="tiny",
        inputs_digest=DIGEST,
        data_sha256="",
        hyperparameters=given.hyperparameters,
        job=given.job,
        stack="",
    )
    line = re.sub(r"\$\{\{(\w+\.\w+)\}\}", r"\1", command_line(clone, training))
    script = f"python() {{ printf '%s\\n' \"$@\"; }}; {line}"
    said = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True).stdout.splitlines()
    assert said == [
        "-m", "models.tiny.train", "--data", "inputs.data", "--out", "outputs.model",
        "--set", "depth=3", "--set", "name=a $(b) 'c'", "--set", "on=true",
    ]  # fmt: skip


def test_a_workspace_that_is_gone_is_said_at_once(clone: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(ctx: object, workspace: object) -> None:
        raise ProviderError("the workspace ws is gone")

    monkeypatch.setattr(run, "require", gone)
    with pytest.raises(ProviderError, match="the workspace ws is gone"):
        _create(clone)
