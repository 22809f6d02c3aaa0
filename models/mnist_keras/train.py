"""Train the digit reader: `python -m models.mnist_keras.train --data DIR --out DIR [--set key=value]...`.

Runs in the venv of requirements.txt beside this file. The same data and settings give the same bytes on one kind of
machine; TensorFlow's last bits differ between kinds of CPU.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from contracts.card import Card, Dataset, Golden, Seeds
from contracts.thresholds import Threshold
from models.keras_network import Split, framework, layers_of, measure, told_without_doubt
from models.mnist_keras import model
from models.mnist_keras.data import CLASSES, PIXELS, SIDE, parse_csv
from models.mnist_keras.model import Hyperparameters
from models.source import DATA_FILE
from models.training import ModelError, run

THRESHOLDS = {"accuracy": Threshold(min=0.97)}
LICENCE = "MIT"
# How much the first logit of a golden example leads: far more than what differs between two CPUs.
GOLDEN_LEAD = 1.0
# Pixels of golden examples: enough to be the picture, few enough to keep the card small.
GOLDEN_DECIMALS = 3
FEWEST_GOLDEN = 5

_PIXEL = {"type": "number", "minimum": 0, "maximum": 1}
INPUT = {
    "title": "Pictures",
    "description": f"Pictures of {SIDE} x {SIDE} pixels, from 0 (background) to 1, in 1 to 4 nested lists",
    "type": "object",
    "properties": {"data": {"type": "array", "items": {"anyOf": [_PIXEL, {"type": "array"}]}}},
    "required": ["data"],
}
OUTPUT = {
    "title": "Digits",
    "description": "The digit of each picture, in order",
    "type": "array",
    "items": {"type": "integer", "minimum": 0, "maximum": CLASSES - 1},
}


def build(
    content: bytes,
    hyperparameters: Hyperparameters,
    where: str = DATA_FILE,
    *,
    report: Callable[[str], None] = lambda line: None,
) -> tuple[bytes, Card]:
    """Data in, model and card out."""
    data = model.split(parse_csv(content, where=where))
    model.prepare_keras(hyperparameters)
    trained = model.fit(data, hyperparameters, report=report)
    exported = model.export(layers_of(trained))
    logits = np.asarray(trained.predict(data.test, batch_size=256, verbose=0))
    model.check_agreement(logits, exported, data.test)
    return exported, card(logits, data, hyperparameters, content=content, framework=framework())


def card(
    logits: NDArray[np.float32],
    data: Split,
    hyperparameters: Hyperparameters,
    *,
    content: bytes,
    framework: dict[str, str],
) -> Card:
    """`logits` are the trained network's for the held-out pictures, not the exported model's."""
    values = asdict(hyperparameters)
    seed = values.pop("seed")
    return Card(
        name="mnist_keras",
        framework=framework,
        hyperparameters=values,
        seeds=Seeds(split_seed=model.SPLIT_SEED, seed=seed),
        data=Dataset(
            sha256=hashlib.sha256(content).hexdigest(),
            rows=len(data.train) + len(data.test),
            train=len(data.train),
            test=len(data.test),
        ),
        metrics=measure(logits, data.test_labels),
        thresholds=THRESHOLDS,
        input=INPUT,
        output=OUTPUT,
        golden=_golden(logits, data),
        licence=LICENCE,
    )


def _golden(logits: NDArray[np.float32], data: Split) -> tuple[Golden, ...]:
    """A held-out picture of each digit that the network reads without doubt, one alone and the others together."""
    firsts = told_without_doubt(logits, data.test_labels, lead=GOLDEN_LEAD)
    if len(firsts) < FEWEST_GOLDEN:
        raise ModelError(f"only {len(firsts)} of {CLASSES} digits are read without doubt, needed are {FEWEST_GOLDEN}")
    alone, *others = sorted(firsts, reverse=True)
    one = _body(data.test[firsts[alone]])
    many = [pixel for digit in others for pixel in _body(data.test[firsts[digit]])]
    nested = [one[start : start + SIDE] for start in range(0, PIXELS, SIDE)]
    return (
        Golden(name="one", input={"data": nested}, output=[alone]),
        Golden(name="others", input={"data": many}, output=others),
        Golden(name="no-pictures", input={"data": []}, output=[]),
    )


def _body(image: NDArray[np.float32]) -> list[Any]:
    rounded = (round(float(value), GOLDEN_DECIMALS) for value in image.ravel())
    return [int(value) if value.is_integer() else value for value in rounded]


def main(argv: list[str] | None = None) -> int:
    return run(
        Path(__file__).parent,
        "Train the digit reader in Keras.",
        settings=Hyperparameters,
        build=partial(build, report=print),
        argv=argv,
    )


if __name__ == "__main__":
    sys.exit(main())
