"""Entry script of Mask R-CNN, in Azure ML's convention: `init()` once, `run()` per request.

Pictures come as the parts of a form, as a body of their own, or as base64 in JSON; the answer tells of each, in their
order, what is in it, and then the time:
`[[{"boxes": [[x1, y1, x2, y2], ...], "labels": [1, ...], "scores": [0.9999, ...], "names": ["person", ...]}],
"Computed in 2391.61 ms"]`, boxes in pixels of the sent picture. `threshold` and `masks` are options of a request.
"""

from __future__ import annotations

import os
from pathlib import Path
from time import perf_counter
from typing import Annotated

import numpy as np
from msgspec import UNSET, Meta, Struct, UnsetType, ValidationError

from models.maskrcnn.detector import Detector, Found, TooNarrow
from models.pictures import opened

SLOW = True


class Picture(Struct):
    content: Annotated[bytes, Meta(min_length=1)]
    threshold: Annotated[float, Meta(ge=0, le=1)] | None = None
    """A score that detections are above; if not given, the hyperparameter."""
    masks: bool = False
    """Tell their outlines, too."""


class Mask(Struct):
    size: tuple[int, int]
    """Height and width of the picture."""
    counts: list[int]
    """COCO's run lengths, not compressed: column by column, first how many pixels are outside."""


class Things(Struct):
    boxes: list[list[float]]
    labels: list[int]
    scores: list[float]
    names: list[str]
    masks: list[Mask] | UnsetType = UNSET


_detector: Detector


def init() -> None:
    global _detector
    folder = Path(os.environ.get("AZUREML_MODEL_DIR") or Path(__file__).parent)
    _detector = Detector(folder / "model.onnx", int(os.environ.get("OMP_NUM_THREADS") or 1))


def run(request: Picture | list[Picture]) -> list[list[Things] | str]:
    """A ValidationError is answered as a 400 that names the place."""
    began = perf_counter()
    if isinstance(request, list):
        found = [_seen(one, f"$[{place}].content") for place, one in enumerate(request)]
    else:
        found = [_seen(request, "$.content")]
    return [found, f"Computed in {(perf_counter() - began) * 1e3:.2f} ms"]


def _seen(picture: Picture, where: str) -> Things:
    pixels = np.asarray(opened(picture.content, where=where))
    threshold = _detector.threshold if picture.threshold is None else picture.threshold
    try:
        return _told(_detector.look(pixels, threshold=threshold, outlines=picture.masks))
    except TooNarrow as error:
        raise ValidationError(f"{error} - at `{where}`") from None


def _told(found: Found) -> Things:
    masks: list[Mask] | UnsetType = UNSET
    if found.outlines is not None:
        size = found.outlines.height, found.outlines.width
        masks = [Mask(size, counts) for counts in found.outlines.counts]
    return Things(
        boxes=found.boxes.astype(np.float64).round(2).tolist(),
        labels=found.labels.tolist(),
        scores=found.scores.astype(np.float64).round(4).tolist(),
        names=[_detector.names[label] for label in found.labels.tolist()],
        masks=masks,
    )
