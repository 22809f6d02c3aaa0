"""Train the network: `python -m models.cifar10_keras.train --data DIR --out DIR [--set key=value]...`.

Runs in the venv of requirements.txt beside this file, which is mnist_keras' too. The same data and settings give the
same bytes on one kind of machine; TensorFlow's last bits differ between kinds of CPU.
"""

from __future__ import annotations

import base64
import hashlib
import struct
import sys
import zlib
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from contracts.card import Body, Card, Dataset, Golden, Seeds
from contracts.form import Part, form
from contracts.thresholds import Threshold
from models.cifar10_keras import model
from models.cifar10_keras.data import CLASSES, LABELS, SIDE, parse_records
from models.cifar10_keras.model import Hyperparameters
from models.keras_network import (
    Split,
    check_agreement,
    export,
    framework,
    layers_of,
    measure,
    prepare_keras,
    told_without_doubt,
)
from models.source import DATA_FILE
from models.training import ModelError, run

THRESHOLDS = {"accuracy": Threshold(min=0.7)}
"""CIFAR-10 reaches .76 after 10 epochs; the drawn pictures more."""
LICENCE = "MIT"
# How much the first logit of a golden example leads: far more than what differs between two CPUs.
GOLDEN_LEAD = 1.0
FEWEST_GOLDEN = 2

INPUT = {
    "title": "Pictures",
    "description": "By name, pictures in base64, each brought to 32 x 32 pixels",
    "type": "object",
    "additionalProperties": {"type": "string", "contentEncoding": "base64"},
}
OUTPUT = {
    "title": "Labels",
    "description": "By name of each picture what it shows",
    "type": "array",
    "items": {"type": "object", "additionalProperties": {"enum": list(LABELS)}},
}


def build(
    content: bytes,
    hyperparameters: Hyperparameters,
    where: str = DATA_FILE,
    *,
    report: Callable[[str], None] = lambda line: None,
) -> tuple[bytes, Card]:
    """Data in, model and card out."""
    data = model.split(parse_records(content, where=where))
    prepare_keras(seed=hyperparameters.seed, threads=hyperparameters.threads)
    trained = model.fit(data, hyperparameters, report=report)
    exported = export(layers_of(trained), model.PICTURE)
    logits = np.asarray(trained.predict(model.shares(data.test), batch_size=256, verbose=0))
    check_agreement(logits, exported, data.test)
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
        name="cifar10_keras",
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
    """A held-out picture of each class that is told without doubt: all in base64, one as it is, two as a form."""
    firsts = told_without_doubt(logits, data.test_labels, lead=GOLDEN_LEAD)
    if len(firsts) < FEWEST_GOLDEN:
        raise ModelError(f"only {len(firsts)} of {CLASSES} classes are told without doubt, needed are {FEWEST_GOLDEN}")
    files = {f"{LABELS[one]}.png": png(data.test[place]) for one, place in firsts.items()}
    answers = {f"{LABELS[one]}.png": LABELS[one] for one in firsts}
    (first, *_), two = files, list(files)[:2]
    parts = [Part(name=name, filename=name, body=Body("image/png", files[name])) for name in two]
    coded = {name: base64.b64encode(content).decode("ascii") for name, content in files.items()}
    return (
        Golden(name="base64", input=coded, output=[{name: answers[name]} for name in files]),
        Golden(name="picture", body=Body("image/png", files[first]), output=[{"image": answers[first]}]),
        Golden(name="form", body=form(parts), output=[{name: answers[name]} for name in two]),
    )


def png(pixels: NDArray[np.uint8]) -> bytes:
    """32 x 32 x 3. By hand, as the environment that trains has no library for it: https://www.w3.org/TR/png-3/."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    lines = b"".join(b"\0" + line.tobytes() for line in pixels)
    head = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 2, 0, 0, 0)
    body = chunk(b"IDAT", zlib.compress(lines, 9))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + body + chunk(b"IEND", b"")


def main(argv: list[str] | None = None) -> int:
    return run(
        Path(__file__).parent,
        "Train the network in Keras.",
        settings=Hyperparameters,
        build=partial(build, report=print),
        beside=("pictures.py",),
        argv=argv,
    )


if __name__ == "__main__":
    sys.exit(main())
