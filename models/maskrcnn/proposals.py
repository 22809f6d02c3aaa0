"""Where something may be: anchors of each level of the pyramid, moved, and the best 1,000 that overlap little."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.maskrcnn.boxes import best, clipped, moved, unless_thin
from models.maskrcnn.network import Network
from models.torchvision.onnx_graph import FLOAT, Graph
from models.torchvision.resnet import Convolution

_SIDES = (32, 64, 128, 256, 512)
"""Of the square anchors of each level, in pixels of the scaled picture."""
_RATIOS = (0.5, 1.0, 2.0)
"""Height by width."""
_MOST = 1000
_OVERLAP, _LEAST_SIDE = 0.7, 1e-3


def proposals(graph: Graph, network: Network, levels: list[str], padded: str, limits: str) -> str:
    """Boxes, n x 4. `padded` is the padded picture's shape, `limits` as boxes.py has it."""
    found = [_of_level(graph, network, number, level, padded, limits) for number, level in enumerate(levels)]
    boxes, scores = (graph.add("Concat", list(parts), f"proposed.{what}", axis=0)
        for what, parts in zip(("boxes", "scores"), zip(*found, strict=True), strict=True))  # fmt: skip
    _, places = best(graph, scores, _MOST, "proposed")
    return graph.add("Gather", [boxes, places], "proposals", axis=0)


def _of_level(graph: Graph, network: Network, number: int, level: str, padded: str, limits: str) -> tuple[str, str]:
    name = f"level{number}"
    logits, changes = _looked_at(graph, network, level, name)
    top, places = best(graph, logits, _MOST, f"{name}.best")
    anchors = graph.add("Gather", [_anchors(graph, number, level, padded), places], f"{name}.chosen", axis=0)
    changes = graph.add("Gather", [changes, places], f"{name}.changes", axis=0)
    boxes = clipped(graph, moved(graph, anchors, changes, f"{name}.moved", place=1, size=1), limits, f"{name}.boxes")
    scores = graph.add("Sigmoid", [top], f"{name}.sigmoid")
    kept = _apart(graph, boxes, unless_thin(graph, boxes, scores, f"{name}.scores", least=_LEAST_SIDE), name)
    return tuple(graph.add("Gather", [of, kept], f"{of}.kept", axis=0) for of in (boxes, scores))  # type: ignore[return-value]


def _looked_at(graph: Graph, network: Network, level: str, name: str) -> tuple[str, str]:
    """Of each anchor, row by row, how much there is something (n), and how it moves (n x 4)."""
    seen = graph.add("Relu", [_again(graph, network.looking, level, f"{name}.look")], f"{name}.seen")
    lists = []
    for one, shape in ((network.objectness, [-1]), (network.proposed, [-1, 4])):
        made = _again(graph, one, seen, f"{name}.{one.outputs}")
        made = graph.add("Transpose", [made], f"{made}.last", perm=[0, 2, 3, 1])
        to = graph.constant(f"list.{len(shape)}", shape, np.int64)
        lists.append(graph.add("Reshape", [made, to], f"{made}.list"))
    return lists[0], lists[1]


def _again(graph: Graph, one: Convolution, given: str, made: str) -> str:
    """The same convolution goes over every level."""
    return graph.add(
        "Conv",
        [given, graph.weight(f"{one.name}.weight"), graph.weight(f"{one.name}.bias")],
        made,
        kernel_shape=[one.kernel] * 2,
        pads=[one.padding] * 4,
    )


def _anchors(graph: Graph, number: int, level: str, padded: str) -> str:
    """n x 4: at each place of the level, row by row, the three of its size."""
    name = f"level{number}.anchors"
    here = graph.add("Shape", [level], f"{name}.shape", start=2)
    # whole pixels, as torchvision has it: at 1/64 of a side that 64 does not divide it is less than 64
    strides = graph.add("Div", [padded, here], f"{name}.strides")
    made = graph.constant(f"{name}.cell", _cell(_SIDES[number])[np.newaxis, np.newaxis])
    for axis, (shape, along) in enumerate((((-1, 1, 1, 1), (0, 1, 0, 1)), ((1, -1, 1, 1), (1, 0, 1, 0)))):
        at = _places(graph, here, strides, axis, f"{name}.{'yx'[axis]}")
        at = graph.add("Reshape", [at, graph.constant(f"axis.{axis}", shape, np.int64)], f"{at}.axis")
        at = graph.add("Mul", [at, graph.constant(f"along.{axis}", along)], f"{at}.along")
        made = graph.add("Add", [made, at], f"{at}.sum")
    return graph.add("Reshape", [made, graph.constant("list.2", [-1, 4], np.int64)], name)


def _places(graph: Graph, counts: str, strides: str, axis: int, made: str) -> str:
    """0, stride, 2 x stride, ...: as many as `counts` has at `axis`."""
    which = graph.constant(f"place.{axis}", axis, np.int64)
    count, stride = (
        graph.add("Gather", [of, which], f"{made}.{name}") for of, name in ((counts, "count"), (strides, "stride"))
    )
    ends = [graph.constant("place.0", 0, np.int64), count, graph.constant("one", 1, np.int64)]
    steps = graph.add("Mul", [graph.add("Range", ends, f"{made}.range"), stride], f"{made}.steps")
    return graph.add("Cast", [steps], made, to=FLOAT)


def _cell(side: int) -> NDArray[np.float32]:
    """Around 0, in whole pixels."""
    high = np.sqrt(np.array(_RATIOS, np.float32))
    height, width = side * high, side * (1 / high)
    return np.round(np.stack([-width, -height, width, height], axis=1) / 2)


def _apart(graph: Graph, boxes: str, scores: str, name: str) -> str:
    """Places of those that overlap with none better by more than _OVERLAP."""
    first, both = (graph.constant(f"axes.{len(axes)}", axes, np.int64) for axes in ([0], [0, 1]))
    chosen = graph.add(
        "NonMaxSuppression",
        [
            graph.add("Unsqueeze", [boxes, first], f"{name}.batch"),
            graph.add("Unsqueeze", [scores, both], f"{name}.batch.scores"),
            graph.constant("proposals.most", _MOST, np.int64),
            graph.constant("proposals.overlap", _OVERLAP),
            # of a thin one it is -1
            graph.constant("proposals.least", -0.5),
        ],
        f"{name}.apart",
    )
    return graph.add("Gather", [chosen, graph.constant("place.2", 2, np.int64)], f"{name}.kept", axis=1)
