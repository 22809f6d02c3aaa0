"""The layers that residual networks share, in the names of torchvision's checkpoints: which have weights, and of what
shape.

https://arxiv.org/abs/1512.03385, with the stride in the 3 x 3 convolution, as torchvision has it:
https://pytorch.org/vision/stable/models/resnet.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.torchvision.checkpoint import Weights

EXPANSION = 4
# so that 50 sums leave numbers of a size
_RESIDUAL_GAIN = 0.2
_NORM = ("weight", "bias", "running_mean", "running_var")


@dataclass(frozen=True, slots=True, kw_only=True)
class Convolution:
    """With the normalisation after it, or with a bias."""

    name: str
    norm: str | None = None
    inputs: int
    outputs: int
    kernel: int
    stride: int = 1
    residual: bool = False
    """The last of a block: its output is added to what went in."""

    @property
    def padding(self) -> int:
        return self.kernel // 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    main: tuple[Convolution, Convolution, Convolution]
    shortcut: Convolution | None
    """None: the input itself."""

    @property
    def convolutions(self) -> tuple[Convolution, ...]:
        return self.main if self.shortcut is None else (*self.main, self.shortcut)


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """All before the last layer."""

    counts: Sequence[int]
    """Of the blocks of each stage."""
    width: int
    """Of the first stage, 64 in the published networks; a narrow one has the same layers."""
    prefix: str = ""
    """Of the layers' names."""

    @property
    def stem(self) -> Convolution:
        return Convolution(
            name=f"{self.prefix}conv1", norm=f"{self.prefix}bn1", inputs=3, outputs=self.width, kernel=7, stride=2
        )

    def stage(self, number: int) -> Iterator[Block]:
        inner = self.width << number
        inputs = self.width if number == 0 else self.outputs(number - 1)
        for place in range(self.counts[number]):
            stride = 2 if number and not place else 1
            yield _block(f"{self.prefix}layer{number + 1}.{place}", inputs, inner, stride)
            inputs = inner * EXPANSION

    def outputs(self, number: int) -> int:
        """Channels after a stage."""
        return (self.width << number) * EXPANSION

    @property
    def convolutions(self) -> Iterator[Convolution]:
        yield self.stem
        for number in range(len(self.counts)):
            for block in self.stage(number):
                yield from block.convolutions


def shapes(convolutions: Iterable[Convolution]) -> dict[str, tuple[int, ...]]:
    """Of their weights, by name."""
    found: dict[str, tuple[int, ...]] = {}
    for one in convolutions:
        found[f"{one.name}.weight"] = (one.outputs, one.inputs, one.kernel, one.kernel)
        parts = [f"{one.name}.bias"] if one.norm is None else [f"{one.norm}.{part}" for part in _NORM]
        found |= dict.fromkeys(parts, (one.outputs,))
    return found


def drawn(
    shapes: Mapping[str, tuple[int, ...]], convolutions: Iterable[Convolution], rng: np.random.Generator
) -> dict[str, NDArray[np.float32]]:
    """Weights of no use but that they are the same everywhere: for trying everything but the answers."""
    weights: dict[str, NDArray[np.float32]] = {}
    for name, shape in shapes.items():
        if name.endswith((".running_mean", ".bias")):
            weights[name] = np.zeros(shape, np.float32)
        elif len(shape) == 1:
            weights[name] = np.ones(shape, np.float32)
        else:
            fan_in = int(np.prod(shape[1:]))
            weights[name] = (rng.standard_normal(shape) * np.sqrt(2 / fan_in)).astype(np.float32)
    for one in convolutions:
        if one.residual:
            weights[f"{one.norm}.weight"] *= np.float32(_RESIDUAL_GAIN)
    return weights


def scale_and_shift(
    one: Convolution, weights: Weights, epsilon: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What its normalisation does to each channel; of one with a bias, that."""
    if one.norm is None:
        return np.ones(one.outputs), weights[f"{one.name}.bias"].astype(np.float64)
    scale, shift, mean, variance = (weights[f"{one.norm}.{part}"].astype(np.float64) for part in _NORM)
    factor = scale / np.sqrt(variance + epsilon)
    return factor, shift - mean * factor


def _block(name: str, inputs: int, inner: int, stride: int) -> Block:
    outputs = inner * EXPANSION

    def part(number: int, given: int, made: int, kernel: int, step: int = 1, *, residual: bool = False) -> Convolution:
        return Convolution(
            name=f"{name}.conv{number}", norm=f"{name}.bn{number}", inputs=given, outputs=made, kernel=kernel,
            stride=step, residual=residual,
        )  # fmt: skip

    shortcut = None
    if stride != 1 or inputs != outputs:
        shortcut = Convolution(
            name=f"{name}.downsample.0", norm=f"{name}.downsample.1", inputs=inputs, outputs=outputs, kernel=1,
            stride=stride,
        )  # fmt: skip
    main = part(1, inputs, inner, 1), part(2, inner, inner, 3, stride), part(3, inner, outputs, 1, residual=True)
    return Block(main=main, shortcut=shortcut)
