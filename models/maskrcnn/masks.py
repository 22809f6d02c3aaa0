"""A small mask brought to its box in the picture, and told as run lengths, as COCO has them.

https://github.com/cocodataset/cocoapi/blob/master/common/maskApi.h: column by column, first how many are outside.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.maskrcnn.scaling import Between, Floats, between, mixed

_INSIDE = 0.5


class Pasted(NamedTuple):
    """What of a picture a mask's box covers, and which of these pixels are inside."""

    left: int
    top: int
    inside: NDArray[np.bool_]


def pasted(mask: Floats, box: Floats, height: int, width: int) -> Pasted:
    """As torchvision's `paste_masks_in_image`: a pixel of nothing around the mask, and the box as much larger."""
    side = len(mask) + 2
    framed = np.zeros((side, side), np.float32)
    framed[1:-1, 1:-1] = mask
    left, top, right, bottom = _larger(box, np.float32(side / len(mask)))
    rows = _part(between(side, max(bottom - top + 1, 1)), top, height)
    columns = _part(between(side, max(right - left + 1, 1)), left, width)
    inside = mixed(mixed(framed, rows, axis=0), columns, axis=1) > _INSIDE
    return Pasted(max(left, 0), max(top, 0), inside)


def run_lengths(pasted: Pasted, height: int, width: int) -> list[int]:
    """Of the whole picture: how many pixels are outside, then inside, outside, ...; they sum to height x width."""
    rows, columns = pasted.inside.shape
    # each column between two pixels that are outside
    framed = np.zeros((columns, rows + 2), np.int8)
    framed[:, 1:-1] = pasted.inside.T
    column, row = np.divmod(np.flatnonzero(np.diff(framed, axis=1)), rows + 1)
    turns = (pasted.left + column) * height + pasted.top + row
    # one that is inside at the bottom goes on at the top of the next column
    goes_on = np.flatnonzero(turns[1:-1:2] == turns[2::2])
    turns = np.delete(turns, [goes_on * 2 + 1, goes_on * 2 + 2])
    counts = np.diff(turns, prepend=0, append=height * width)
    return [int(count) for count in (counts if counts[-1] else counts[:-1])]


def _larger(box: Floats, factor: np.float32) -> tuple[int, int, int, int]:
    half = np.float32(0.5)
    centre, reach = (box[2:] + box[:2]) * half, (box[2:] - box[:2]) * half * factor
    left, top, right, bottom = (int(value) for value in (*(centre - reach), *(centre + reach)))
    return left, top, right, bottom


def _part(along: Between, begin: int, end: int) -> Between:
    """Of a side that begins at `begin`, what is within a picture that ends at `end`."""
    inside = slice(max(-begin, 0), max(end - begin, 0))
    return Between(along.first[inside], along.second[inside], along.share[inside])
