"""The detector: three levels of places, each of which says how likely somebody's middle is there, and how far the four
sides of the box are. No anchors. https://arxiv.org/abs/1904.01355

Which layers there are stands in `network`; training walks it in Keras, the export in ONNX.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
Weights = Mapping[str, Array]
"""What is learned, by name: of a convolution `<name>.kernel` (side, side, inputs, outputs) and, where no normalisation
comes after it, `.bias`; of a normalisation `.scale`, `.shift`, `.mean` and `.variance`."""
EPSILON = 1e-5
"""Added to a variance."""
STRIDES = (8, 16, 32)
"""In pixels, of the three levels."""
HEAD = ("head0", "head1")
"""Layers that the levels share."""
V = TypeVar("V")


class Builder(Protocol[V]):
    """What a layer is made in: Keras' values, or an ONNX graph of names. All is as wide and high after a layer as
    before, or less by its stride."""

    def block(
        self,
        given: V,
        name: str,
        channels: int,
        *,
        side: int = 3,
        stride: int = 1,
        norm: str | None = None,
        beside: V | None = None,
    ) -> V:
        """Convolution, normalisation (of its own name where a convolution has several), no less than zero; then
        `beside` is added."""
        ...

    def convolve(self, given: V, name: str, channels: int) -> V:
        """Of single places, with a bias and nothing after it."""
        ...

    def enlarged(self, given: V, other: V) -> V:
        """Each place of `given` four times, added to `other`, which is twice as high and wide."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Widths:
    """Channels of the stem, of each level, and of what the levels are brought to."""

    stem: int
    levels: tuple[int, int, int]
    head: int


def widths(width: int) -> Widths:
    return Widths(stem=width, levels=(2 * width, 3 * width, 4 * width), head=2 * width)


def network(builder: Builder[V], image: V, width: int, classes: int) -> list[tuple[V, V]]:
    """Of each level the logits of classes, and the four distances before softplus."""
    of = widths(width)
    made = builder.block(image, "stem", of.stem, side=4, stride=4)
    found: list[V] = []
    for level, channels in enumerate(of.levels):
        made = builder.block(made, f"down{level}", channels, stride=2)
        for place in range(1 if level == 0 else 2):
            inner = builder.block(made, f"narrow{level}.{place}", channels // 2, side=1)
            made = builder.block(inner, f"wide{level}.{place}", channels, beside=made)
        found.append(made)
    answers = []
    for level, one in enumerate(_joined(builder, found, of.head)):
        seen = builder.block(one, f"even{level}", of.head, side=1)
        for name in HEAD:
            # the levels share what is looked for; its values differ, and so each has its own normalisation
            seen = builder.block(seen, name, of.head, norm=f"{name}.{level}")
        answers.append((builder.convolve(seen, "classes", classes), builder.convolve(seen, "sides", 4)))
    return answers


def _joined(builder: Builder[V], found: list[V], channels: int) -> list[V]:
    """What the coarse levels know is given to the fine ones. https://arxiv.org/abs/1612.03144"""
    above = builder.convolve(found[-1], f"across{len(found) - 1}", channels)
    levels = [above]
    for level in reversed(range(len(found) - 1)):
        above = builder.enlarged(above, builder.convolve(found[level], f"across{level}", channels))
        levels.insert(0, above)
    return levels


def places(side: int) -> tuple[Array, Array]:
    """Of a picture of `side` pixels the middle of each place, n x 2, and its stride, n, in the order of the answers."""
    middles, strides = [], []
    for stride in STRIDES:
        y, x = np.mgrid[0 : side // stride, 0 : side // stride].astype(np.float32)
        middles.append(np.stack([x.ravel(), y.ravel()], axis=1) * stride + stride / 2)
        strides.append(np.full(len(middles[-1]), stride, np.float32))
    return np.concatenate(middles).astype(np.float32), np.concatenate(strides)
