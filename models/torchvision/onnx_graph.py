"""A network as ONNX, by hand with numpy and onnx: no torch, and the same bytes from the same weights.

Normalisations are folded into the convolutions before them, in float64. https://onnx.ai/onnx/operators/
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from models.torchvision.checkpoint import Weights
from models.torchvision.resnet import Block, Body, Convolution, scale_and_shift

OPSET, IR_VERSION = 17, 8
# Of ImageNet's pictures, red, green and blue, as torchvision's weights were trained:
# https://pytorch.org/vision/stable/models/generated/torchvision.models.resnet152.html
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


class Graph:
    """Nodes are called as the value that they make; `add` answers that name."""

    def __init__(self, weights: Weights, *, epsilon: float) -> None:
        """`epsilon` is what the network's normalisations add to a variance."""
        self.weights, self.epsilon = weights, epsilon
        self.nodes: list[onnx.NodeProto] = []
        self.constants: dict[str, onnx.TensorProto] = {}

    def constant(self, name: str, value: Any, kind: type[np.generic] = np.float32) -> str:
        self.constants[name] = numpy_helper.from_array(np.asarray(value, kind), name)
        return name

    def weight(self, name: str) -> str:
        return self.constant(name, self.weights[name])

    def add(self, kind: str, given: Sequence[str], made: str, **attributes: Any) -> str:
        return self.several(kind, given, [made], **attributes)[0]

    def several(self, kind: str, given: Sequence[str], made: Sequence[str], **attributes: Any) -> Sequence[str]:
        self.nodes.append(helper.make_node(kind, given, made, name=made[0], **attributes))
        return made

    def convolve(self, one: Convolution, given: str, *, relu: bool) -> str:
        kernel, bias = folded(one, self.weights, self.epsilon)
        made = self.add(
            "Conv",
            [given, self.constant(f"{one.name}.weight", kernel), self.constant(f"{one.name}.bias", bias)],
            one.name,
            kernel_shape=[one.kernel] * 2,
            strides=[one.stride] * 2,
            pads=[one.padding] * 4,
        )
        return self.add("Relu", [made], f"{one.name}.relu") if relu else made

    def stages(self, body: Body, given: str) -> list[str]:
        """What each stage of a residual network makes of normalised pixels, n x 3 x height x width."""
        made = self.convolve(body.stem, given, relu=True)
        made = self.add("MaxPool", [made], f"{body.prefix}pool", kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
        found = []
        for number in range(len(body.counts)):
            for block in body.stage(number):
                made = self._block(block, made)
            found.append(made)
        return found

    def _block(self, block: Block, given: str) -> str:
        first, second, third = block.main
        inner = self.convolve(second, self.convolve(first, given, relu=True), relu=True)
        inner = self.convolve(third, inner, relu=False)
        beside = given if block.shortcut is None else self.convolve(block.shortcut, given, relu=False)
        return self.add("Relu", [self.add("Add", [inner, beside], f"{third.name}.sum")], f"{third.name}.relu")

    def normalised(self, given: str) -> str:
        """0 to 255 in the last axis' three colours -> as torchvision's weights want them."""
        centred = self.add("Sub", [given, self.constant("mean", np.array(MEAN) * 255)], "centred")
        return self.add("Mul", [centred, self.constant("scale", 1 / (np.array(DEVIATION) * 255))], "scaled")

    def model(
        self, name: str, inputs: Mapping[str, Value], outputs: Mapping[str, Value], metadata: Mapping[str, Any]
    ) -> bytes:
        """`metadata` goes into the model as JSON texts, for the entry script."""
        given, told = (
            [helper.make_tensor_value_info(end, *of) for end, of in one.items()] for one in (inputs, outputs)
        )
        made = helper.make_graph(self.nodes, name, given, told, list(self.constants.values()))
        model = helper.make_model(made, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
        helper.set_model_props(model, {key: json.dumps(value) for key, value in sorted(metadata.items())})
        onnx.checker.check_model(model)
        return bytes(model.SerializeToString(deterministic=True))


Value = tuple[int, Sequence[int | str]]
"""The type of its numbers, of TensorProto, and its shape."""
FLOAT, INT64, UINT8 = TensorProto.FLOAT, TensorProto.INT64, TensorProto.UINT8


def folded(one: Convolution, weights: Weights, epsilon: float) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Kernel and bias that do what convolution and normalisation do one after the other."""
    factor, shift = scale_and_shift(one, weights, epsilon)
    kernel = weights[f"{one.name}.weight"].astype(np.float64) * factor[:, None, None, None]
    return kernel.astype(np.float32), shift.astype(np.float32)
