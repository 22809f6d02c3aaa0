"""TrainingRun over a tiny model in a clone of its own: a real child process, milliseconds long."""

from __future__ import annotations

import json
import os
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from clone.layout import Clone
from contracts.card import artifact_digest
from infra.provider.local.recover_artifact import ArtifactSource, artifact_copy, recover_artifact
from infra.provider.types.training_run import TrainingRun
from pluginbase.resource import Cancelled, ProviderError
from tests.infra.provider.recorder import Recorder, checked, refused
from tests.waiting import DEADLINE_S

TRAIN = """
import json, os, sys, time
from pathlib import Path
options = dict(zip(sys.argv[1::2], sys.argv[2::2]))
settings = dict(sys.argv[i + 1].split("=") for i, word in enumerate(sys.argv) if word == "--set")
print("learning", flush=True)
if settings.get("hang"):
    Path(settings["hang"]).write_text(str(os.getpid()))
    time.sleep(600)
if settings.get("fail"):
    sys.exit("the data has no rows")
out = Path(options["--out"])
out.mkdir(parents=True)
(out / "model.onnx").write_bytes(b"onnx" + settings.get("seed", "").encode())
(out / "score.py").write_text("")
card = {"schema": 1, "name": "tiny", "framework": {}, "hyperparameters": settings,
        "seeds": {"split_seed": 0, "seed": 0}, "data": {"sha256": "0" * 64, "rows": 1, "train": 1, "test": 1},
        "metrics": {"accuracy": 0.9}, "thresholds": {}, "input": {}, "output": {}, "golden": [], "licence": "MIT"}
seen = {"secret": os.environ.get("AZURE_CLIENT_SECRET", ""), "proxy": os.environ.get("HTTPS_PROXY", "")}
card["hyperparameters"].update(seen)
(out / "card.json").write_text(json.dumps(card))
"""


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    model = tmp_path / "models" / "tiny"
    model.mkdir(parents=True)
    (model / "train.py").write_text(TRAIN)
    (tmp_path / "rows.csv").write_text("a\n1\n")
    clone = Clone(tmp_path)
    clone.data.add(tmp_path / "rows.csv")
    return clone


def _news(clone: Clone, **more: Any) -> dict[str, Any]:
    sha256 = clone.data.add(clone.root / "rows.csv")
    return {"model": "tiny", "inputsDigest": "1" * 64, "data": {"key": "0" * 64, "sha256": sha256}, **more}


def _inputs(clone: Clone, **more: Any) -> dict[str, Any]:
    return checked(TrainingRun(clone), _news(clone, **more))


def test_a_training_leaves_an_artifact_known_by_its_digest(clone: Clone) -> None:
    resource, ctx = TrainingRun(clone), Recorder()
    id, outputs = resource.create(ctx, _inputs(clone, hyperparameters={"seed": 3}))
    folder = clone.artifacts.path(outputs["digest"])
    assert folder is not None and (folder / "model.onnx").read_bytes() == b"onnx3"
    assert (id, outputs["version"]) == (f"tiny-{'1' * 12}", outputs["digest"][:12])
    assert outputs["metrics"] == {"accuracy": 0.9}
    assert "learning" in ctx.statuses
    assert str(clone.root) not in json.dumps(outputs)


def test_the_child_sees_no_credentials_and_no_proxy(clone: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_CLIENT_SECRET", "canary")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    _, outputs = TrainingRun(clone).create(Recorder(), _inputs(clone))
    assert outputs["card"]["hyperparameters"] == {"secret": "", "proxy": ""}


def test_what_was_trained_before_is_not_trained_again_and_known_in_preview(clone: Clone) -> None:
    resource, inputs = TrainingRun(clone), _inputs(clone)
    assert "digest" not in resource.preview_outputs(Recorder(), inputs)
    _, outputs = resource.create(Recorder(), inputs)
    ctx = Recorder()
    assert resource.create(ctx, inputs)[1] == outputs
    assert ctx.statuses == []
    assert resource.preview_outputs(Recorder(), inputs) == outputs


def test_a_metric_under_its_threshold_stops_before_anything_is_built(clone: Clone) -> None:
    (clone.root / "Pulumi.local.yaml").write_text("config: {'edgeway:models': [{name: other}, {name: tiny}]}")
    wanted = r"accuracy is 0\.9, allowed at least 0\.95 \(edgeway:models\[1\]\.train\.thresholds\.accuracy\)"
    inputs = _inputs(clone, thresholds={"accuracy": {"min": 0.95}, "recall": {"min": 0.5}})
    with pytest.raises(ProviderError, match=wanted) as caught:
        TrainingRun(clone).create(Recorder(), inputs)
    assert "recall is not measured; the model has accuracy (" in str(caught.value)
    # in a preview too, once the metrics are known
    with pytest.raises(ProviderError, match=wanted):
        TrainingRun(clone).preview_outputs(Recorder(), inputs)


def test_a_threshold_alone_is_checked_again_and_trains_nothing(clone: Clone) -> None:
    resource, inputs = TrainingRun(clone), _inputs(clone)
    id, outputs = resource.create(Recorder(), inputs)
    news = {**inputs, "thresholds": {"accuracy": {"min": 0.8, "max": 0.9}}}
    changes = resource.diff(Recorder(), id, inputs, news, outputs)
    assert [(change.text, change.replace) for change in changes] == [("thresholds.accuracy", False)]
    assert resource.update(Recorder(), id, inputs, news, outputs)["digest"] == outputs["digest"]
    with pytest.raises(ProviderError, match=r"accuracy is 0\.9, allowed at most 0\.5"):
        resource.preview_update(Recorder(), id, inputs, {**inputs, "thresholds": {"accuracy": {"max": 0.5}}}, outputs)


def test_changed_inputs_replace(clone: Clone) -> None:
    inputs = _inputs(clone)
    for name, value in (("inputsDigest", "2" * 64), ("hyperparameters", {"seed": 1})):
        changes = TrainingRun(clone).diff(Recorder(), "x", inputs, {**inputs, name: value}, {})
        assert all(change.replace for change in changes) and changes


def test_a_failed_training_shows_its_last_lines(clone: Clone) -> None:
    with pytest.raises(ProviderError, match=r"training of 'tiny' failed \(exit 1\):\nlearning\nthe data has no rows"):
        TrainingRun(clone).create(Recorder(), _inputs(clone, hyperparameters={"fail": 1}))


def test_a_ctrl_c_ends_the_child(clone: Clone) -> None:
    ctx, pid_file = Recorder(), clone.root / "pid"

    def cancel() -> None:
        deadline = time.monotonic() + DEADLINE_S
        while not (pid_file.exists() and pid_file.read_text()) and time.monotonic() < deadline:
            threading.Event().wait(0.02)
        ctx.cancelled.set()

    threading.Thread(target=cancel).start()
    with pytest.raises(Cancelled):
        TrainingRun(clone).create(ctx, _inputs(clone, hyperparameters={"hang": str(pid_file)}))
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid_file.read_text()), 0)


