"""Pictures with people drawn into them, before photographs; each has a generator of its own, so the order of drawing
changes nothing. Of the two photographs that scikit-learn brings, one is before all that is learned from and the other
before all that is held out: what is measured is measured on a background that was never seen. Plain ground needs no
photograph, and so nothing of the environment that trains.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter

from models.people_detection.figures import Box, colour, distractor, person

Ground = Literal["learned", "held out", "plain"]
PHOTOGRAPHS: dict[Ground, str] = {"learned": "china.jpg", "held out": "flower.jpg"}
SIDE = 416
"""Of a drawn picture, in pixels."""
FINER = 2
"""Drawn at so many times the side and brought back: Pillow draws without soft edges."""
LEAST_HEIGHT, MOST_HEIGHT = 36 / 416, 330 / 416
_NUMBERS = (0, 1, 1, 2, 2, 3, 4, 5)
_HIDDEN, _NARROW = 0.7, 6


@dataclass(frozen=True, slots=True)
class Drawn:
    pixels: NDArray[np.uint8]
    """SIDE x SIDE x 3."""
    boxes: NDArray[np.float32]
    """n x 4: left, top, right, bottom, of 0 to 1."""


def drawn(seed: int, place: int, *, before: Ground) -> Drawn:
    rng = np.random.default_rng([seed, place, get_args(Ground).index(before)])
    whole = SIDE * FINER
    image = (_plain(rng) if before == "plain" else _background(rng, before)).resize((whole, whole))
    draw = ImageDraw.Draw(image)
    for _ in range(int(rng.integers(0, 6))):
        distractor(rng, draw, whole)
    boxes = _people(rng, draw, whole)
    image = image.resize((SIDE, SIDE), Image.Resampling.BOX)
    if rng.random() < 0.3:
        image = image.filter(ImageFilter.GaussianBlur(rng.uniform(0.3, 1.2)))
    noisy = np.asarray(image, np.float32) + rng.normal(0, rng.uniform(0, 9), (SIDE, SIDE, 3))
    return Drawn(noisy.clip(0, 255).astype(np.uint8), _seen(boxes, whole))


def _people(rng: np.random.Generator, draw: ImageDraw.ImageDraw, whole: int) -> list[Box]:
    """The smallest first, as who is larger stands in front."""
    number = int(rng.choice(_NUMBERS))
    heights = sorted(np.exp(rng.uniform(np.log(LEAST_HEIGHT), np.log(MOST_HEIGHT), number)) * whole)
    boxes = []
    for height in heights:
        middle = float(rng.uniform(0.05, 0.95) * whole)
        top = float(rng.uniform(0, max(1, whole - height * 0.9)))
        boxes.append(person(rng, draw, middle, top, float(height)))
    return boxes


def _seen(boxes: list[Box], whole: int) -> NDArray[np.float32]:
    """What is in the picture of them, without those of whom others hide most."""
    within = np.array(boxes, np.float32).reshape(-1, 4).clip(0, whole)
    wide, high = within[:, 2] - within[:, 0], within[:, 3] - within[:, 1]
    kept = [
        place
        for place in range(len(within))
        if min(wide[place], high[place]) > _NARROW * FINER and _hidden(within, place) < _HIDDEN
    ]
    return (within[kept] / whole).astype(np.float32)


def _hidden(boxes: NDArray[np.float32], place: int) -> float:
    """The greatest share of a box that lies under one that was drawn after it."""
    mine, later = boxes[place], boxes[place + 1 :]
    if not len(later):
        return 0.0
    sides = np.minimum(mine[2:], later[:, 2:]) - np.maximum(mine[:2], later[:, :2])
    return float(sides.clip(0).prod(axis=1).max() / max(1e-6, (mine[2:] - mine[:2]).prod()))


def _plain(rng: np.random.Generator) -> Image.Image:
    return Image.new("RGB", (SIDE, SIDE), colour(rng))


def _background(rng: np.random.Generator, before: Ground) -> Image.Image:
    photograph = _photograph(PHOTOGRAPHS[before])
    side = int(rng.uniform(0.25, 0.98) * photograph.height)
    left = int(rng.integers(0, photograph.width - side + 1))
    top = int(rng.integers(0, photograph.height - side + 1))
    image = photograph.crop((left, top, left + side, top + side)).resize((SIDE, SIDE), Image.Resampling.BILINEAR)
    if rng.random() < 0.5:
        image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    if rng.random() < 0.3:
        image = image.rotate(int(rng.integers(1, 4)) * 90)
    if before == "learned" and rng.random() < 0.5:
        image = _other_colours(rng, image)
    image = ImageEnhance.Color(image).enhance(rng.uniform(0.2, 1.6))
    return ImageEnhance.Brightness(image).enhance(rng.uniform(0.5, 1.4))


def _other_colours(rng: np.random.Generator, image: Image.Image) -> Image.Image:
    """One photograph is little to learn backgrounds from: its colours are exchanged, and turned over."""
    pixels = np.asarray(image)[..., rng.permutation(3)]
    return Image.fromarray(np.ascontiguousarray(255 - pixels if rng.random() < 0.3 else pixels))


@cache
def _photograph(name: str) -> Image.Image:
    from sklearn.datasets import load_sample_image

    return Image.fromarray(load_sample_image(name))
