"""The detector: three levels of places, each of which says how likely somebody's middle is there, and how far the four
sides of the box are. No anchors. https://arxiv.org/abs/1904.01355

Which layers there are stands in `blocks`; training walks them in numpy, the export in ONNX.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np

from models.people_detection.layers import Array, Weights

STRIDES = (8, 16, 32)
"""In pixels, of the three levels."""
HEAD = ("head0", "head1")
"""Layers that the levels share."""
RARE = -4.0
"""The logit of all places at the beginning: there is nobody in most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    name: str
    side: int
    inputs: int
    outputs: int
    norms: tuple[str, ...]
    """Normalisations after it: none, one, or of a layer that the levels share one each, as their values differ."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Widths:
    """Channels of the stem, of each level, and of what the levels are brought to."""

    stem: int
    levels: tuple[int, int, int]
    head: int


def widths(width: int) -> Widths:
    return Widths(stem=width, levels=(2 * width, 3 * width, 4 * width), head=2 * width)


V = TypeVar("V")


class Builder(Protocol[V]):
    """What a layer is made in: a tape of numpy's values, or an ONNX graph of names."""

    def block(self, given: V, name: str, *, norm: str | None = None, stride: int = 1, beside: V | None = None) -> V: ...

    def convolve(self, given: V, name: str) -> V: ...

    def enlarged(self, given: V, other: V) -> V: ...


def network(builder: Builder[V], image: V) -> list[tuple[V, V]]:
    """Of each level the logits of classes, and the four distances before softplus."""
    made = builder.block(image, "stem", stride=4)
    found: list[V] = []
    for level in range(len(STRIDES)):
        made = builder.block(made, f"down{level}", stride=2)
        for place in range(_depth(level)):
            inner = builder.block(made, f"narrow{level}.{place}")
            made = builder.block(inner, f"wide{level}.{place}", beside=made)
        found.append(made)
    levels = _joined(builder, found)
    answers = []
    for level, one in enumerate(levels):
        seen = builder.block(one, f"even{level}")
        for name in HEAD:
            seen = builder.block(seen, name, norm=f"{name}.{level}")
        answers.append((builder.convolve(seen, "classes"), builder.convolve(seen, "sides")))
    return answers


def _joined(builder: Builder[V], found: list[V]) -> list[V]:
    """What the coarse levels know is given to the fine ones. https://arxiv.org/abs/1612.03144"""
    above = builder.convolve(found[-1], f"across{len(found) - 1}")
    levels = [above]
    for level in reversed(range(len(found) - 1)):
        above = builder.enlarged(above, builder.convolve(found[level], f"across{level}"))
        levels.insert(0, above)
    return levels


def layers(width: int, classes: int) -> Iterator[Layer]:
    of = widths(width)
    yield _normalised("stem", 4, 3, of.stem)
    before = of.stem
    for level, wide in enumerate(of.levels):
        yield _normalised(f"down{level}", 3, before, wide)
        for place in range(_depth(level)):
            yield _normalised(f"narrow{level}.{place}", 1, wide, wide // 2)
            yield _normalised(f"wide{level}.{place}", 3, wide // 2, wide)
        yield Layer(name=f"across{level}", side=1, inputs=wide, outputs=of.head, norms=())
        yield _normalised(f"even{level}", 1, of.head, of.head)
        before = wide
    for name in HEAD:
        norms = tuple(f"{name}.{level}" for level in range(len(STRIDES)))
        yield Layer(name=name, side=3, inputs=of.head, outputs=of.head, norms=norms)
    yield Layer(name="classes", side=1, inputs=of.head, outputs=classes, norms=())
    yield Layer(name="sides", side=1, inputs=of.head, outputs=4, norms=())


def _normalised(name: str, side: int, inputs: int, outputs: int) -> Layer:
    return Layer(name=name, side=side, inputs=inputs, outputs=outputs, norms=(name,))


def initial(width: int, classes: int, rng: np.random.Generator) -> Weights:
    weights: Weights = {}
    for layer in layers(width, classes):
        fan = layer.side**2 * layer.inputs
        shape = (layer.side, layer.side, layer.inputs, layer.outputs)
        weights[f"{layer.name}.kernel"] = _drawn(rng, shape, np.sqrt((2 if layer.norms else 1) / fan))
        if not layer.norms:
            weights[f"{layer.name}.bias"] = np.zeros(layer.outputs, np.float32)
        for norm in layer.norms:
            for part, value in (("scale", 1), ("shift", 0), ("mean", 0), ("variance", 1)):
                weights[f"{norm}.{part}"] = np.full(layer.outputs, value, np.float32)
    weights["classes.bias"] += np.float32(RARE)
    weights["classes.kernel"] *= np.float32(0.1)
    weights["sides.bias"] += np.float32(0.7)
    return weights


def places(side: int) -> tuple[Array, Array]:
    """Of a picture of `side` pixels the middle of each place, n x 2, and its stride, n, in the order of the answers."""
    middles, strides = [], []
    for stride in STRIDES:
        y, x = np.mgrid[0 : side // stride, 0 : side // stride].astype(np.float32)
        middles.append(np.stack([x.ravel(), y.ravel()], axis=1) * stride + stride / 2)
        strides.append(np.full(len(middles[-1]), stride, np.float32))
    return np.concatenate(middles).astype(np.float32), np.concatenate(strides)


def _depth(level: int) -> int:
    return 1 if level == 0 else 2


def _drawn(rng: np.random.Generator, shape: tuple[int, ...], deviation: float) -> Array:
    return (rng.standard_normal(shape) * deviation).astype(np.float32)
