"""Hyperparameters, the model made of weights, and pictures to try it by."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
from msgspec import Meta
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from models.maskrcnn.graph import export
from models.maskrcnn.network import CLASSES, FULL_WIDTH
from models.torchvision.checkpoint import Weights
from models.training import ModelError

NOTHING = "N/A"
"""The name of numbers that COCO gives to nothing."""
THINGS = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Hyperparameters:
    seed: Annotated[int, Meta(ge=0, le=4294967295)] = 0
    """Of the drawn pictures that are the golden examples."""
    width: Annotated[int, Meta(ge=1, le=64)] = FULL_WIDTH
    """Of the first stage; 64 is the published network, a narrow one is for trying everything but the answers."""
    min_size: Annotated[int, Meta(ge=64, le=2048, extra={"at_most": "max_size"})] = 800
    """Pixels to which a picture's shorter side is scaled: half of it takes about half of the time."""
    max_size: Annotated[int, Meta(ge=64, le=4096)] = 1333
    """What the longer side is scaled to at the most."""
    threshold: Annotated[float, Meta(ge=0, le=1)] = 0.05
    """A score that detections are above, where a request says none."""
    most: Annotated[int, Meta(ge=1, le=1000)] = 100
    """Detections in a picture."""


def labels() -> list[str]:
    """A name for each number of COCO."""
    found = ["__background__", *[NOTHING] * (CLASSES - 1)]
    for line in Path(__file__).with_name("labels.jsonl").read_text(encoding="utf-8").splitlines():
        number, name = json.loads(line)
        found[number] = str(name)
    if (named := CLASSES - 1 - found.count(NOTHING)) != THINGS:
        raise ModelError(f"labels.jsonl names {named} things, COCO has {THINGS}")
    return found


def exported(weights: Weights, hyperparameters: Hyperparameters) -> bytes:
    metadata = {
        "labels": labels(),
        "threshold": hyperparameters.threshold,
        "minSize": hyperparameters.min_size,
        "maxSize": hyperparameters.max_size,
    }
    return export(weights, hyperparameters.width, most=hyperparameters.most, metadata=metadata)


def drawn(seed: int, count: int, size: tuple[int, int] = (96, 64)) -> list[NDArray[np.uint8]]:
    """Pictures of coloured plates, height x width x 3: no thing of COCO's, but each another."""
    rng = np.random.default_rng(seed)
    return [_drawn(rng, size) for _ in range(count)]


def _drawn(rng: np.random.Generator, size: tuple[int, int]) -> NDArray[np.uint8]:
    image = Image.new("RGB", size, _colour(rng))
    pen = ImageDraw.Draw(image)
    for draw in (pen.rectangle, pen.ellipse) * 3:
        ends = np.sort(rng.integers(0, size, (2, 2)), axis=0)
        draw([int(end) for end in ends.ravel()], fill=_colour(rng))
    return np.asarray(image)


def _colour(rng: np.random.Generator) -> tuple[int, int, int]:
    red, green, blue = rng.integers(0, 256, 3)
    return int(red), int(green), int(blue)
