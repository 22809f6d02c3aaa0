"""int8 of a narrow network: what its weights stand for, and where their zero lies."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray
from onnx.numpy_helper import to_array

from models.resnet152 import model
from models.resnet152.data import weights_of
from models.resnet152.model import Hyperparameters
from models.resnet152.quantised import quantised
from models.torchvision.checkpoint import drawn

WIDTH = 2


@pytest.fixture(scope="module")
def fp32() -> bytes:
    return model.exported(weights_of(drawn(0), WIDTH, where="drawn"), Hyperparameters(width=WIDTH))


@pytest.fixture(scope="module")
def int8(fp32: bytes) -> bytes:
    return quantised(fp32, model.drawn(1, 2))


def convolutions(content: bytes) -> dict[str, tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.int8]]]:
    """Of each: its weights as they are multiplied, a channel's scale, a channel's zero point."""
    graph = onnx.load_model_from_string(content).graph
    values = {tensor.name: to_array(tensor) for tensor in graph.initializer}
    found = {}
    for node in graph.node:
        if node.op_type == "DequantizeLinear" and values.get(node.input[0], np.zeros(0)).ndim == 4:
            weights, scale, zero = (values[name] for name in node.input)
            by_channel = (-1, 1, 1, 1)
            meant = (weights.astype(np.float32) - zero.reshape(by_channel)) * scale.reshape(by_channel)
            found[node.input[0].removesuffix("_quantized")] = meant, scale, zero
    return found


def test_every_weight_is_within_a_step_of_what_it_was(fp32: bytes, int8: bytes) -> None:
    was = {tensor.name: to_array(tensor) for tensor in onnx.load_model_from_string(fp32).graph.initializer}
    made = convolutions(int8)
    assert len(made) == 155
    for name, (meant, scale, _) in made.items():
        assert (np.abs(meant - was[name]) <= 1.01 * scale.reshape(-1, 1, 1, 1)).all(), name


def test_zero_is_not_at_zero_where_onnx_runtime_would_take_its_slower_convolution(int8: bytes) -> None:
    assert all((zero == 1).all() for _, _, zero in convolutions(int8).values())


def test_it_runs_and_its_probabilities_are_near(fp32: bytes, int8: bytes) -> None:
    pixels = model.drawn(3, 4)
    one, other = (
        onnxruntime.InferenceSession(made, providers=["CPUExecutionProvider"]).run(["score"], {"image": pixels})[0]
        for made in (fp32, int8)
    )
    assert np.abs(one - other).max() < 0.15
