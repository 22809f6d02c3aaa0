"""The network's parts, in the names of torchvision's checkpoint: what has weights, and in which order data goes."""

from __future__ import annotations

from models.torchvision.resnet import Body

BLOCKS = (3, 8, 36, 3)
"""Of the four stages: 152 layers with the first and the last."""
CLASSES = 1000
FULL_WIDTH = 64
SIDE = 224


def body(width: int) -> Body:
    """`width` is of the first stage, FULL_WIDTH in the published network; a narrow one has the same layers."""
    return Body(counts=BLOCKS, width=width)


def features(width: int) -> int:
    """How many numbers the last layer, `fc`, takes."""
    return body(width).outputs(len(BLOCKS) - 1)
