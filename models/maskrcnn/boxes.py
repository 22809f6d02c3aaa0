"""What is done to boxes inside the graph: left, top, right and bottom in pixels, in the last axis."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from models.torchvision.onnx_graph import Graph

_MOST_GROWTH = math.log(1000 / 16)
"""Of a side, as a logarithm: an exponent of drawn numbers would overflow."""


def corners(graph: Graph, boxes: str) -> Sequence[str]:
    """Left and top; right and bottom."""
    halves = graph.constant("halves", [2, 2], np.int64)
    return graph.several("Split", [boxes, halves], [f"{boxes}.first", f"{boxes}.last"], axis=-1)


def moved(graph: Graph, boxes: str, changes: str, made: str, *, place: float, size: float) -> str:
    """By four numbers each: how far the centre goes, in widths and heights times `place`, and the logarithms of how
    much width and height grow, times `size`."""
    first, last = corners(graph, boxes)
    shift, growth = corners(graph, changes)
    half = graph.constant("half", 0.5)
    sides = graph.add("Sub", [last, first], f"{made}.sides")
    centre = graph.add("Add", [first, graph.add("Mul", [sides, half], f"{made}.halves")], f"{made}.centre")
    shift = graph.add("Div", [shift, graph.constant(f"{made}.place", place)], f"{made}.shift")
    growth = graph.add("Div", [growth, graph.constant(f"{made}.size", size)], f"{made}.growth")
    growth = graph.add("Min", [growth, graph.constant("growth.most", _MOST_GROWTH)], f"{made}.limited")
    centre = graph.add("Add", [graph.add("Mul", [shift, sides], f"{made}.way"), centre], f"{made}.moved")
    sides = graph.add("Mul", [graph.add("Exp", [growth], f"{made}.factor"), sides], f"{made}.grown")
    reach = graph.add("Mul", [sides, half], f"{made}.reach")
    ends = [graph.add(kind, [centre, reach], f"{made}.{kind.lower()}") for kind in ("Sub", "Add")]
    return graph.add("Concat", ends, made, axis=-1)


def clipped(graph: Graph, boxes: str, limits: str, made: str) -> str:
    """To the picture, whose width, height, width and height are `limits`."""
    inside = graph.add("Max", [boxes, graph.constant("zero", 0)], f"{made}.inside")
    return graph.add("Min", [inside, limits], made)


def sides(graph: Graph, boxes: str, made: str) -> list[str]:
    """Widths and heights, without the last axis. By Gather: ONNX Runtime 1.31 keeps an axis that it reduces where
    there are no boxes."""
    first, last = corners(graph, boxes)
    both = graph.add("Sub", [last, first], made)
    return [
        graph.add("Gather", [both, graph.constant(f"place.{place}", place, np.int64)], f"{made}.{name}", axis=-1)
        for place, name in enumerate(("width", "height"))
    ]


def unless_thin(graph: Graph, boxes: str, scores: str, made: str, *, least: float) -> str:
    """Their scores; -1, which nothing keeps, where a side is below `least` pixels."""
    shorter = graph.add("Min", sides(graph, boxes, f"{made}.sides"), f"{made}.shorter")
    wide = graph.add("GreaterOrEqual", [shorter, graph.constant(f"{made}.least", least)], f"{made}.wide")
    return graph.add("Where", [wide, scores, graph.constant("none", -1)], made)


def best(graph: Graph, scores: str, most: int, made: str) -> Sequence[str]:
    """The `most` largest of a list, or all of a shorter one: the scores, falling, and their places."""
    count = graph.add("Shape", [scores], f"{made}.count")
    count = graph.add("Min", [count, graph.constant(f"most.{most}", [most], np.int64)], f"{made}.k")
    return graph.several("TopK", [scores, count], [f"{made}.score", f"{made}.place"], axis=0)
