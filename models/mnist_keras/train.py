"""Train the digit reader: `python -m models.mnist_keras.train --data DIR --out DIR [--set key=value]...`.

Runs in the venv of requirements.txt beside this file. Reads `DIR/data.csv`, writes the artifact (`model.onnx`,
`score.py`, `card.json`). The same data and settings give the same bytes on one kind of machine; TensorFlow's last bits
differ between kinds of CPU.
"""

# mypy: disable-error-code="import-untyped,import-not-found"
from __future__ import annotations

import argparse
import hashlib
import shutil
import sys
from collections.abc import Callable
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from contracts.card import CARD_FILE, ENTRY_SCRIPT, MODEL_FILE, Card, Data, Golden, Seeds
from models.mnist_keras import model
from models.mnist_keras.data import CLASSES, DATA_FILE, PIXELS, SIDE, DataError, parse_csv
from models.mnist_keras.model import Hyperparameters, ModelError, Split

THRESHOLDS = {"accuracy": 0.97}
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
    *,
    where: str = DATA_FILE,
    report: Callable[[str], None] = lambda line: None,
) -> tuple[bytes, Card]:
    """Data in, model and card out."""
    data = model.split(parse_csv(content, where=where))
    model.prepare_keras(hyperparameters)
    trained = model.fit(data, hyperparameters, report=report)
    exported = model.export(model.layers_of(trained))
    logits = np.asarray(trained.predict(data.test, batch_size=256, verbose=0))
    model.check_agreement(logits, exported, data.test)
    return exported, card(logits, data, hyperparameters, content=content, framework=_framework())


def _framework() -> dict[str, str]:
    import tensorflow

    # by its own word, not its distribution's: that may be tensorflow or tensorflow-cpu
    return {"tensorflow": tensorflow.__version__, **{name: version(name) for name in ("keras", "numpy", "onnx")}}


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
        data=Data(
            sha256=hashlib.sha256(content).hexdigest(),
            rows=len(data.train) + len(data.test),
            train=len(data.train),
            test=len(data.test),
        ),
        metrics=model.measure(logits, data.test_labels),
        thresholds=THRESHOLDS,
        input=INPUT,
        output=OUTPUT,
        golden=_golden(logits, data),
        licence=LICENCE,
    )


def _golden(logits: NDArray[np.float32], data: Split) -> tuple[Golden, ...]:
    """A held-out picture of each digit that the network reads without doubt, one alone and the others together."""
    predicted, lead = logits.argmax(axis=1), np.diff(np.sort(logits, axis=1)[:, -2:])[:, 0]
    sure = (predicted == data.test_labels) & (lead >= GOLDEN_LEAD)
    firsts = {digit: int(found[0]) for digit in range(CLASSES) if (found := _where(sure & (predicted == digit))).size}
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


def _where(mask: NDArray[np.bool_]) -> NDArray[np.intp]:
    return np.flatnonzero(mask)


def _body(image: NDArray[np.float32]) -> list[Any]:
    rounded = (round(float(value), GOLDEN_DECIMALS) for value in image.ravel())
    return [int(value) if value.is_integer() else value for value in rounded]


def write_artifact(out: Path, exported: bytes, card: Card) -> None:
    out.mkdir(parents=True, exist_ok=True)
    (out / MODEL_FILE).write_bytes(exported)
    shutil.copyfile(Path(__file__).with_name("score.py"), out / ENTRY_SCRIPT)
    (out / CARD_FILE).write_bytes(card.to_bytes())


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m models.mnist_keras.train", description="Train the digit reader in Keras."
    )
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help=f"holds {DATA_FILE}")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="receives the artifact")
    parser.add_argument("--set", action="append", default=[], metavar="key=value", dest="settings")
    arguments = parser.parse_args(argv)
    source = arguments.data / DATA_FILE
    try:
        hyperparameters = model.parse_hyperparameters(arguments.settings)
        exported, made = build(source.read_bytes(), hyperparameters, where=str(source), report=print)
    except ModuleNotFoundError as error:
        requirements = Path(__file__).with_name("requirements.txt")
        print(
            f"error: {sys.executable} lacks {error.name}; make the model's environment: "
            f"python -m venv DIR && DIR/bin/pip install -r {requirements}",
            file=sys.stderr,
        )
        return 1
    except (DataError, ValueError, OSError, ModelError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    write_artifact(arguments.out, exported, made)
    for metric, value in sorted(made.metrics.items()):
        print(f"{metric} {value:g}")
    for unmet in made.unmet():
        # a warning only: the thresholds that count are the stack's, and the program holds the metrics against them
        print(f"warning: {unmet}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
