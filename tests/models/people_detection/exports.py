"""Exports of Custom Vision made by hand: a grid that says one thing, and one that has chosen itself."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from models.custom_vision import ANCHORS

CELLS, CLASSES = 13, 2
SIDE = CELLS * 32


def grid(
    *,
    anchors: int = len(ANCHORS),
    channels: int | None = None,
    metadata: dict[str, str] | None = None,
    kind: int = TensorProto.FLOAT,
) -> bytes:
    """In every answer one box: class 1, in row 3, column 5, of anchor 2, as sure as the picture is red in its first
    channel, from -20 to 20."""
    channels = anchors * (5 + CLASSES) if channels is None else channels
    fixed = np.zeros((1, channels, CELLS, CELLS), np.float32)
    objectness = np.zeros_like(fixed)
    if channels == anchors * (5 + CLASSES):
        cells = fixed.reshape(1, anchors, 5 + CLASSES, CELLS, CELLS)
        cells[:, :, 4] = -20
        cells[0, 2 % anchors, 4, 3, 5], cells[0, 2 % anchors, 6, 3, 5] = 0, 30
        objectness.reshape(cells.shape)[0, 2 % anchors, 4, 3, 5] = 1
    nodes = [
        helper.make_node("Slice", ["data", "zero", "one", "channel"], ["first"]),
        helper.make_node("Cast", ["first"], ["wide"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMean", ["wide"], ["mean"], axes=[1, 2, 3], keepdims=1),
        helper.make_node("Mul", ["mean", "objectness"], ["sure"]),
        helper.make_node("Add", ["sure", "fixed"], ["model_outputs0"]),
    ]
    constants = {"fixed": fixed, "objectness": objectness}
    for name, value in (("zero", 0), ("one", 1), ("channel", 1)):
        constants[name] = np.array([value])
    outputs = {"model_outputs0": [1, channels, CELLS, CELLS]}
    return model(nodes, constants, {"data": ([1, 3, SIDE, SIDE], kind)}, outputs, metadata or {})


def ready(classes: tuple[int, ...] = (1, 0), metadata: dict[str, str] | None = None) -> bytes:
    boxes = np.array([[0.1, 0.2, 0.5, 0.9], [0.6, 0.1, 0.8, 0.3]], np.float32)
    constants = {
        "detected_boxes_": boxes,
        "detected_scores_": np.array([0.8, 0.4], np.float32),
        "detected_classes_": np.array(classes),
    }
    nodes = [helper.make_node("Identity", [name], [name[:-1]]) for name in constants]
    outputs = {name[:-1]: list(value.shape) for name, value in constants.items()}
    return model(nodes, constants, {"image_tensor": ([1, 3, 320, 320], TensorProto.FLOAT)}, outputs, metadata or {})


def model(
    nodes: list[Any],
    constants: dict[str, Any],
    inputs: dict[str, tuple[list[int], int]],
    outputs: dict[str, list[int]],
    metadata: dict[str, str],
) -> bytes:
    kinds = {"detected_classes": TensorProto.INT64}
    graph = helper.make_graph(
        nodes,
        "export",
        [helper.make_tensor_value_info(name, kind, shape) for name, (shape, kind) in inputs.items()],
        [
            helper.make_tensor_value_info(name, kinds.get(name, TensorProto.FLOAT), shape)
            for name, shape in outputs.items()
        ],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    helper.set_model_props(made, metadata)
    onnx.checker.check_model(made)
    return bytes(made.SerializeToString())


def elsewhere(place: str) -> bytes:
    """A model one of whose tensors lies in the file `elsewhere.bin`, wherever tensors may be."""
    made = onnx.load_model_from_string(ready())
    tensor = numpy_helper.from_array(np.zeros(1, np.float32), "leaked")
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="elsewhere.bin")
    node = helper.make_node("Constant", [], ["unused"], value=tensor)
    inner = helper.make_graph([node], "inner", [], [])
    if place == "initializer":
        made.graph.initializer.append(tensor)
    elif place == "sparse":
        made.graph.sparse_initializer.add().values.CopyFrom(tensor)
    elif place == "attribute":
        made.graph.node.append(node)
    elif place == "subgraph":
        made.graph.node.append(helper.make_node("If", ["c"], ["d"], then_branch=inner, else_branch=inner))
    else:
        made.functions.append(helper.make_function("own", "F", [], ["unused"], [node], made.opset_import))
    return bytes(made.SerializeToString())


def zipped(
    content: bytes,
    labels: str | None = "chair\nperson\n",
    name: str = "model.onnx",
    *,
    compression: int = zipfile.ZIP_STORED,
    others: Sequence[str] = (),
) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        archive.writestr("cvexport.manifest", "{}")
        for other in others:
            archive.writestr(other, b"not a model")
        archive.writestr(name, content)
        if labels is not None:
            archive.writestr("labels.txt", labels)
    return buffer.getvalue()


def broken(compression: int) -> bytes:
    """The model within is no longer what was compressed."""
    content = bytearray(zipped(grid(), compression=compression))
    begin = content.index(b"model.onnx") + len("model.onnx")
    content[begin : begin + 40] = b"\xff" * 40
    return bytes(content)


def marked(place: int, value: int) -> bytes:
    """Both heads of each file say another thing: at `place` of the directory's, two less of its own."""
    content = bytearray(zipped(grid()))
    for head, at in ((b"PK\x01\x02", place), (b"PK\x03\x04", place - 2)):
        for found in re.finditer(re.escape(head), bytes(content)):
            content[found.start() + at] = value
    return bytes(content)
