"""The network as ONNX.

In: `image`, uint8, n x 224 x 224 x 3. Out: `index` and `score`, n x 3, of the most probable classes. Mean and deviation
are in the graph.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from models.resnet152.network import SIDE, body
from models.resnet152.weights import EPSILON
from models.torchvision.checkpoint import Weights
from models.torchvision.onnx_graph import FLOAT, INT64, UINT8, Graph

INPUT, INDEX, SCORE = "image", "index", "score"
BEST = 3


def export(weights: Weights, width: int, *, metadata: Mapping[str, Any]) -> bytes:
    """`metadata` goes into the model as JSON texts, for the entry script."""
    graph = Graph(weights, epsilon=EPSILON)
    made = graph.stages(body(width), _pixels(graph))[-1]
    made = graph.add("Flatten", [graph.add("GlobalAveragePool", [made], "average")], "features")
    fc = [graph.weight("fc.weight"), graph.weight("fc.bias")]
    made = graph.add("Softmax", [graph.add("Gemm", [made, *fc], "fc", transB=1)], "probability", axis=1)
    graph.several("TopK", [made, graph.constant("best", [BEST], np.int64)], [SCORE, INDEX], axis=1)
    return graph.model(
        "resnet152",
        {INPUT: (UINT8, ["n", SIDE, SIDE, 3])},
        {INDEX: (INT64, ["n", BEST]), SCORE: (FLOAT, ["n", BEST])},
        metadata,
    )


def _pixels(graph: Graph) -> str:
    """0 to 255 by height, width, colour -> normalised, by colour, height, width."""
    scaled = graph.normalised(graph.add("Cast", [INPUT], "pixels", to=FLOAT))
    return graph.add("Transpose", [scaled], "channels", perm=[0, 3, 1, 2])
