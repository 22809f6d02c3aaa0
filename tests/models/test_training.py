"""What the command of every training refuses to write."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest

from contracts.card import load_card
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
