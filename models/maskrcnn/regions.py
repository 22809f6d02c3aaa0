"""What is inside of the proposed boxes: classes, places, masks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.maskrcnn.boxes import best, clipped, moved, sides, unless_thin
from models.maskrcnn.network import BOX_SIDE, CLASSES, MASK_LAYERS, MASK_SIDE, STAGES, Network
from models.torchvision.onnx_graph import INT64, Graph

_SAMPLES = 2
"""Along each side of a cell of what is cut out."""
_USUAL_SIDE, _USUAL_LEVEL = 224, 2
"""A box of this size is looked at in this level, one of half of it in the level below, counted from 0."""
_OVERLAP, _LEAST_SIDE = 0.5, 1e-2
_HEAD, _PREDICTOR = "roi_heads.box_head.", "roi_heads.box_predictor."


def detections(
    graph: Graph, network: Network, levels: list[str], rois: str, limits: str, threshold: str, most: int
) -> tuple[str, str, str]:
    """Of the best `most` above `threshold`, falling: boxes (k x 4), labels and scores."""
    shares, boxes = _classes(graph, network, levels, rois)
    boxes = clipped(graph, boxes, limits, "candidates")
    # the background, which is the first class, is no candidate
    one, end, axis = (
        graph.constant(name, [value], np.int64) for name, value in (("from", 1), ("to", CLASSES), ("axis", 1))
    )
    boxes, shares = (graph.add("Slice", [of, one, end, axis], f"{of}.things") for of in (boxes, shares))
    shares = unless_thin(graph, boxes, shares, "wide", least=_LEAST_SIDE)
    boxes = graph.add("Transpose", [boxes], "boxes.by.class", perm=[1, 0, 2])
    shares = graph.add("Transpose", [shares], "scores.by.class", perm=[1, 0])
    apart = [
        boxes,
        graph.add("Unsqueeze", [shares, axis], "scores.of.batch"),
        graph.constant("detections.most", most, np.int64),
        graph.constant("detections.overlap", _OVERLAP),
        threshold,
    ]
    # a class is a batch of its own, as each has its own boxes
    chosen = graph.add("NonMaxSuppression", apart, "chosen")
    pairs = graph.add("Gather", [chosen, graph.constant("class.and.box", [0, 2], np.int64)], "pairs", axis=1)
    scores, places = best(graph, graph.add("GatherND", [shares, pairs], "scores.chosen"), most, "detected")
    pairs = graph.add("Gather", [pairs, places], "pairs.best", axis=0)
    classes = graph.add("Gather", [pairs, graph.constant("first", 0, np.int64)], "classes", axis=1)
    return (
        graph.add("GatherND", [boxes, pairs], "boxes.detected"),
        graph.add("Add", [classes, graph.constant("background", 1, np.int64)], "labels.detected"),
        scores,
    )


def masks(graph: Graph, network: Network, levels: list[str], boxes: str, labels: str) -> str:
    """k x 28 x 28, from 0 to 1, in the order of the boxes."""
    made, order, inverse = _cut_out(graph, levels, boxes, MASK_SIDE, "masks")
    for number in range(MASK_LAYERS):
        made = graph.convolve(network.mask_layer(number), made, relu=True)
    name = "roi_heads.mask_predictor.conv5_mask"
    larger = [made, graph.weight(f"{name}.weight"), graph.weight(f"{name}.bias")]
    made = graph.add("ConvTranspose", larger, name, kernel_shape=[2, 2], strides=[2, 2])
    made = graph.convolve(network.mask_logits, graph.add("Relu", [made], f"{name}.relu"), relu=False)
    labels = graph.add("Gather", [labels, order], "masks.labels", axis=0)
    count = graph.add("Squeeze", [graph.add("Shape", [labels], "masks.count")], "masks.count.number")
    zero, one = graph.constant("place.0", 0, np.int64), graph.constant("one", 1, np.int64)
    rows = graph.add("Range", [zero, count, one], "masks.rows")
    axis = graph.constant("axis", [1], np.int64)
    pairs = graph.add("Concat", [graph.add("Unsqueeze", [of, axis], f"{of}.column") for of in (rows, labels)],
        "masks.pairs", axis=1)  # fmt: skip
    made = graph.add("Sigmoid", [graph.add("GatherND", [made, pairs], "masks.own")], "masks.sigmoid")
    return graph.add("Gather", [made, inverse], "masks.detected", axis=0)


def _classes(graph: Graph, network: Network, levels: list[str], rois: str) -> tuple[str, str]:
    """Of each box and class: its share (n x 91), and where it then is (n x 91 x 4)."""
    made, _, inverse = _cut_out(graph, levels, rois, BOX_SIDE, "rois")
    flat = graph.constant("flat", [-1, network.channels * BOX_SIDE**2], np.int64)
    made = graph.add("Reshape", [made, flat], "rois.flat")
    for name in ("fc6", "fc7"):
        made = graph.add("Relu", [_dense(graph, f"{_HEAD}{name}", made)], f"{name}.relu")
    made = graph.add("Gather", [made, inverse], "rois.features", axis=0)
    shares = graph.add("Softmax", [_dense(graph, f"{_PREDICTOR}cls_score", made)], "shares", axis=-1)
    by_class = graph.constant("by.class", [-1, CLASSES, 4], np.int64)
    changes = graph.add("Reshape", [_dense(graph, f"{_PREDICTOR}bbox_pred", made), by_class], "changes")
    each = graph.add("Unsqueeze", [rois, graph.constant("axis", [1], np.int64)], "rois.each")
    return shares, moved(graph, each, changes, "regressed", place=10, size=5)


def _dense(graph: Graph, name: str, given: str) -> str:
    return graph.add("Gemm", [given, graph.weight(f"{name}.weight"), graph.weight(f"{name}.bias")], name, transB=1)


def _cut_out(graph: Graph, levels: list[str], rois: str, side: int, name: str) -> Sequence[str]:
    """Of each box `side` x `side` out of the level of its size, the lowest first; the places of those boxes, and the
    places among them of the boxes in their own order."""
    level = _level_of(graph, rois, name)
    parts, orders = [], []
    for number in range(STAGES):
        here = f"{name}.{number}"
        which = graph.add("Equal", [level, graph.constant(f"level.{number}", number, np.int64)], f"{here}.which")
        order = graph.add("NonZero", [which], f"{here}.nonzero")
        order = graph.add("Squeeze", [order, graph.constant("axes.1", [0], np.int64)], f"{here}.order")
        boxes = graph.add("Gather", [rois, order], f"{here}.boxes", axis=0)
        batch = graph.add("Sub", [order, order], f"{here}.batch")
        parts.append(
            graph.add(
                "RoiAlign",
                [levels[number], boxes, batch],
                f"{here}.cut",
                mode="avg",
                output_height=side,
                output_width=side,
                sampling_ratio=_SAMPLES,
                spatial_scale=1 / (4 << number),
                coordinate_transformation_mode="output_half_pixel",
            )
        )
        orders.append(order)
    order = graph.add("Concat", orders, f"{name}.order", axis=0)
    _, inverse = graph.several(
        "TopK", [order, graph.add("Shape", [order], f"{name}.all")], [f"{name}.sorted", f"{name}.inverse"],
        axis=0, largest=0,
    )  # fmt: skip
    return graph.add("Concat", parts, f"{name}.cut", axis=0), order, inverse


def _level_of(graph: Graph, rois: str, name: str) -> str:
    """The levels' numbers, from 0."""
    area = graph.add("Mul", sides(graph, rois, f"{name}.sides"), f"{name}.area")
    side = graph.add(
        "Div", [graph.add("Sqrt", [area], f"{name}.side"), graph.constant("usual", _USUAL_SIDE)], f"{name}.share"
    )
    doublings = graph.add(
        "Div", [graph.add("Log", [side], f"{name}.log"), graph.constant("log.2", np.log(2))], f"{name}.doublings"
    )
    # a little more than torch's own rounding, so that a box of exactly such a size does not fall below
    level = graph.add("Add", [doublings, graph.constant("usual.level", _USUAL_LEVEL + 1e-6)], f"{name}.level.exact")
    level = graph.add("Floor", [level], f"{name}.level.floor")
    ends = [graph.constant("zero", 0), graph.constant("last.level", STAGES - 1)]
    return graph.add("Cast", [graph.add("Clip", [level, *ends], f"{name}.level.clip")], f"{name}.level", to=INT64)
