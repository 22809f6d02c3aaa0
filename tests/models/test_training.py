"""What the command of every training refuses to write."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper
from onnxruntime import InferenceSession

from contracts.card import artifact_digest, load_card
from models import training
from models.anomaly.model import Hyperparameters
from models.training import run, write_artifact
from tests.contracts.test_card import CARD


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_metric_that_is_no_finite_number_leaves_no_artifact(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], value: float
) -> None:
    (tmp_path / "data.csv").write_bytes(b"")
    card = replace(CARD, metrics={"mae": value})
    out = tmp_path / "artifact"

    code = run(
        tmp_path / "tiny",
        "Train.",
        settings=Hyperparameters,
        build=lambda data, hyperparameters, where: (b"", card),
        argv=["--data", str(tmp_path), "--out", str(out)],
    )

    assert (code, out.exists()) == (1, False)
    assert f"error: metric mae is {value}, must be a finite number" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("script", "slow"), [("SLOW = True\n", True), ("SLOW = False\n", False), ("# SLOW = True\n", False)]
)
def test_the_card_says_what_the_entry_script_says_of_its_time(tmp_path: Path, script: str, slow: bool) -> None:
    (tmp_path / "score.py").write_text(script)
    write_artifact(tmp_path / "artifact", b"", CARD, tmp_path / "score.py")
    assert load_card(tmp_path / "artifact").slow is slow


def test_an_artifact_carries_the_lock_of_its_scripts_packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "models" / "anomaly"
    folder.mkdir(parents=True)
    (folder / "score.py").write_text("")
    monkeypatch.setattr(training, "__file__", str(tmp_path / "models" / "training.py"))

    training.write_artifact(tmp_path / "without", b"", CARD)
    (folder / "serving.lock").write_text("pillow==12.0.0\n")
    training.write_artifact(tmp_path / "with", b"", CARD)

    assert {path.name for path in (tmp_path / "without").iterdir()} == {"card.json", "model.onnx", "score.py"}
    assert (tmp_path / "with" / "serving.lock").read_text() == "pillow==12.0.0\n"


def test_a_large_model_has_its_weights_in_a_file_beside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "SEPARATE_BYTES", 1000)
    weights = np.arange(64 * 64, dtype=np.float32).reshape(64, 64)
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["x", "w"], ["y"])],
        "large",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 64])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 64])],
        [numpy_helper.from_array(weights, "w")],
    )
    exported = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8).SerializeToString()
    (tmp_path / "score.py").write_text("")

    for name in ("one", "two"):
        write_artifact(tmp_path / name, exported, CARD, tmp_path / "score.py")

    weights_file = tmp_path / "one" / "model.onnx.data"
    assert weights_file.stat().st_size == weights.nbytes
    assert weights_file.stat().st_mode & 0o777 == 0o644
    assert artifact_digest(tmp_path / "one") == artifact_digest(tmp_path / "two")
    session = InferenceSession(str(tmp_path / "one" / "model.onnx"), providers=["CPUExecutionProvider"])
    (answer,) = session.run(None, {"x": np.eye(64, dtype=np.float32)})
    assert (answer == weights).all()
