"""Weights in, artifact out: `python -m models.maskrcnn.train --data DIR --out DIR [--set key=value]...`.

Nothing is learned here: the network is built from published weights, or from drawn ones, which know nothing.
"""

from __future__ import annotations

import base64
import hashlib
import io
import sys
from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from contracts.card import Body, Card, Dataset, Golden, Seeds
from contracts.form import Part, form
from contracts.thresholds import Threshold
from models.maskrcnn import model
from models.maskrcnn.data import weights_of
from models.maskrcnn.detector import Detector, Found
from models.maskrcnn.model import Hyperparameters
from models.source import DATA_FILE
from models.training import ModelError, run

LICENCE = "weights: as their publisher says (torchvision: BSD-3-Clause); code: MIT"
# Golden examples must not turn on the last bits of another processor: a picture that is a little darker must give the
# same, at the threshold that is asked for.
GOLDEN_TRIED, GOLDEN_DARKER, GOLDEN_TOLERANCE = 6, 1 - 1e-5, 0.002
STEADY_TOLERANCE = GOLDEN_TOLERANCE / 4
FEW = 5
"""Detections in a golden example."""

INPUT = {
    "title": "Picture",
    "type": "object",
    "properties": {
        "content": {"type": "string", "contentEncoding": "base64"},
        "threshold": {"type": ["number", "null"], "minimum": 0, "maximum": 1, "default": None},
        "masks": {"type": "boolean", "default": False},
    },
    "required": ["content"],
}
OUTPUT = {
    "title": "Things",
    "description": "Of each picture boxes (left, top, right, bottom in its pixels), labels, scores and names; the time",
    "type": "array",
    "prefixItems": [{"type": "array", "items": {"type": "object"}}, {"type": "string"}],
}


def build(content: bytes, hyperparameters: Hyperparameters, where: str = DATA_FILE) -> tuple[bytes, Card]:
    if hyperparameters.max_size < hyperparameters.min_size:
        sizes = f"max_size is {hyperparameters.max_size}, min_size {hyperparameters.min_size}"
        raise ModelError(f"{sizes}: the longer side cannot be the smaller")
    made = model.exported(weights_of(content, hyperparameters.width, where=where), hyperparameters)
    golden, steady = _golden(made, hyperparameters)
    values = asdict(hyperparameters)
    return made, Card(
        name="maskrcnn",
        framework={name: version(name) for name in ("numpy", "onnx", "onnxruntime")},
        seeds=Seeds(split_seed=0, seed=values.pop("seed")),
        hyperparameters=values,
        data=Dataset(sha256=hashlib.sha256(content).hexdigest(), rows=1, train=0, test=0),
        metrics={"steady": steady},
        thresholds={"steady": Threshold(min=0.3)},
        input=INPUT,
        output=OUTPUT,
        golden=golden,
        licence=LICENCE,
    )


def _golden(made: bytes, hyperparameters: Hyperparameters) -> tuple[tuple[Golden, ...], float]:
    """Of drawn pictures two that are told without doubt, and the share of those that are."""
    detector, steady = Detector(made, 1), []
    for tried, pixels in enumerate(model.drawn(hyperparameters.seed, GOLDEN_TRIED), start=1):
        if (told := _steady(detector, pixels)) is not None:
            steady.append((pixels, *told))
        if len(steady) == 2:
            return _examples(detector, steady), len(steady) / tried
    raise ModelError(f"of {GOLDEN_TRIED} drawn pictures {len(steady)} are told without doubt, 2 are needed")


def _steady(detector: Detector, pixels: NDArray[np.uint8]) -> tuple[float, Found] | None:
    """The threshold by which few are found, and those."""
    found, darker = (
        detector.look(shown, threshold=detector.threshold)
        for shown in (pixels, pixels.astype(np.float32) * np.float32(GOLDEN_DARKER))
    )
    scores = np.append(found.scores, detector.threshold)[: FEW + 1]
    place = int(np.argmax(scores[:-1] - scores[1:])) if len(scores) > 1 else 0
    threshold = round(float(scores[place : place + 2].mean()), 4)
    one, other = (of.above(threshold) for of in (found, darker))
    same = len(one.labels) == len(other.labels) and all(
        np.allclose(getattr(one, part), getattr(other, part), STEADY_TOLERANCE, STEADY_TOLERANCE)
        for part in ("boxes", "labels", "scores")
    )
    return (threshold, one) if same else None


def _examples(detector: Detector, steady: Sequence[tuple[NDArray[np.uint8], float, Found]]) -> tuple[Golden, Golden]:
    """A form, and a body of JSON that asks for masks; of these only that there are some, as a pixel may be either."""
    (first, first_threshold, in_first), (second, second_threshold, in_second) = steady
    picture = Part(name="image", filename="1.png", body=Body("image/png", _png(first)))
    asked = Part(name="threshold", filename="", body=Body("text/plain", str(first_threshold).encode()))
    text = base64.b64encode(_png(second)).decode("ascii")
    masks: list[Any] = []
    return (
        _example("one", _told(detector, in_first), body=form([picture, asked])),
        _example(
            "masks", {**_told(detector, in_second), "masks": masks},
            input={"content": text, "threshold": second_threshold, "masks": True},
        ),
    )  # fmt: skip


def _told(detector: Detector, found: Found) -> dict[str, Any]:
    return {
        "boxes": found.boxes.astype(np.float64).round(2).tolist(),
        "labels": found.labels.tolist(),
        "scores": found.scores.astype(np.float64).round(4).tolist(),
        "names": [detector.names[label] for label in found.labels.tolist()],
    }


def _example(name: str, told: dict[str, Any], **request: Any) -> Golden:
    answer = [[told], "Computed in 1.00 ms"]
    return Golden(name=name, output=answer, tolerance=GOLDEN_TOLERANCE, any_at=("$[1]", "$[0][0].masks"), **request)


def _png(pixels: NDArray[np.uint8]) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def main(argv: list[str] | None = None) -> int:
    return run(
        Path(__file__).parent,
        "Build Mask R-CNN of its weights.",
        settings=Hyperparameters,
        build=build,
        beside=("pictures.py", *(f"maskrcnn/{name}.py" for name in ("detector", "masks", "scaling"))),
        argv=argv,
    )


if __name__ == "__main__":
    sys.exit(main())
