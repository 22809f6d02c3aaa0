"""What a detector found, made few: those above a floor, and of those that lie on one another the best.

It travels in the artifacts of models that find things.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


TOGETHER = 128
"""Of the candidates, compared with one another at once."""


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
    places, classes, found = places[order], classes[order], found[order]
    candidates = boxes[places]
    kept: list[int] = []

    def alike(ones: NDArray[np.int64], others: NDArray[np.int64]) -> NDArray[np.bool_]:
        agree = agreement(candidates[ones, np.newaxis], candidates[others]) > overlap
        same: NDArray[np.bool_] = classes[ones, np.newaxis] == classes[others]
        return agree & same

    for begin in range(0, len(order), TOGETHER):
        some = np.arange(begin, min(begin + TOGETHER, len(order)))
        some = some[~alike(some, np.array(kept, np.int64)).any(axis=1)]
        within, left = alike(some, some), np.ones(len(some), bool)
        for one in range(len(some)):
            if left[one] and len(kept) < most:
                kept.append(int(some[one]))
                left &= ~within[one]
        if len(kept) == most:
            break
    return Detections(candidates[kept], found[kept], classes[kept])


def agreement(ones: NDArray[np.float32], others: NDArray[np.float32]) -> NDArray[np.float32]:
    """IoU of boxes with others, each ... x 4: what two share of what they cover."""
    shared = _area(np.maximum(ones[..., :2], others[..., :2]), np.minimum(ones[..., 2:], others[..., 2:]))
    covered = _area(ones[..., :2], ones[..., 2:]) + _area(others[..., :2], others[..., 2:]) - shared
    ratio: NDArray[np.float32] = shared / np.maximum(covered, 1e-9)
    return ratio


def _area(low: NDArray[np.float32], high: NDArray[np.float32]) -> NDArray[np.float32]:
    sides = (high - low).clip(0)
    area: NDArray[np.float32] = sides[..., 0] * sides[..., 1]
    return area
