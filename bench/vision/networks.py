"""What is served: artifacts by the models' own ways, and the same weights as torch writes them."""

# mypy: disable-error-code="import-untyped"
from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bench.machine import BenchError
from bench.scoring.environments import LOCAL, ROOT, Environment, anchor_of, scoring_image_with
from bench.scoring.models import trainer
from models.maskrcnn import weights as maskrcnn
from models.resnet152 import weights as resnet152
from models.resnet152.network import FULL_WIDTH

HERE = Path(__file__).resolve().parent
CIFAR, FP32, INT8, MASKRCNN = "cifar10_keras", "resnet152 fp32", "resnet152 int8", "maskrcnn"
PEOPLE = "people_detection"
_SEEDED = {"resnet152": resnet152.seeded, "maskrcnn": maskrcnn.seeded}
_SHORT = {CIFAR: (3000, 3), PEOPLE: (32, 1)}
"""Rows and epochs."""
_FOLDER = LOCAL / "vision"


def torch_environment() -> Environment:
    return anchor_of(HERE / "requirements" / "azmlinfsrv_torch.txt")


def image_environment(model: str) -> Environment:
    """What the image of a model with packages of its own has."""
    return scoring_image_with(ROOT / "models" / model / "serving.lock")


def artifact(name: str) -> Path:
    """Made once: training says nothing about serving."""
    out = _FOLDER / name.replace(" ", "-")
    if not (out / "card.json").is_file():
        print(f"making {name} ...", file=sys.stderr, flush=True)
        if name in _SHORT:
            _short_training(out, name, *_SHORT[name])
        else:
            _of_checkpoint(out, name)
    return out


def checkpoint(model: str) -> Path:
    """Of seeded weights, written by torch itself."""
    file = _FOLDER / "torch" / f"{model}.pth"
    if not file.is_file():
        file.parent.mkdir(parents=True, exist_ok=True)
        weights, made = file.with_suffix(".npz"), file.with_suffix(".part")
        np.savez(weights, allow_pickle=False, **_SEEDED[model](FULL_WIDTH, 0))
        in_torch("checkpoint.py", model, str(weights), str(made))
        weights.unlink()
        made.replace(file)
    return file


def in_torch(script: str, *words: str) -> None:
    """One of `anchors/`."""
    _run([str(torch_environment().python), str(HERE / "anchors" / script), *words])


def _of_checkpoint(out: Path, name: str) -> None:
    model, _, precision = name.partition(" ")
    data = _FOLDER / f"{model}-data"
    _module(sys.executable, f"models.{model}.data", "--out", str(data), "--csv", str(checkpoint(model)))
    words = ("--set", f"precision={precision}") if precision else ()
    _module(sys.executable, f"models.{model}.train", "--data", str(data), "--out", str(out), *words)


def _short_training(out: Path, name: str, rows: int, epochs: int) -> None:
    """What its answers cost does not turn on how good they are."""
    data = _FOLDER / f"{name}-data"
    # by the project's own interpreter, which has the photographs that figures are drawn before
    _module(sys.executable, f"models.{name}.data", "--out", str(data), "--rows", str(rows))
    _module(
        str(trainer(name)), f"models.{name}.train", "--data", str(data), "--out", str(out), "--set", f"epochs={epochs}"
    )


def _module(python: str, module: str, *words: str) -> None:
    _run([python, "-m", module, *words])


def _run(command: Sequence[str]) -> None:
    environment = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    environment["PYTHONPATH"] = str(ROOT)
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if ended.returncode != 0:
        raise BenchError(f"{' '.join(command)} failed:\n{ended.stdout[-2000:]}{ended.stderr[-2000:]}")
