"""Training itself, in the environment that a stack makes for it (made here where it is not yet)."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from clone.layout import Clone
from contracts.card import artifact_digest, load_card
from infra.provider.local.model_venv import interpreter
from models.people_detection.train import main
from models.source import DATA_FILE
from pluginbase.resource import OperationContext
from tests.models.people_detection.sketches import lines

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[3]
SHORT = {"side": 64, "width": 8, "epochs": 12, "batch_size": 8, "learning_rate": 0.01, "threads": 1}
LEARNED = 0.3
"""What the short training reaches at least."""


def test_without_keras_the_command_says_how_to_get_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / DATA_FILE).write_bytes(lines(16))
    before = dict(os.environ)
    try:
        assert main(["--data", str(tmp_path), "--out", str(tmp_path / "out"), "--set", "side=64"]) == 1
    finally:
        os.environ.clear()
        os.environ.update(before)
    assert "lacks keras; make the model's environment" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def keras(data: Path, out: Path) -> subprocess.CompletedProcess[str]:
    """In the environment that a stack gives to training: nothing of ours but the path to the code."""
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    python = interpreter(OperationContext(), Clone(ROOT), "people_detection")
    command = [str(python), "-m", "models.people_detection.train", "--data", str(data), "--out", str(out)]
    return subprocess.run(
        [*command, *(part for name, value in SHORT.items() for part in ("--set", f"{name}={value}"))],
        env={**environment, "PYTHONPATH": str(ROOT)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.long  # in full: the README, and once more where pictures are taken the whole way
def test_a_short_training_finds_a_figure_and_gives_the_same_digest_again(tmp_path: Path) -> None:
    (tmp_path / DATA_FILE).write_bytes(lines(96))
    for name in ("one", "two"):
        result = keras(tmp_path, tmp_path / name)
        assert result.returncode == 0, result.stderr
        assert result.stdout.startswith("epoch 1 of 12: loss")
    assert artifact_digest(tmp_path / "one") == artifact_digest(tmp_path / "two")
    card = load_card(tmp_path / "one")
    assert card.metrics["ap50"] >= LEARNED
    assert card.framework["keras"] == "3.15.1"
    files = {path.relative_to(tmp_path / "one").as_posix() for path in (tmp_path / "one").rglob("*") if path.is_file()}
    beside = {f"models/{name}.py" for name in ("custom_vision", "detections", "pictures", "remote_picture")}
    assert files == {"card.json", "model.onnx", "score.py", "serving.lock", *beside}
