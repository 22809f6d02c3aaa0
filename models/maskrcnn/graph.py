"""The network as ONNX: from a scaled picture to boxes, labels, scores and small masks.

In: `image`, float, height x width x 3 of any size, from 0 to 255; `threshold`, a score that a detection must be above;
`outlined`, of how many of them a mask is made: ONNX Runtime makes what nobody asks for, too, and masks are a third of
the work. Out: `boxes`, k x 4 in pixels of `image`, `labels`, `scores`, falling, and `masks`, outlined x 28 x 28.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from models.maskrcnn.network import STAGES, Network
from models.maskrcnn.proposals import proposals
from models.maskrcnn.regions import detections, masks
from models.maskrcnn.weights import EPSILON
from models.torchvision.checkpoint import Weights
from models.torchvision.onnx_graph import FLOAT, INT64, Graph

IMAGE, THRESHOLD, OUTLINED = "image", "threshold", "outlined"
BOXES, LABELS, SCORES, MASKS = "boxes", "labels", "scores", "masks"
_DIVISIBLE = 32
"""Both sides are padded to a multiple: the last stage of the body is 1/32."""


def export(weights: Weights, width: int, *, most: int, metadata: Mapping[str, Any]) -> bytes:
    """`most` detections are told; `metadata` goes into the model as JSON texts, for the entry script."""
    network, graph = Network(width=width), Graph(weights, epsilon=EPSILON)
    size = graph.add("Shape", [IMAGE], "size", end=2)
    pixels = _pixels(graph, size)
    levels = _pyramid(graph, network, pixels)
    limits = _limits(graph, size)
    rois = proposals(graph, network, levels, graph.add("Shape", [pixels], "padded", start=2), limits)
    boxes, labels, scores = detections(graph, network, levels, rois, limits, THRESHOLD, most)
    begin, axis = (graph.constant(name, [0], np.int64) for name in ("first.outlined", "axis.outlined"))
    few = [graph.add("Slice", [of, begin, OUTLINED, axis], f"{of}.outlined") for of in (boxes, labels)]
    made = (boxes, labels, scores, masks(graph, network, levels, few[0], few[1]))
    for given, told in zip(made, (BOXES, LABELS, SCORES, MASKS), strict=True):
        graph.add("Identity", [given], told)
    return graph.model(
        "maskrcnn",
        {IMAGE: (FLOAT, ["height", "width", 3]), THRESHOLD: (FLOAT, [1]), OUTLINED: (INT64, [1])},
        {
            BOXES: (FLOAT, ["k", 4]),
            LABELS: (INT64, ["k"]),
            SCORES: (FLOAT, ["k"]),
            MASKS: (FLOAT, ["outlines", 28, 28]),
        },
        metadata,
    )


def _pixels(graph: Graph, size: str) -> str:
    """Normalised, then padded with zeros at the right and at the bottom; 1 x 3 x height x width."""
    made = graph.add("Transpose", [graph.normalised(IMAGE)], "channels", perm=[2, 0, 1])
    made = graph.add("Unsqueeze", [made, graph.constant("axes.1", [0], np.int64)], "batch")
    # what a multiple lacks: the remainder of the negative
    lacking = graph.add("Neg", [size], "size.negative")
    lacking = graph.add("Mod", [lacking, graph.constant("divisible", [_DIVISIBLE], np.int64)], "lacking")
    before = graph.constant("pad.before", [0] * 6, np.int64)
    pads = graph.add("Concat", [before, lacking], "pads", axis=0)
    return graph.add("Pad", [made, pads], "pixels")


def _limits(graph: Graph, size: str) -> str:
    order = graph.constant("width.height", [1, 0, 1, 0], np.int64)
    return graph.add("Cast", [graph.add("Gather", [size, order], "limits.whole", axis=0)], "limits", to=FLOAT)


def _pyramid(graph: Graph, network: Network, pixels: str) -> list[str]:
    """From the level at 1/4 to the one at 1/64."""
    stages = graph.stages(network.body, pixels)
    twice = graph.constant("twice", [1, 1, 2, 2])
    above, levels = "", list[str]()
    for number in reversed(range(STAGES)):
        made = graph.convolve(network.inner(number), stages[number], relu=False)
        if above:
            larger = graph.add("Resize", [above, "", twice], f"pyramid.{number}.larger", mode="nearest",
                coordinate_transformation_mode="asymmetric", nearest_mode="floor")  # fmt: skip
            made = graph.add("Add", [made, larger], f"pyramid.{number}")
        above = made
        levels.insert(0, graph.convolve(network.level(number), made, relu=False))
    last = graph.add("MaxPool", [levels[-1]], "pyramid.last", kernel_shape=[1, 1], strides=[2, 2])
    return [*levels, last]
