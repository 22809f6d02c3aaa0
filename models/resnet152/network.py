"""The network's parts, in the names of torchvision's checkpoint: what has weights, and in which order data goes.

https://arxiv.org/abs/1512.03385, with the stride in the 3 x 3 convolution, as torchvision has it:
https://pytorch.org/vision/stable/models/resnet.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

BLOCKS = (3, 8, 36, 3)
"""Of the four stages: 152 layers with the first and the last."""
EXPANSION = 4
CLASSES = 1000
FULL_WIDTH = 64
SIDE = 224


@dataclass(frozen=True, slots=True, kw_only=True)
class Convolution:
    """Without bias, and the normalisation after it."""

    name: str
    norm: str
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


def stem(width: int) -> Convolution:
    return Convolution(name="conv1", norm="bn1", inputs=3, outputs=width, kernel=7, stride=2)


def blocks(width: int) -> Iterator[Block]:
    """`width` is of the first stage, FULL_WIDTH in the published network; a narrow one has the same layers."""
    inputs = width
    for stage, count in enumerate(BLOCKS):
        inner = width << stage
        for place in range(count):
            stride = 2 if stage and not place else 1
            yield _block(f"layer{stage + 1}.{place}", inputs, inner, stride)
            inputs = inner * EXPANSION


def convolutions(width: int) -> Iterator[Convolution]:
    yield stem(width)
    for block in blocks(width):
        yield from block.convolutions


def features(width: int) -> int:
    """How many numbers the last layer, `fc`, takes."""
    return (width << len(BLOCKS) - 1) * EXPANSION


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
