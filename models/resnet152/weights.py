"""The weights: of the published checkpoint, or of a seed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.resnet152.network import CLASSES, body, features
from models.torchvision import checkpoint, resnet
from models.torchvision.checkpoint import Weights

EPSILON = 1e-5
"""Of torch's BatchNorm2d."""


def checked(tensors: Mapping[str, NDArray[Any]], width: int, *, where: str) -> Weights:
    """Raises DataError with the first that is not of the network."""
    return checkpoint.checked(tensors, _shapes(width), where=where, network=f"the network of width {width}")


def seeded(width: int, seed: int) -> Weights:
    return resnet.drawn(_shapes(width), body(width).convolutions, np.random.default_rng(seed))


def _shapes(width: int) -> dict[str, tuple[int, ...]]:
    return {
        **resnet.shapes(body(width).convolutions),
        "fc.weight": (CLASSES, features(width)),
        "fc.bias": (CLASSES,),
    }
