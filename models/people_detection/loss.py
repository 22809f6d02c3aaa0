"""What is wrong with an answer, and in which direction: which place is whose, the loss, and its gradient by hand.

Of a score: how far it is from the box's agreement with the true one, more where it is farther
(https://arxiv.org/abs/2006.04388). Of a box: its agreement with the true one (https://arxiv.org/abs/1902.09630).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.people_detection.layers import Array
from models.people_detection.network import STRIDES, places

SIZES = ((0, 72 / 416), (72 / 416, 176 / 416), (176 / 416, 2.0))
"""Of the longer side of a box, as a share of the picture: which level it is for. They overlap by a fifth."""
NEAR = 1.5
"""Strides from a box's middle within which places are answerable for it."""
OF_SCORES, OF_BOXES = 2.0, 1.5
LEAST_AGREEMENT = 0.05


@dataclass(frozen=True, slots=True)
class Wanted:
    """Of the places of a batch, n x places."""

    classes: NDArray[np.int64]
    """-1 where nobody is."""
    boxes: Array
    """n x places x 4 in pixels; of no meaning where nobody is."""


def wanted(boxes: list[Array], classes: list[NDArray[np.int64]], side: int) -> Wanted:
    """Boxes are of 0 to 1; where a place has several it is for the smallest."""
    of = [_wanted(one, kinds, side) for one, kinds in zip(boxes, classes, strict=True)]
    return Wanted(np.stack([kinds for kinds, _ in of]), np.stack([one for _, one in of]))


def _wanted(boxes: Array, classes: NDArray[np.int64], side: int) -> tuple[NDArray[np.int64], Array]:
    middles, strides = places(side)
    if not len(boxes):
        return np.full(len(middles), -1, np.int64), np.zeros((len(middles), 4), np.float32)
    scaled = boxes * side
    longer = (boxes[:, 2:] - boxes[:, :2]).max(axis=1)
    ranges = np.array([SIZES[STRIDES.index(int(stride))] for stride in strides])
    fits = (longer >= ranges[:, :1] * 0.8) & (longer < ranges[:, 1:] * 1.25)
    off = abs(middles[:, None] - (scaled[:, :2] + scaled[:, 2:]) / 2).max(axis=2)
    inside = (middles[:, None] > scaled[:, :2]).all(axis=2) & (middles[:, None] < scaled[:, 2:]).all(axis=2)
    mine = fits & inside & (off < NEAR * strides[:, None])
    area = np.where(mine, (scaled[:, 2:] - scaled[:, :2]).prod(axis=1), np.inf)
    best = area.argmin(axis=1)
    return np.where(mine.any(axis=1), classes[best], -1), scaled[best]


def boxes_of(raw: Array, side: int) -> Array:
    """In pixels, n x places x 4."""
    middles, strides = places(side)
    distances = np.logaddexp(0, raw) * (2 * strides[:, None])
    return np.concatenate([middles - distances[..., :2], middles + distances[..., 2:]], axis=-1)


def loss(logits: Array, raw: Array, want: Wanted, side: int) -> tuple[float, Array, Array]:
    """The loss, and its gradients by the logits (n x places x classes) and by what the sides are before softplus."""
    here = want.classes >= 0
    number = max(1, int(here.sum()))
    boxes = boxes_of(raw, side)
    agreement, disagreement, by_distance = agreements(boxes[here], want.boxes[here])
    target = np.zeros_like(logits)
    target[(*np.nonzero(here), want.classes[here])] = agreement.clip(LEAST_AGREEMENT)
    of_scores, by_logits = _of_scores(logits, target)
    by_raw = np.zeros_like(raw)
    _, strides = places(side)
    of_strides = np.broadcast_to(strides[:, None], raw.shape[1:])[None].repeat(len(raw), axis=0)
    by_raw[here] = by_distance * _sigmoid(raw[here]) * 2 * of_strides[here] * (OF_BOXES / number)
    total = OF_SCORES * of_scores / number + OF_BOXES * float(disagreement.sum()) / number
    return float(total), (by_logits * (OF_SCORES / number)).astype(np.float32), by_raw


def _of_scores(logits: Array, target: Array) -> tuple[float, Array]:
    """Sum of cross entropy times the square of the distance; the target is held fast."""
    share = _sigmoid(logits)
    away = share - target
    entropy = np.logaddexp(0, logits) - target * logits
    by_logits = away**3 + 2 * away * share * (1 - share) * entropy
    return float((entropy * away**2).sum()), by_logits


def agreements(boxes: Array, true: Array) -> tuple[Array, Array, Array]:
    """IoU; 1 - GIoU; and the latter's gradient by the distances to left, top, right and bottom. n x 4 in pixels."""
    low, high = np.maximum(boxes[:, :2], true[:, :2]), np.minimum(boxes[:, 2:], true[:, 2:])
    both = (high - low).clip(0)
    size, true_size = boxes[:, 2:] - boxes[:, :2], true[:, 2:] - true[:, :2]
    around = np.maximum(boxes[:, 2:], true[:, 2:]) - np.minimum(boxes[:, :2], true[:, :2])
    inter = both.prod(axis=1)
    union = size.prod(axis=1) + true_size.prod(axis=1) - inter + 1e-6
    hull = around.prod(axis=1) + 1e-6
    meets = both.min(axis=1, keepdims=True) > 0
    # by a distance that grows: left and top move to less, right and bottom to more; the other side is its factor
    grows_inter = (
        _other(both) * np.concatenate([boxes[:, :2] > true[:, :2], boxes[:, 2:] < true[:, 2:]], axis=1) * meets
    )
    grows_hull = _other(around) * np.concatenate([boxes[:, :2] < true[:, :2], boxes[:, 2:] > true[:, 2:]], axis=1)
    grows_union = _other(size) - grows_inter
    u, c, i = union[:, None], hull[:, None], inter[:, None]
    by_distance = -(grows_inter / u - i * grows_union / u**2) - (grows_union / c - u * grows_hull / c**2)
    return inter / union, 1 - inter / union + (hull - union) / hull, by_distance.astype(np.float32)


def _other(sizes: Array) -> Array:
    """Width and height -> height, width, height, width."""
    turned = sizes[:, ::-1]
    return np.concatenate([turned, turned], axis=1)


def _sigmoid(logits: Array) -> Array:
    return np.exp(-np.logaddexp(0, -logits)).astype(np.float32)
