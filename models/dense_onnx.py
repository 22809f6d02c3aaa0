"""A network of dense layers as ONNX, by hand: Keras' own export gives other bytes in every run from the same weights.

https://onnx.ai/onnx/operators/onnx__Gemm.html
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from models.onnx_session import INPUT

OPSET = 17
IR_VERSION = 8
OUTPUT = "prediction"

Layer = tuple[NDArray[np.float32], NDArray[np.float32]]
"""Kernel (inputs x outputs) and bias, as Keras' Dense has them."""


def export(
    layers: Sequence[Layer], *, name: str, mean: NDArray[Any], scale: NDArray[Any], classes: bool = False
) -> bytes:
    """`(features - mean) / scale`, then the layers, with ReLU between them; of `classes` the place of the greatest."""
    arrays = {"mean": mean, "scale": scale}
    nodes = [
        helper.make_node("Sub", [INPUT, "mean"], ["centred"]),
        helper.make_node("Div", ["centred", "scale"], ["x0"]),
    ]
    for place, (kernel, bias) in enumerate(layers):
        arrays |= {f"kernel{place}": kernel, f"bias{place}": bias}
        given = f"x{place}"
        if place:
            nodes.append(helper.make_node("Relu", [given], [f"{given}r"]))
            given = f"{given}r"
        nodes.append(helper.make_node("Gemm", [given, f"kernel{place}", f"bias{place}"], [f"x{place + 1}"]))
    nodes.append(_last(f"x{len(layers)}", classes))
    kind = TensorProto.INT64 if classes else TensorProto.FLOAT
    graph = helper.make_graph(
        nodes,
        name,
        [helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, [None, len(mean)])],
        [helper.make_tensor_value_info(OUTPUT, kind, [None] if classes else [None, 1])],
        [numpy_helper.from_array(np.asarray(array, np.float32), label) for label, array in arrays.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString(deterministic=True))


def _last(given: str, classes: bool) -> onnx.NodeProto:
    if classes:
        return helper.make_node("ArgMax", [given], [OUTPUT], axis=1, keepdims=0)
    return helper.make_node("Identity", [given], [OUTPUT])
