"""Data in, artifact out: `python -m models.people_detection.train --data DIR --out DIR [--set key=value]...`.

Runs in the venv of requirements.txt beside this file, which is mnist_keras' too. Of pictures the network is trained, in
Keras: the same data and settings give the same bytes on one kind of machine. Of an export of Custom Vision nothing is
trained, it is served as it is.
"""

from __future__ import annotations

import base64
import hashlib
import io
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from PIL import Image

from contracts.card import Card, Dataset, Golden, Seeds
from contracts.thresholds import Threshold
from models.detections import Detections, best
from models.keras_network import framework
from models.people_detection import data, exported
from models.people_detection.data import Picture
from models.people_detection.drawing import drawn
from models.people_detection.fitting import fit
from models.people_detection.graph import BOXES, SCORES, export
from models.people_detection.graph import INPUT as PIXELS
from models.people_detection.model import Hyperparameters
from models.people_detection.network import Array
from models.people_detection.precision import Truth, average_precision
from models.people_detection.score import Choice, Detector, detector
from models.pictures import opened
from models.source import DATA_FILE, DataError
from models.training import ModelError, run

THRESHOLDS = {"ap50": Threshold(min=0.85)}
LICENCE = "MIT"
BESIDE = ("custom_vision.py", "detections.py", "pictures.py", "remote_picture.py")
EXPORTS_NEED = ("numpy", "onnx", "onnxruntime")
COMPARED, AGREEMENT = 16, 1e-4
"""Held-out pictures, and how far ONNX may be from Keras in a score or, as a share of the picture, a side."""
SUFFICES = 0.02
"""Scores below are of no matter to the curve that is measured."""
MOST_FOUND = 100
GOLDEN_SEED, GOLDEN_TRIED, GOLDEN_SIDE = 1_000_003, 30, 320
# What is golden must not turn on the last bits of another processor: nothing lies this near to being told or not.
GOLDEN_FLOOR, GOLDEN_MARGIN, GOLDEN_TOLERANCE, GOLDEN_IOU, GOLDEN_IOU_MARGIN = 0.3, 0.05, 0.005, 0.45, 0.05

INPUT = {
    "title": "Picture",
    "description": "A picture in base64, or its URL; each request may choose what is told of what was found",
    "type": "object",
    "properties": {
        "content": {"type": "string", "contentEncoding": "base64"},
        "url": {"type": "string", "format": "uri"},
        "floor": {"type": "number", "minimum": 0, "maximum": 1},
        "iou": {"type": "number", "minimum": 0, "maximum": 1},
        "maximum": {"type": "integer", "minimum": 1, "maximum": 1000},
    },
}
OUTPUT = {
    "title": "Predictions",
    "description": "What was found, the most probable first; boxes as shares of the picture",
    "type": "object",
    "properties": {
        **{name: {"type": "string"} for name in ("id", "project", "iteration", "created")},
        "predictions": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "probability": {"type": "number"},
                    "tagId": {"type": "integer"},
                    "tagName": {"type": "string"},
                    "boundingBox": {
                        "type": "object",
                        "properties": {name: {"type": "number"} for name in ("left", "top", "width", "height")},
                    },
                },
            },
        },
    },
}


def build(
    content: bytes,
    hyperparameters: Hyperparameters,
    where: str = DATA_FILE,
    *,
    report: Callable[[str], None] = lambda line: None,
) -> tuple[bytes, Card]:
    """Data in, model and card out."""
    dataset = Dataset(sha256=hashlib.sha256(content).hexdigest(), rows=1, train=0, test=0)
    if exported.is_export(content):
        return _as_it_is(content, hyperparameters, dataset, where)
    pictures = data.read(content, hyperparameters.side, where=where)
    learned, held_out = len(pictures.learned), len(pictures.held_out)
    dataset = Dataset(sha256=dataset.sha256, rows=learned + held_out, train=learned, test=held_out)
    trained = fit(pictures.learned, len(pictures.tags), hyperparameters, report)
    made = export(trained.weights, hyperparameters.side, metadata={"tags": pictures.tags})
    check_agreement(trained.answers, made, pictures.held_out[:COMPARED])
    metrics = measured(made, pictures.held_out)
    return made, card(made, hyperparameters, dataset, framework(), metrics, THRESHOLDS)


def _as_it_is(content: bytes, hyperparameters: Hyperparameters, dataset: Dataset, where: str) -> tuple[bytes, Card]:
    given = exported.read(content, where=where)
    exported.check(given, where=where)
    try:
        made = card(given.model, hyperparameters, dataset, {name: version(name) for name in EXPORTS_NEED})
    except ModelError:
        raise
    except Exception as error:  # of what the model answers, and of ONNX Runtime when it is asked
        raise DataError(f"{where}: {error}") from error
    return given.model, made


