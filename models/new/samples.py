"""Requests to try a model with: of a seed, near what its own graph says it saw (scalers, trees, categories)."""

# mypy: disable-error-code="import-untyped"
from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from models.new.signature import Value

SEED = 0
FREE_LENGTH = 8
"""Of a length that the model leaves free, the number of rows aside."""
DECIMALS = 3
_WORDS = ("a", "b")


def arrays(model: onnx.ModelProto, inputs: tuple[Value, ...], rows: int | None) -> dict[str, NDArray[Any]]:
    """One array an input; `rows` is the first length, None where tensors go whole."""
    generator = np.random.default_rng(SEED)
    return {value.name: _array(model, value, rows, generator) for value in inputs}


def _array(model: onnx.ModelProto, value: Value, rows: int | None, generator: np.random.Generator) -> NDArray[Any]:
    lengths = value.shape if rows is None else (rows, *value.row)
    shape = tuple(FREE_LENGTH if length is None else length for length in lengths)
    near = list(_reached(model, value.name))
    if value.dtype == "str":
        words = next((words for node in near if (words := _texts(node))), _WORDS)
        return np.array(words, dtype=object)[generator.integers(len(words), size=shape)]
    if value.dtype == "bool":
        return generator.integers(2, size=shape).astype(bool)
    if not value.dtype.startswith("float"):
        # small ones: they are often places in a table, whose length the graph does not say
        return generator.integers(2, size=shape).astype(value.dtype)
    centre, spread = _range(near, shape[-1] if shape else 1, is_picture=len(shape) > 2)
    drawn = centre + spread * generator.uniform(-1, 1, size=shape)
    return np.asarray(np.round(drawn, DECIMALS), dtype=value.dtype)


def _range(near: list[onnx.NodeProto], width: int, *, is_picture: bool) -> tuple[Any, Any]:
    """Where numbers lie, a column each: what a scaler has learned, else between a tree's thresholds, else about 0."""
    for node in near:
        attributes = _attributes(node)
        if node.op_type == "Scaler" and len(attributes.get("offset", ())) == width:
            return np.array(attributes["offset"]), 2 / np.abs(attributes["scale"])
        if "nodes_featureids" in attributes:
            return _between_thresholds(attributes, width)
    return (0.5, 0.5) if is_picture else (0.0, 2.0)


def _between_thresholds(attributes: Mapping[str, Any], width: int) -> tuple[NDArray[Any], NDArray[Any]]:
    centre, spread = np.zeros(width), np.ones(width)
    columns, limits = np.array(attributes["nodes_featureids"]), np.array(attributes["nodes_values"])
    inner = np.array([mode != b"LEAF" for mode in attributes["nodes_modes"]])
    for column in range(width):
        if len(found := limits[inner & (columns == column)]):
            centre[column] = (found.max() + found.min()) / 2
            spread[column] = (found.max() - found.min()) * 0.75 + 0.1 * abs(centre[column]) + 1e-3
    return centre, spread


def _texts(node: onnx.NodeProto) -> list[str]:
    attributes = _attributes(node)
    found = attributes.get("cats_strings") or attributes.get("keys_strings") or ()
    return [text.decode() for text in found]


def _reached(model: onnx.ModelProto, name: str) -> Iterator[onnx.NodeProto]:
    """Nodes that the input reaches, in the graph's order."""
    names = {name}
    for node in model.graph.node:
        if names & set(node.input):
            names |= set(node.output)
            yield node


def _attributes(node: onnx.NodeProto) -> dict[str, Any]:
    wanted = {"offset", "scale", "nodes_featureids", "nodes_values", "nodes_modes", "cats_strings", "keys_strings"}
    return {one.name: onnx.helper.get_attribute_value(one) for one in node.attribute if one.name in wanted}
