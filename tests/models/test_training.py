"""What the command of every training refuses to write."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest

from models.anomaly.model import Hyperparameters
from models.training import run
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
