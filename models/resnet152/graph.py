"""The network as ONNX, by hand with numpy and onnx: no torch, and the same bytes from the same weights.

In: `image`, uint8, n x 224 x 224 x 3. Out: `index` and `score`, n x 3, of the most probable classes. Mean and deviation
are in the graph; normalisations are folded into the convolutions before them, in float64.
https://onnx.ai/onnx/operators/
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from models.resnet152.checkpoint import EPSILON, Weights
from models.resnet152.network import SIDE, Block, Convolution, blocks, stem

OPSET, IR_VERSION = 17, 8
INPUT, INDEX, SCORE = "image", "index", "score"
BEST = 3
# Of ImageNet's pictures, red, green and blue, as torchvision's weights were trained:
# https://pytorch.org/vision/stable/models/generated/torchvision.models.resnet152.html
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


class _Graph:
    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def constant(self, name: str, value: Any, kind: type[np.generic] = np.float32) -> str:
        self.constants.append(numpy_helper.from_array(np.asarray(value, kind), name))
        return name

    def add(self, kind: str, given: Sequence[str], made: str, **attributes: Any) -> str:
        self.nodes.append(helper.make_node(kind, given, [made], name=made, **attributes))
        return made

    def convolve(self, one: Convolution, given: str, weights: Weights, *, relu: bool) -> str:
        kernel, bias = folded(one, weights)
        made = self.add(
            "Conv",
            [given, self.constant(f"{one.name}.weight", kernel), self.constant(f"{one.name}.bias", bias)],
            one.name,
            kernel_shape=[one.kernel] * 2,
            strides=[one.stride] * 2,
            pads=[one.padding] * 4,
        )
        return self.add("Relu", [made], f"{one.name}.relu") if relu else made

    def block(self, block: Block, given: str, weights: Weights) -> str:
        first, second, third = block.main
        inner = self.convolve(first, given, weights, relu=True)
        inner = self.convolve(second, inner, weights, relu=True)
        inner = self.convolve(third, inner, weights, relu=False)
        beside = given if block.shortcut is None else self.convolve(block.shortcut, given, weights, relu=False)
        return self.add("Relu", [self.add("Add", [inner, beside], f"{third.name}.sum")], f"{third.name}.relu")


def folded(one: Convolution, weights: Weights) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Kernel and bias that do what convolution and normalisation do one after the other."""
    scale, shift, mean, variance = (
        weights[f"{one.norm}.{part}"].astype(np.float64) for part in ("weight", "bias", "running_mean", "running_var")
    )
    factor = scale / np.sqrt(variance + EPSILON)
    kernel = weights[f"{one.name}.weight"].astype(np.float64) * factor[:, None, None, None]
    return kernel.astype(np.float32), (shift - mean * factor).astype(np.float32)


def export(weights: Weights, width: int, *, metadata: Mapping[str, Any]) -> bytes:
    """`metadata` goes into the model as JSON texts, for the entry script."""
    graph = _Graph()
    made = _pixels(graph)
    made = graph.convolve(stem(width), made, weights, relu=True)
    made = graph.add("MaxPool", [made], "pool", kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
    for block in blocks(width):
        made = graph.block(block, made, weights)
    made = graph.add("Flatten", [graph.add("GlobalAveragePool", [made], "average")], "features")
    fc = [graph.constant(f"fc.{part}", weights[f"fc.{part}"]) for part in ("weight", "bias")]
    made = graph.add("Softmax", [graph.add("Gemm", [made, *fc], "fc", transB=1)], "probability", axis=1)
    best = [made, graph.constant("best", [BEST], np.int64)]
    graph.nodes.append(helper.make_node("TopK", best, [SCORE, INDEX], name="top", axis=1))
    return _model(graph, metadata)


def _pixels(graph: _Graph) -> str:
    """0 to 255 by height, width, colour -> normalised, by colour, height, width."""
    pixels = graph.add("Cast", [INPUT], "pixels", to=TensorProto.FLOAT)
    centred = graph.add("Sub", [pixels, graph.constant("mean", np.array(MEAN) * 255)], "centred")
    scaled = graph.add("Mul", [centred, graph.constant("scale", 1 / (np.array(DEVIATION) * 255))], "scaled")
    return graph.add("Transpose", [scaled], "channels", perm=[0, 3, 1, 2])


def _model(graph: _Graph, metadata: Mapping[str, Any]) -> bytes:
    made = helper.make_graph(
        graph.nodes,
        "resnet152",
        [helper.make_tensor_value_info(INPUT, TensorProto.UINT8, ["n", SIDE, SIDE, 3])],
        [
            helper.make_tensor_value_info(INDEX, TensorProto.INT64, ["n", BEST]),
            helper.make_tensor_value_info(SCORE, TensorProto.FLOAT, ["n", BEST]),
        ],
        graph.constants,
    )
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
    helper.set_model_props(model, {name: json.dumps(value) for name, value in sorted(metadata.items())})
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString(deterministic=True))
