"""The card, and training itself, in the environment that a stack makes for it (made here where it is not yet)."""

from __future__ import annotations

import hashlib
import os
import subprocess
from pathlib import Path

import numpy as np
import onnx
import pytest

from clone.layout import Clone
from contracts.card import artifact_digest, load_card
from contracts.thresholds import Threshold
from infra.provider.local.model_venv import interpreter
from models.keras_network import Split
from models.mnist_keras import model, train
from models.mnist_keras.data import bundled, to_csv
from models.mnist_keras.model import Hyperparameters
from models.mnist_keras.train import main
from models.training import ModelError
from pluginbase.resource import OperationContext

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[3]
REQUIREMENTS = ROOT / "models" / "mnist_keras" / "requirements.txt"


def test_the_card_tells_what_was_trained_on_what(artifact: Path) -> None:
    card = load_card(artifact)
    assert (card.seeds.split_seed, card.seeds.seed) == (0, 0)
    assert (card.data.rows, card.data.train, card.data.test) == (600, 480, 120)
    assert card.data.sha256 == hashlib.sha256(to_csv(bundled(rows=600))).hexdigest()
    assert card.hyperparameters == {"epochs": 20, "batch_size": 32, "learning_rate": 0.001, "threads": 2}
    assert card.thresholds == {"accuracy": Threshold(min=0.97)}
    assert len((artifact / "card.json").read_bytes()) < 150_000


def test_golden_examples_are_held_out_pictures_of_different_digits(artifact: Path) -> None:
    one, others, nothing = load_card(artifact).golden
    assert np.shape(one.input["data"]) == (28, 28)
    assert len(others.input["data"]) == 784 * len(others.output)
    assert len({*one.output, *others.output}) == 1 + len(others.output) >= 5
    assert nothing.output == []


def test_a_network_that_reads_nothing_gets_no_card() -> None:
    labels = np.arange(100) % 10
    pictures = np.zeros((100, 28, 28, 1), np.float32)
    data = Split(train=pictures, train_labels=labels, test=pictures, test_labels=labels)
    with pytest.raises(ModelError, match="only 0 of 10 digits are read without doubt, needed are 5"):
        train.card(np.zeros((100, 10), np.float32), data, Hyperparameters(), content=b"", framework={})


def test_without_keras_the_command_says_how_to_get_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "data.csv").write_bytes(to_csv(bundled(rows=100)))
    before = dict(os.environ)
    try:
        assert main(["--data", str(tmp_path), "--out", str(tmp_path / "out")]) == 1
    finally:
        os.environ.clear()
        os.environ.update(before)
    error = capsys.readouterr().err
    assert "lacks keras; make the model's environment" in error
    assert f"pip install -r {REQUIREMENTS}" in error
    assert not (tmp_path / "out").exists()


def test_a_bad_setting_or_missing_data_is_told_before_keras_is_needed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--data", str(tmp_path), "--out", str(tmp_path / "out"), "--set", "epochs=0"]) == 1
    assert "hyperparameter epochs is '0'" in capsys.readouterr().err
    assert main(["--data", str(tmp_path), "--out", str(tmp_path / "out")]) == 1
    assert str(tmp_path / "data.csv") in capsys.readouterr().err


def keras(data: Path, out: Path) -> subprocess.CompletedProcess[str]:
    """In the environment that a stack gives to training: nothing of ours but the path to the code."""
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    python = interpreter(OperationContext(), Clone(ROOT), "mnist_keras")
    command = [str(python), "-m", "models.mnist_keras.train", "--data", str(data), "--out", str(out)]
    return subprocess.run(
        command,
        env={**environment, "PYTHONPATH": str(ROOT)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.long  # once, and its threshold: tests/e2e/test_6_second_model.py
def test_training_twice_gives_the_same_digest_and_reaches_the_threshold(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_bytes(to_csv(bundled()))
    for name in ("one", "two"):
        result = keras(tmp_path, tmp_path / name)
        assert result.returncode == 0, result.stderr
        assert result.stdout.startswith("epoch 1 of 20: accuracy")
    assert artifact_digest(tmp_path / "one") == artifact_digest(tmp_path / "two")
    card = load_card(tmp_path / "one")
    assert card.unmet() == []
    assert card.framework["keras"] == "3.15.1"
    assert len(card.golden[1].output) == 9
    exported = onnx.load(tmp_path / "one" / "model.onnx")
    assert sum(int(np.prod(weight.dims)) for weight in exported.graph.initializer) == model.PARAMETERS
