"""How well boxes are found: average precision at a least agreement (IoU), over all classes and pictures.

https://cocodataset.org/#detection-eval, with every point of the curve instead of 101.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.detections import Detections, agreement


@dataclass(frozen=True, slots=True)
class Truth:
    boxes: NDArray[np.float32]
    classes: NDArray[np.int64]


def average_precision(found: Sequence[Detections], true: Sequence[Truth], least: float) -> float:
    """The mean over the classes that there are; 0 where nobody is to be found."""
    kinds = sorted({int(kind) for one in true for kind in one.classes})
    return float(np.mean([_of_class(found, true, kind, least) for kind in kinds])) if kinds else 0.0


def _of_class(found: Sequence[Detections], true: Sequence[Truth], kind: int, least: float) -> float:
    scores: list[float] = []
    hits: list[bool] = []
    number = 0
    for one, truth in zip(found, true, strict=True):
        mine, boxes = one.classes == kind, truth.boxes[truth.classes == kind]
        number += len(boxes)
        scores += one.scores[mine].tolist()
        hits += _hits(one.boxes[mine], boxes, least)
    order = np.argsort(-np.array(scores), kind="stable")
    right = np.cumsum(np.array(hits, bool)[order])
    recall, precision = right / max(1, number), right / np.arange(1, len(right) + 1)
    best = np.maximum.accumulate(precision[::-1])[::-1]
    return float((np.diff(recall, prepend=0) * best).sum())


def _hits(boxes: NDArray[np.float32], true: NDArray[np.float32], least: float) -> list[bool]:
    """Of boxes in the order of their scores: which one finds somebody whom none before it has found."""
    left = np.ones(len(true), bool)
    hits = []
    for box in boxes:
        agrees = np.where(left, agreement(box, true), -1)
        place = int(agrees.argmax()) if len(true) else -1
        hit = place >= 0 and bool(agrees[place] >= least)
        if hit:
            left[place] = False
        hits.append(hit)
    return hits
