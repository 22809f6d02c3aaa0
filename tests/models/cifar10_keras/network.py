"""Random weights of the network."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from models.cifar10_keras.data import drawn
from models.cifar10_keras.model import PICTURE
from models.keras_network import Layer, export, logits_of


def random_layers(seed: int = 0) -> list[Layer]:
    rng = np.random.default_rng(seed)

    def weighted(kind: str, *shape: int, relu: bool = True) -> Layer:
        scale = (2 / np.prod(shape[:-1])) ** 0.5
        kernel = rng.normal(0, scale, shape).astype(np.float32)
        bias = rng.normal(0, 0.1, shape[-1]).astype(np.float32)
        if kind == "dense":
            return Layer(kind="dense", kernel=kernel, bias=bias, relu=relu)
        return Layer(kind="convolution", kernel=kernel, bias=bias, relu=relu, same=True)

    pool = Layer(kind="pool")
    return [
        *(weighted("convolution", 3, 3, 3, 50), weighted("convolution", 3, 3, 50, 50), pool),
        *(weighted("convolution", 3, 3, 50, 100), weighted("convolution", 3, 3, 100, 100), pool),
        *(Layer(kind="flatten"), weighted("dense", 6400, 512), weighted("dense", 512, 10, relu=False)),
    ]


def balanced_layers() -> list[Layer]:
    """The same, with a last bias by which drawn pictures fall into several classes."""
    *others, last = random_layers()
    assert last.bias is not None
    logits = logits_of(export([*others, last], PICTURE), drawn(rows=200).images)
    return [*others, replace(last, bias=last.bias - logits.mean(axis=0))]