def check_agreement(answers: Callable[[Array], tuple[Array, Array]], model: bytes, pictures: Sequence[Picture]) -> None:
    """The exported model must give the boxes and scores that the trained one, `answers`, gives. Raises ModelError."""
    pixels = np.stack([one.pixels for one in pictures])
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    said = session.run([BOXES, SCORES], {PIXELS: pixels})
    expected = answers(pixels.astype(np.float32) / np.float32(255))
    for name, ours, keras in zip((BOXES, SCORES), said, expected, strict=True):
        if not (apart := float(abs(ours - keras).max())) <= AGREEMENT:
            raise ModelError(f"{name} of ONNX differ from Keras' by {apart:.3g}, allowed is {AGREEMENT}")


def measured(model: bytes, pictures: Sequence[Picture]) -> dict[str, float]:
    """As it will be served, of pictures that were held out."""
    looks = detector(model).look
    seen = (looks(Image.fromarray(one.pixels)) for one in pictures)
    found: list[Detections] = [
        best(boxes, scores, floor=SUFFICES, overlap=Choice().iou, most=MOST_FOUND) for boxes, scores in seen
    ]
    true = [Truth(one.boxes, one.classes) for one in pictures]
    return {f"ap{least:.0%}".rstrip("%"): average_precision(found, true, least) for least in (0.5, 0.75)}


def card(
    model: bytes,
    hyperparameters: Hyperparameters,
    dataset: Dataset,
    libraries: dict[str, str],
    metrics: dict[str, float] | None = None,
    thresholds: dict[str, Threshold] | None = None,
) -> Card:
    values = asdict(hyperparameters)
    return Card(
        name="people_detection",
        framework=libraries,
        seeds=Seeds(split_seed=0, seed=values.pop("seed")),
        hyperparameters=values,
        data=dataset,
        metrics=metrics or {},
        thresholds=thresholds or {},
        input=INPUT,
        output=OUTPUT,
        golden=_golden(detector(model)),
        licence=LICENCE,
    )


def _golden(looking: Detector) -> tuple[Golden, ...]:
    """Two drawn pictures in base64 of which it is clear what is told: with somebody found, if there are such."""
    clear: list[tuple[bytes, list[dict[str, Any]]]] = []
    for place in range(GOLDEN_TRIED):
        image = Image.fromarray(drawn(GOLDEN_SEED, place, before="plain").pixels).resize((GOLDEN_SIDE, GOLDEN_SIDE))
        if (answer := _clear(looking, _jpeg(image))) is not None:
            clear.append(answer)
        if sum(bool(found) for _, found in clear) == 2:
            break
    clear.sort(key=lambda answer: len(answer[1]) == 0)
    if len(clear) < 2:
        raise ModelError(f"of {GOLDEN_TRIED} drawn pictures {len(clear)} are told without doubt, 2 are needed")
    return tuple(_example(name, *answer) for name, answer in zip(("one", "two"), clear, strict=False))


def _clear(looking: Detector, sent: bytes) -> tuple[bytes, list[dict[str, Any]]] | None:
    """The answer, unless another floor or agreement would give another number."""
    boxes, scores = looking.look(opened(sent, where="$", least=looking.least))
    numbers = {
        len(best(boxes, scores, floor=GOLDEN_FLOOR + floor, overlap=GOLDEN_IOU + iou, most=MOST_FOUND).scores)
        for floor in (-GOLDEN_MARGIN, 0, GOLDEN_MARGIN)
        for iou in (-GOLDEN_IOU_MARGIN, 0, GOLDEN_IOU_MARGIN)
    }
    found = best(boxes, scores, floor=GOLDEN_FLOOR, overlap=GOLDEN_IOU, most=MOST_FOUND).scores
    apart = len(found) < 2 or float(-np.diff(found).max()) > GOLDEN_TOLERANCE
    if len(numbers) > 1 or not apart:
        return None
    choice = Choice(floor=GOLDEN_FLOOR, iou=GOLDEN_IOU, maximum=MOST_FOUND)
    return sent, looking.predictions(opened(sent, where="$", least=looking.least), choice)


def _example(name: str, sent: bytes, predictions: list[dict[str, Any]]) -> Golden:
    """With what a request may choose, so that a place's own choice changes nothing."""
    chosen = {"floor": GOLDEN_FLOOR, "iou": GOLDEN_IOU, "maximum": MOST_FOUND}
    return Golden(
        name=name,
        input={"content": base64.b64encode(sent).decode("ascii"), **chosen},
        output={"id": "", "project": "", "iteration": "", "created": "", "predictions": predictions},
        tolerance=GOLDEN_TOLERANCE,
        any_at=("$.created",),
    )


def _jpeg(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=80)
    return buffer.getvalue()


def main(argv: list[str] | None = None) -> int:
    return run(
        Path(__file__).parent,
        "Train the detector, or take an export of Custom Vision.",
        settings=Hyperparameters,
        build=partial(build, report=partial(print, flush=True)),
        beside=BESIDE,
        argv=argv,
    )


if __name__ == "__main__":
    sys.exit(main())
