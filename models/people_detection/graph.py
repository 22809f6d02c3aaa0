"""The trained network as ONNX, by hand with numpy and onnx: the same bytes from the same weights.

In: `image`, uint8, n x side x side x 3. Out: `boxes`, n x places x 4 (left, top, right, bottom, of 0 to 1), and
`scores`, n x places x classes. Normalisations are folded into the convolutions before them.
https://onnx.ai/onnx/operators/
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from models.people_detection.layers import Weights, folded_into_kernel
from models.people_detection.network import network, places

OPSET, IR_VERSION = 17, 8
INPUT, BOXES, SCORES = "image", "boxes", "scores"


class Graph:
    """Builds what `network` walks through, of names."""

    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        self._used: dict[str, list[str]] = {}
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def constant(self, name: str, value: Any, kind: type[np.generic] = np.float32) -> str:
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value, kind), name))
        return name

    def add(self, kind: str, given: Sequence[str], **attributes: Any) -> str:
        made = f"{kind}{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, given, [made], name=made, **attributes))
        return made

    def block(
        self, given: str, name: str, *, norm: str | None = None, stride: int = 1, beside: str | None = None
    ) -> str:
        made = self.add("Relu", [self._convolved(given, name, norm or name, stride)])
        return made if beside is None else self.add("Add", [made, beside])

    def convolve(self, given: str, name: str) -> str:
        return self._convolved(given, name, name, 1)

    def enlarged(self, given: str, other: str) -> str:
        if all(one.name != "twice" for one in self.constants):
            self.constant("twice", [1, 1, 2, 2])
        how = {"mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
        return self.add("Add", [self.add("Resize", [given, "", "twice"], **how), other])

    def _convolved(self, given: str, name: str, norm: str, stride: int) -> str:
        side = self._weights[f"{name}.kernel"].shape[0]
        if norm not in self._used:  # the levels share what answers
            kernel, bias = folded_into_kernel(self._weights, name, norm)
            turned = self.constant(f"{norm}.kernel", kernel.transpose(3, 2, 0, 1))
            self._used[norm] = [turned, self.constant(f"{norm}.bias", bias)]
        edge = 0 if side == stride else side // 2
        how = {"kernel_shape": [side] * 2, "strides": [stride] * 2, "pads": [edge] * 4}
        return self.add("Conv", [given, *self._used[norm]], **how)


def export(weights: Weights, side: int, *, metadata: Mapping[str, Any]) -> bytes:
    """`metadata` goes into the model as JSON texts, for the entry script."""
    graph = Graph(weights)
    pixels = graph.add("Cast", [INPUT], to=TensorProto.FLOAT)
    scaled = graph.add("Mul", [pixels, graph.constant("scale", 1 / 255)])
    levels = network(graph, graph.add("Transpose", [scaled], perm=[0, 3, 1, 2]))
    logits = _in_a_row(graph, [classes for classes, _ in levels])
    _decode(graph, _in_a_row(graph, [sides for _, sides in levels]), side)
    graph.nodes.append(helper.make_node("Sigmoid", [logits], [SCORES], name=SCORES))
    return _model(graph, side, len(weights["classes.bias"]), metadata)


def _in_a_row(graph: Graph, levels: Sequence[str]) -> str:
    """n x channels x height x width of each level -> n x places x channels."""
    shape = graph.constant(f"row{len(graph.nodes)}", [0, 0, -1], np.int64)
    flat = [graph.add("Reshape", [one, shape]) for one in levels]
    return graph.add("Transpose", [graph.add("Concat", flat, axis=2)], perm=[0, 2, 1])


def _decode(graph: Graph, raw: str, side: int) -> None:
    middles, strides = places(side)
    factor = graph.constant("factor", 2 * strides[:, None] / side * np.array([-1, -1, 1, 1]))
    middle = graph.constant("middle", np.concatenate([middles, middles], axis=1) / side)
    moved = graph.add("Add", [graph.add("Mul", [graph.add("Softplus", [raw]), factor]), middle])
    bounds = [graph.constant("least", 0), graph.constant("most", 1)]
    graph.nodes.append(helper.make_node("Clip", [moved, *bounds], [BOXES], name=BOXES))


def _model(graph: Graph, side: int, classes: int, metadata: Mapping[str, Any]) -> bytes:
    number = len(places(side)[0])
    made = helper.make_graph(
        graph.nodes,
        "people_detection",
        [helper.make_tensor_value_info(INPUT, TensorProto.UINT8, ["n", side, side, 3])],
        [
            helper.make_tensor_value_info(BOXES, TensorProto.FLOAT, ["n", number, 4]),
            helper.make_tensor_value_info(SCORES, TensorProto.FLOAT, ["n", number, classes]),
        ],
        graph.constants,
    )
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
    helper.set_model_props(model, {name: json.dumps(value) for name, value in sorted(metadata.items())})
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString(deterministic=True))
