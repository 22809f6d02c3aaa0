"""What is wrong with an answer: which place is whose, and the loss in Keras.

Of a score: how far it is from the box's agreement with the true one, more where it is farther
(https://arxiv.org/abs/2006.04388). Of a box: its agreement with the true one (https://arxiv.org/abs/1902.09630).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.people_detection.network import STRIDES, Array, places

SIZES = ((0, 72 / 416), (72 / 416, 176 / 416), (176 / 416, 2.0))
"""Of the longer side of a box, as a share of the picture: which level it is for. They overlap by a fifth."""
NEAR = 1.5
"""Strides from a box's middle within which places are answerable for it."""
OF_SCORES, OF_BOXES = 2.0, 1.5
LEAST_AGREEMENT = 0.05
NOBODY = -1
_TINY = 1e-6


def wanted(boxes: Array, classes: NDArray[np.int64], side: int) -> Array:
    """Of each place of a picture whose it is: places x 5, the class (or NOBODY) and the box in pixels. Where a place
    has several it is for the smallest. `boxes` are of 0 to 1."""
    middles, strides = places(side)
    if not len(boxes):
        return np.pad(np.full((len(middles), 1), NOBODY, np.float32), ((0, 0), (0, 4)))
    scaled = boxes * side
    longer = (boxes[:, 2:] - boxes[:, :2]).max(axis=1)
    ranges = np.array([SIZES[STRIDES.index(int(stride))] for stride in strides])
    fits = (longer >= ranges[:, :1] * 0.8) & (longer < ranges[:, 1:] * 1.25)
    off = abs(middles[:, None] - (scaled[:, :2] + scaled[:, 2:]) / 2).max(axis=2)
    inside = (middles[:, None] > scaled[:, :2]).all(axis=2) & (middles[:, None] < scaled[:, 2:]).all(axis=2)
    mine = fits & inside & (off < NEAR * strides[:, None])
    area = np.where(mine, (scaled[:, 2:] - scaled[:, :2]).prod(axis=1), np.inf)
    best = area.argmin(axis=1)
    kind = np.where(mine.any(axis=1), classes[best], NOBODY)
    return np.concatenate([kind[:, None], scaled[best]], axis=1).astype(np.float32)


def boxes_of(raw: Any, side: int) -> Any:
    """In pixels, n x places x 4."""
    from keras import ops

    middles, strides = places(side)
    distances = ops.softplus(raw) * (2 * strides[:, None])
    return ops.concatenate([middles - distances[..., :2], middles + distances[..., 2:]], axis=-1)


def loss(side: int, classes: int) -> Callable[[Any, Any], Any]:
    """Of what is wanted (n x places x 5) and said (n x places x classes and four sides)."""
    from keras import ops

    def of(want: Any, said: Any) -> Any:
        kinds, logits = ops.cast(want[..., 0], "int32"), said[..., :classes]
        here = ops.cast(kinds != NOBODY, "float32")
        agreement, apart = agreements(boxes_of(said[..., classes:], side), want[..., 1:])
        target = ops.stop_gradient(ops.maximum(agreement, LEAST_AGREEMENT))[..., None] * ops.one_hot(kinds, classes)
        entropy = ops.softplus(logits) - target * logits
        of_scores = ops.sum(entropy * ops.square(ops.sigmoid(logits) - target))
        return (OF_SCORES * of_scores + OF_BOXES * ops.sum(apart * here)) / ops.maximum(ops.sum(here), 1.0)

    return of


def agreements(boxes: Any, true: Any) -> tuple[Any, Any]:
    """IoU and 1 - GIoU of pairs of boxes, ... x 4."""
    from keras import ops

    low, high = ops.maximum(boxes[..., :2], true[..., :2]), ops.minimum(boxes[..., 2:], true[..., 2:])
    inter = ops.prod(ops.relu(high - low), axis=-1)
    union = _area(boxes) + _area(true) - inter + _TINY
    outer = ops.maximum(boxes[..., 2:], true[..., 2:]) - ops.minimum(boxes[..., :2], true[..., :2])
    hull = ops.prod(outer, axis=-1) + _TINY
    return inter / union, 1 - inter / union + (hull - union) / hull


def _area(boxes: Any) -> Any:
    sides = boxes[..., 2:] - boxes[..., :2]
    return sides[..., 0] * sides[..., 1]
