"""Scaling, pasting and run lengths, each against its definition, written out slowly."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from models.maskrcnn.masks import Pasted, pasted, run_lengths
from models.maskrcnn.scaling import scaled


def slowly(lines: NDArray[np.float64], made: int) -> NDArray[np.float64]:
    """Along the first axis: between the middles of the two nearest, the ends going on."""
    count, result = len(lines), []
    for place in range(made):
        at = min(max((place + 0.5) * count / made - 0.5, 0), count - 1)
        low = int(at)
        result.append(lines[low] * (1 - (at - low)) + lines[min(low + 1, count - 1)] * (at - low))
    return np.array(result)


@pytest.mark.parametrize("size", [(7, 5), (14, 9), (3, 11), (31, 2), (1, 1)])
def test_a_picture_is_scaled_between_the_middles_of_its_pixels(size: tuple[int, int]) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (7, 5, 3), dtype=np.uint8)
    rows = slowly(pixels.astype(np.float64), size[0])
    expected = slowly(rows.transpose(1, 0, 2), size[1]).transpose(1, 0, 2)
    made = scaled(pixels, *size)
    assert made.dtype == np.float32
    assert np.allclose(made, expected, atol=1e-3)


def whole(part: Pasted, height: int, width: int) -> NDArray[np.bool_]:
    made = np.zeros((height, width), np.bool_)
    rows, columns = part.inside.shape
    made[part.top : part.top + rows, part.left : part.left + columns] = part.inside
    return made


def painted(counts: list[int], height: int, width: int) -> NDArray[np.bool_]:
    inside = np.arange(len(counts)) % 2 == 1
    return np.repeat(inside, counts).reshape((height, width), order="F")


@pytest.mark.parametrize(
    "box",
    [
        (3.2, 4.1, 20.7, 15.5),
        (0, 0, 40, 30),
        (35.5, 0, 40, 12),
        (10, 10, 10.4, 10.4),
        (0, 25.5, 8, 30),
        (0, 0, 1, 30),
    ],
)
def test_a_mask_lies_in_its_box_and_its_run_lengths_tell_each_pixel(box: tuple[float, ...]) -> None:
    rng = np.random.default_rng(1)
    mask = rng.random((28, 28)).astype(np.float32)
    part = pasted(mask, np.array(box, np.float32), 30, 40)
    made = whole(part, 30, 40)
    rows, columns = np.nonzero(made)
    assert columns.size == 0 or (columns.min() >= box[0] - 2 and columns.max() <= box[2] + 2)
    assert rows.size == 0 or (rows.min() >= box[1] - 2 and rows.max() <= box[3] + 2)
    counts = run_lengths(part, 30, 40)
    assert sum(counts) == 30 * 40
    assert all(count > 0 for count in counts[1:])
    assert (painted(counts, 30, 40) == made).all()


def test_a_full_mask_covers_its_box_and_half_of_the_pixel_around_it() -> None:
    part = pasted(np.ones((28, 28), np.float32), np.array([10, 10, 38, 38], np.float32), 60, 60)
    expected = np.zeros((60, 60), np.bool_)
    expected[10:38, 10:38] = True
    found = whole(part, 60, 60)
    # the box of 28 is scaled to 31 pixels for 30: what is inside of 0.5 ends within a pixel of it
    assert np.abs(found.sum(axis=0).max() - 28) <= 1
    assert (found & ~expected).sum() <= 2 * 29


@pytest.mark.parametrize(
    ("inside", "counts"),
    [
        ([[0, 0], [0, 0]], [4]),
        ([[1, 0], [0, 0]], [0, 1, 3]),
        ([[0, 1], [1, 0]], [1, 2, 1]),
        ([[1, 1], [1, 1]], [0, 4]),
        ([[0, 0], [0, 1]], [3, 1]),
    ],
)
def test_run_lengths_go_down_each_column_and_begin_with_what_is_outside(
    inside: list[list[int]], counts: list[int]
) -> None:
    assert run_lengths(Pasted(0, 0, np.array(inside, np.bool_)), 2, 2) == counts
