"""Tiny ONNX models, one a shape that a given file may have."""

# mypy: disable-error-code="import-untyped"
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

FLOAT, INT64, STRING = TensorProto.FLOAT, TensorProto.INT64, TensorProto.STRING
OPSETS = (("", 17), ("ai.onnx.ml", 3))
WEIGHTS = np.array([[1.0, 0.5], [-2.0, 1.0], [0.25, 3.0]], np.float32)


def value(name: str, kind: int, shape: Sequence[int | str]) -> Any:
    return helper.make_tensor_value_info(name, kind, shape)


def model(
    nodes: Sequence[Any],
    inputs: Sequence[Any],
    outputs: Sequence[Any],
    weights: Sequence[Any] = (),
    opsets: Sequence[tuple[str, int]] = OPSETS,
) -> onnx.ModelProto:
    graph = helper.make_graph(nodes, "tiny", inputs, outputs, list(weights))
    made: onnx.ModelProto = helper.make_model(
        graph, opset_imports=[helper.make_opsetid(*one) for one in opsets], ir_version=9
    )
    return made


def linear(rows: int | str = "n") -> onnx.ModelProto:
    """Three numbers in, two out."""
    weights = numpy_helper.from_array(WEIGHTS, "w")
    node = helper.make_node("MatMul", ["x", "w"], ["y"])
    return model([node], [value("x", FLOAT, [rows, 3])], [value("y", FLOAT, [rows, 2])], [weights])


def price() -> onnx.ModelProto:
    """A number out: twice the area, and more in one town."""
    towns = helper.make_node("LabelEncoder", ["town"], ["more"], domain="ai.onnx.ml",
                             keys_strings=["Ghent", "Bruges"], values_floats=[10.0, 20.0])  # fmt: skip
    nodes = [
        helper.make_node("Add", ["area", "area"], ["twice"]),
        towns,
        helper.make_node("Add", ["twice", "more"], ["price"]),
    ]
    inputs = [value("area", FLOAT, ["n", 1]), value("town", STRING, ["n", 1])]
    return model(nodes, inputs, [value("price", FLOAT, ["n", 1])])


def classifier() -> onnx.ModelProto:
    """As skl2onnx makes it: a label and, by a ZipMap, a probability a class."""
    node = helper.make_node(
        "LinearClassifier", ["features"], ["label", "scores"], domain="ai.onnx.ml",
        coefficients=[1.0, 0.0, 0.0, 1.0], intercepts=[0.0, 0.0], classlabels_strings=["cat", "dog"],
        multi_class=0, post_transform="SOFTMAX",
    )  # fmt: skip
    zipped = helper.make_node("ZipMap", ["scores"], ["probabilities"], domain="ai.onnx.ml",
                              classlabels_strings=["cat", "dog"])  # fmt: skip
    maps = helper.make_map_type_proto(STRING, helper.make_tensor_type_proto(FLOAT, []))
    outputs = [
        value("label", STRING, ["n"]),
        helper.make_value_info("probabilities", helper.make_sequence_type_proto(maps)),
    ]
    return model([node, zipped], [value("features", FLOAT, ["n", 2])], outputs)


def sentence() -> onnx.ModelProto:
    """A free length a row: the sum over it."""
    axes = numpy_helper.from_array(np.array([1], np.int64), "axes")
    node = helper.make_node("ReduceSum", ["tokens", "axes"], ["total"], keepdims=0)
    return model([node], [value("tokens", INT64, ["n", "length"])], [value("total", INT64, ["n"])], [axes])


def whole() -> onnx.ModelProto:
    """A matrix of a fixed size, which is no list of rows."""
    node = helper.make_node("Transpose", ["matrix"], ["turned"])
    return model([node], [value("matrix", FLOAT, [2, 3])], [value("turned", FLOAT, [3, 2])])


def picture() -> onnx.ModelProto:
    """One picture at a time, as an export with a fixed batch of 1 takes it."""
    node = helper.make_node("GlobalAveragePool", ["image:0"], ["mean"])
    return model([node], [value("image:0", FLOAT, [1, 2, 4, 4])], [value("mean", FLOAT, [1, 2, 1, 1])])


def not_a_number() -> onnx.ModelProto:
    """The root of what is below 0, whatever comes in."""
    nodes = [
        helper.make_node("Exp", ["x"], ["positive"]),
        helper.make_node("Neg", ["positive"], ["negative"]),
        helper.make_node("Sqrt", ["negative"], ["root"]),
    ]
    return model(nodes, [value("x", FLOAT, ["n", 1])], [value("root", FLOAT, ["n", 1])])


def looks_up() -> onnx.ModelProto:
    """Fails on what its table does not hold, which the graph does not say: numbers from 100 on."""
    table = numpy_helper.from_array(np.array([7.0, 9.0], np.float32), "table")
    first = numpy_helper.from_array(np.array(100, np.int64), "first")
    nodes = [
        helper.make_node("Sub", ["place", "first"], ["index"]),
        helper.make_node("Gather", ["table", "index"], ["y"]),
    ]
    return model(nodes, [value("place", INT64, ["n"])], [value("y", FLOAT, ["n"])], [table, first])


def oddly_named() -> onnx.ModelProto:
    """Names that a script has in use, or Python has, or that come out alike."""
    names = ["class", "Row", "a b", "a.b", "1st", "zip:0"]
    nodes = [helper.make_node("Identity", [name], [f"{name}/out" if name != "Row" else "Scored"]) for name in names]
    outputs = [node.output[0] for node in nodes]
    return model(nodes, [value(name, FLOAT, ["n"]) for name in names], [value(name, FLOAT, ["n"]) for name in outputs])
