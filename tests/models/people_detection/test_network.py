"""What needs no framework: the exported graph, and which place is whose."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
import pytest

from models.people_detection.data import Picture
from models.people_detection.graph import export
from models.people_detection.loss import NOBODY, wanted
from models.people_detection.network import Array, places
from models.people_detection.train import check_agreement
from models.training import ModelError
from tests.models.people_detection.network import Arrays, answered

SIDE, WIDTH = 64, 8


@pytest.fixture(scope="module")
def pixels() -> Array:
    return np.random.default_rng(1).integers(0, 256, (2, SIDE, SIDE, 3)).astype(np.uint8)


def drawn(seed: int, width: int = WIDTH, classes: int = 1) -> dict[str, Array]:
    arrays = Arrays(seed)
    answered(arrays, np.zeros((1, SIDE, SIDE, 3), np.float32), width, classes)
    return arrays.weights


def test_the_exported_network_computes_what_its_layers_mean(pixels: Array) -> None:
    arrays = Arrays()
    expected = answered(arrays, pixels.astype(np.float32) / np.float32(255), WIDTH, 2)
    model = export(arrays.weights, SIDE, metadata={})
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    boxes, scores = session.run(["boxes", "scores"], {"image": pixels})
    assert boxes.shape == (2, len(places(SIDE)[0]), 4)
    assert abs(boxes - expected[0]).max() < 1e-5
    assert abs(scores - expected[1]).max() < 1e-5


def test_the_same_weights_are_the_same_bytes_and_others_are_not() -> None:
    first, again, other = (export(drawn(seed), SIDE, metadata={"tags": ["a"]}) for seed in (3, 3, 4))
    assert first == again != other


def test_the_full_network_has_this_many_numbers() -> None:
    weights = drawn(0, 32)
    assert sum(value.size for name, value in weights.items() if not name.endswith(("mean", "variance"))) == 570_629
    exported = onnx.load_from_string(export(weights, 320, metadata={}))
    assert len([node for node in exported.graph.node if node.op_type == "Conv"]) == 32


def test_an_export_that_differs_is_refused(pixels: Array) -> None:
    def trained(given: Array) -> tuple[Array, Array]:
        return answered(Arrays(1), given, WIDTH, 1)

    pictures = [Picture(one, np.zeros((0, 4), np.float32), np.zeros(0, np.int64)) for one in pixels]
    check_agreement(trained, export(drawn(1), SIDE, metadata={}), pictures)
    with pytest.raises(ModelError, match=r"boxes of ONNX differ from Keras' by .*, allowed is 0.0001"):
        check_agreement(trained, export(drawn(2), SIDE, metadata={}), pictures)


def test_a_place_is_answerable_for_the_smallest_box_around_it_of_its_levels_size() -> None:
    # one of the middle level's size around one of the fine level's
    boxes = np.array([[0.2, 0.2, 0.5, 0.5], [0.3, 0.3, 0.4, 0.42]], np.float32)
    want = wanted(boxes, np.array([0, 1]), 416)
    middles, strides = places(416)
    of_small, of_large = want[:, 0] == 1, want[:, 0] == 0
    assert of_small.any() and of_large.any()
    assert set(strides[of_small]) == {8.0}
    assert 16.0 in set(strides[of_large])
    assert (abs(middles[of_small] / 416 - np.array([0.35, 0.36])).max(axis=1) < 1.5 * 8 / 416).all()
    assert want[of_small][0, 1:] == pytest.approx(boxes[1] * 416)


def test_where_nobody_is_no_place_is_answerable() -> None:
    want = wanted(np.zeros((0, 4), np.float32), np.zeros(0, np.int64), SIDE)
    assert want.shape == (len(places(SIDE)[0]), 5)
    assert (want[:, 0] == NOBODY).all()