def test_data_that_is_not_here_is_named_with_the_remedy(clone: Clone) -> None:
    inputs = _inputs(clone, data={"key": "0" * 64, "sha256": "9" * 64})
    with pytest.raises(ProviderError, match=r"training data of 'tiny' \(999999999999\) .* run `edgeway data` first"):
        TrainingRun(clone).create(Recorder(), inputs)


def test_bad_inputs_are_refused(clone: Clone) -> None:
    failures = refused(TrainingRun(clone), _news(clone, model="other"))
    assert failures[0].reason == "'other': models/other/train.py or model.py is missing; there are tiny"
    thresholds = {"a": {"min": "b"}, "c": {"least": 1}}
    failures = refused(TrainingRun(clone), _news(clone, inputsDigest="x", thresholds=thresholds, data={"sha256": "y"}))
    paths = {"inputsDigest", "thresholds.a.min", "thresholds.c.least", "data.sha256"}
    assert {failure.path for failure in failures} == paths


def test_a_lost_artifact_is_trained_again_where_the_learner_is_bit_stable(clone: Clone) -> None:
    import shutil

    _, outputs = TrainingRun(clone).create(Recorder(), _inputs(clone))
    digest = outputs["digest"]
    shutil.rmtree(clone.artifacts.root / digest)
    source = ArtifactSource(model="tiny", data_sha256=clone.data.add(clone.root / "rows.csv"))
    assert recover_artifact(Recorder(), clone, digest, source) == clone.artifacts.path(digest)
    shutil.rmtree(clone.artifacts.root / digest)
    (clone.root / "models" / "tiny" / "requirements.txt").write_text("tensorflow\n")
    with pytest.raises(ProviderError, match=r"would not give the same bytes.*Copy \.artifacts/"):
        recover_artifact(Recorder(), clone, digest, source)


def test_an_artifact_that_was_changed_on_disk_is_set_aside_and_trained_again(clone: Clone) -> None:
    told = Recorder()
    _, outputs = TrainingRun(clone).create(told, _inputs(clone))
    digest = outputs["digest"]
    (clone.artifacts.root / digest / "score.py").write_text("print('another one')")
    assert "digest" not in TrainingRun(clone).preview_outputs(told, _inputs(clone))
    _, again = TrainingRun(clone).create(told, _inputs(clone))
    assert again["digest"] == digest
    assert clone.artifact(digest) is not None
    (aside,) = clone.artifacts.root.glob(f".changed-{digest[:12]}-*/{digest}/score.py")
    assert aside.read_text() == "print('another one')"


@pytest.mark.parametrize("spoil", ["score.py", "another.txt"])
def test_what_uses_an_artifact_gets_the_bytes_of_its_digest(clone: Clone, spoil: str) -> None:
    _, outputs = TrainingRun(clone).create(Recorder(), _inputs(clone))
    digest = outputs["digest"]
    source = ArtifactSource(model="tiny", data_sha256=clone.data.add(clone.root / "rows.csv"))
    (clone.artifacts.root / digest / spoil).write_text("changed before")
    with artifact_copy(Recorder(), clone, digest, source) as folder:
        (clone.artifacts.root / digest / spoil).write_text("changed meanwhile")
        assert artifact_digest(folder) == digest
        assert folder.parent.stat().st_mode & 0o077 == 0
    assert not folder.exists()


def test_bytecode_that_somebody_left_beside_an_artifact_goes_nowhere(clone: Clone) -> None:
    _, outputs = TrainingRun(clone).create(Recorder(), _inputs(clone))
    digest = outputs["digest"]
    cache = clone.artifacts.root / digest / "__pycache__"
    cache.mkdir()
    (cache / "score.cpython-311.pyc").write_bytes(b"not what was trained")
    with artifact_copy(Recorder(), clone, digest, ArtifactSource()) as folder:
        assert sorted(path.name for path in folder.iterdir()) == ["card.json", "model.onnx", "score.py"]


def test_data_that_was_changed_on_disk_is_not_trained_on(clone: Clone) -> None:
    inputs = _inputs(clone)
    (clone.data.path(inputs["data"]["sha256"]) / "data.csv").write_text("a\n2\n")
    with pytest.raises(ProviderError, match=r"was changed on disk: remove \.local/data/[0-9a-f]+ and run"):
        TrainingRun(clone).create(Recorder(), inputs)
