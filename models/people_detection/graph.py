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

from models.people_detection.network import EPSILON, Array, Weights, network, places

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
        self,
        given: str,
        name: str,
        channels: int,
        *,
        side: int = 3,
        stride: int = 1,
        norm: str | None = None,
        beside: str | None = None,
    ) -> str:
        made = self.add("Relu", [self._convolved(given, name, norm or name, side, stride)])
        return made if beside is None else self.add("Add", [made, beside])

    def convolve(self, given: str, name: str, channels: int) -> str:
        return self._convolved(given, name, name, 1, 1)

    def enlarged(self, given: str, other: str) -> str:
        if all(one.name != "twice" for one in self.constants):
            self.constant("twice", [1, 1, 2, 2])
        how = {"mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
        return self.add("Add", [self.add("Resize", [given, "", "twice"], **how), other])

    def _convolved(self, given: str, name: str, norm: str, side: int, stride: int) -> str:
        if norm not in self._used:  # the levels share what answers
            kernel, bias = folded(self._weights, name, norm)
            turned = self.constant(f"{norm}.kernel", kernel.transpose(3, 2, 0, 1))
            self._used[norm] = [turned, self.constant(f"{norm}.bias", bias)]
        before = (side - stride) // 2  # Keras' "same": where it cannot be even, there is more after than before
        pads = [before] * 2 + [side - stride - before] * 2
        how = {"kernel_shape": [side] * 2, "strides": [stride] * 2, "pads": pads}
        return self.add("Conv", [given, *self._used[norm]], **how)


def folded(weights: Weights, name: str, norm: str) -> tuple[Array, Array]:
    """Kernel and bias that do what convolution and normalisation do one after the other, once nothing is learned."""
    kernel = weights[f"{name}.kernel"]
    if f"{name}.bias" in weights:
        return kernel, weights[f"{name}.bias"]
    scale = weights[f"{norm}.scale"] / np.sqrt(weights[f"{norm}.variance"] + EPSILON)
    return (kernel * scale).astype(np.float32), weights[f"{norm}.shift"] - weights[f"{norm}.mean"] * scale


def export(weights: Weights, side: int, *, metadata: Mapping[str, Any]) -> bytes:
    """`metadata` goes into the model as JSON texts, for the entry script."""
    graph = Graph(weights)
    pixels = graph.add("Cast", [INPUT], to=TensorProto.FLOAT)
    scaled = graph.add("Mul", [pixels, graph.constant("scale", 1 / 255)])
    width, classes = weights["stem.kernel"].shape[-1], len(weights["classes.bias"])
    levels = network(graph, graph.add("Transpose", [scaled], perm=[0, 3, 1, 2]), width, classes)
    logits = _in_a_row(graph, [scores for scores, _ in levels])
    _decode(graph, _in_a_row(graph, [sides for _, sides in levels]), side)
    graph.nodes.append(helper.make_node("Sigmoid", [logits], [SCORES], name=SCORES))
    return _model(graph, side, classes, metadata)


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
