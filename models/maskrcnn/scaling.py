"""A picture scaled as torch does it: bilinear between the middles of pixels, without smoothing where it shrinks.

`interpolate` with `align_corners=False`. Pillow smooths, and rounds to whole numbers: boxes would differ.
https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.interpolate.html
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


class Between(NamedTuple):
    """For each place of the result the two that it lies between, and the share of the second."""

    first: NDArray[np.intp]
    second: NDArray[np.intp]
    share: Floats


def between(count: int, made: int) -> Between:
    """For `made` places made of `count`."""
    scale = np.float32(count / made)
    at = np.maximum((np.arange(made, dtype=np.float32) + np.float32(0.5)) * scale - np.float32(0.5), 0)
    first = at.astype(np.intp)
    return Between(first, np.minimum(first + 1, count - 1), at - first.astype(np.float32))


def scaled(pixels: NDArray[np.uint8] | Floats, height: int, width: int) -> Floats:
    """Height x width x 3, from 0 to 255."""
    # of bytes first: of a large picture only the columns that are needed become floats
    made = mixed(pixels, between(pixels.shape[1], width), axis=1)
    return mixed(made, between(pixels.shape[0], height), axis=0)


def mixed(given: NDArray[np.uint8] | Floats, along: Between, *, axis: int) -> Floats:
    made: Floats = np.take(given, along.second, axis=axis).astype(np.float32, copy=False)
    first = np.take(given, along.first, axis=axis).astype(np.float32, copy=False)
    made -= first
    made *= np.expand_dims(along.share, [place for place in range(given.ndim) if place != axis])
    made += first
    return made
