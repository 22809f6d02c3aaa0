"""What a detector found, made few: those above a floor, and of those that lie on one another the best.

It travels in the artifacts of models that find things.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Detections:
    """The best first."""

    boxes: NDArray[np.float32]
    """n x 4: left, top, right, bottom, of 0 to 1."""
    scores: NDArray[np.float32]
    classes: NDArray[np.int64]


def best(
    boxes: NDArray[np.float32], scores: NDArray[np.float32], *, floor: float, overlap: float, most: int
) -> Detections:
    """Of places, n x 4 and n x classes: scores of at least `floor`, at most `most`, of which no two of one class
    agree by more than `overlap` (IoU)."""
    places, classes = np.nonzero(scores >= floor)
    found = scores[places, classes]
    order = np.argsort(-found, kind="stable")
    kept: list[int] = []
    places, classes, found = places[order], classes[order], found[order]
    left = np.arange(len(order))
    while len(left) and len(kept) < most:
        first, left = left[0], left[1:]
        kept.append(int(first))
        alike = agreement(boxes[places[first]], boxes[places[left]]) > overlap
        left = left[~(alike & (classes[left] == classes[first]))]
    return Detections(boxes[places[kept]], found[kept], classes[kept])


def agreement(box: NDArray[np.float32], others: NDArray[np.float32]) -> NDArray[np.float32]:
    """IoU of one box with each of others: what they share of what they cover."""
    shared = (np.minimum(box[2:], others[:, 2:]) - np.maximum(box[:2], others[:, :2])).clip(0).prod(axis=1)
    covered = (box[2:] - box[:2]).prod() + (others[:, 2:] - others[:, :2]).prod(axis=1) - shared
    ratio: NDArray[np.float32] = shared / np.maximum(covered, 1e-9)
    return ratio
