"""The network in numpy: its gradient is the slope of its loss, and its ONNX says what it says."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pytest
from numpy.typing import NDArray

from models.people_detection.fitting import _give_back, _rows
from models.people_detection.graph import export
from models.people_detection.layers import Array, Tape, Value, Weights
from models.people_detection.loss import _of_scores, agreements, boxes_of, loss, wanted
from models.people_detection.network import initial, layers, network, places

SIDE, WIDTH = 64, 8
BOXES = [
    np.array([[0.1, 0.1, 0.6, 0.9]], np.float32),
    np.array([[0.3, 0.2, 0.35, 0.5], [0.5, 0.5, 0.6, 0.7]], np.float32),
]
CLASSES: list[NDArray[np.int64]] = [np.zeros(1, np.int64), np.zeros(2, np.int64)]


def fine(weights: Weights) -> Weights:
    """In double precision, so that a difference of two losses is not rounded away."""
    return {name: value.astype(np.float64) for name, value in weights.items()}


def answered(weights: Weights, pixels: Array) -> tuple[Tape, list[tuple[Value, Value]], Array, Array]:
    tape = Tape({name: value.copy() for name, value in weights.items()})
    levels = network(tape, Value(pixels))
    logits, raw = (np.concatenate([_rows(one[part].data) for one in levels], axis=1) for part in (0, 1))
    return tape, levels, logits, raw


@pytest.fixture(scope="module")
def pixels() -> Array:
    return np.random.default_rng(1).random((2, SIDE, SIDE, 3)).astype(np.float32)


@pytest.mark.parametrize(
    "name",
    ["stem.kernel", "down1.kernel", "wide1.0.scale", "head0.kernel", "head1.2.shift", "sides.kernel", "across2.kernel"],
)
def test_the_gradient_is_the_slope_of_the_loss(pixels: Array, name: str) -> None:
    weights, want = fine(initial(WIDTH, 1, np.random.default_rng(0))), wanted(BOXES, CLASSES, SIDE)
    tape, levels, logits, raw = answered(weights, pixels)
    _, by_logits, by_raw = loss(logits, raw, want, SIDE)
    _give_back([one for one, _ in levels], by_logits)
    _give_back([one for _, one in levels], by_raw)
    tape.backward()

    here = want.classes >= 0
    target = np.zeros_like(logits)
    held, _, _ = agreements(boxes_of(raw, SIDE)[here], want.boxes[here])
    target[(*np.nonzero(here), want.classes[here])] = held.clip(0.05)

    def lost(change: float, place: tuple[int, ...]) -> float:
        moved = {key: value.copy() for key, value in weights.items()}
        moved[name][place] += change
        _, _, logits, raw = answered(moved, pixels)
        scores, _ = _of_scores(logits, target)
        _, apart, _ = agreements(boxes_of(raw, SIDE)[here], want.boxes[here])
        return float((2 * scores + 1.5 * apart.sum()) / here.sum())

    place = tuple(int(one) for one in np.unravel_index(abs(tape.gradients[name]).argmax(), tape.gradients[name].shape))
    slope = (lost(1e-5, place) - lost(-1e-5, place)) / 2e-5
    assert tape.gradients[name][place] == pytest.approx(slope, rel=0.05)


def test_the_graph_says_what_the_network_says_once_it_is_trained(pixels: Array) -> None:
    weights = initial(WIDTH, 2, np.random.default_rng(0))
    whole = (pixels[:1] * 255).astype(np.uint8)
    given = whole.astype(np.float32) / np.float32(255)
    for _ in range(150):  # until the running means are those of this picture
        network(Tape(weights), Value(given))
    levels = network(Tape(weights), Value(given))
    logits, raw = (np.concatenate([_rows(one[part].data) for one in levels], axis=1) for part in (0, 1))
    session = onnxruntime.InferenceSession(export(weights, SIDE, metadata={}), providers=["CPUExecutionProvider"])
    boxes, scores = session.run(["boxes", "scores"], {"image": whole})
    assert boxes.shape == (1, len(places(SIDE)[0]), 4)
    assert abs(scores - 1 / (1 + np.exp(-logits))).max() < 0.01
    assert abs(boxes - (boxes_of(raw, SIDE) / SIDE).clip(0, 1)).max() < 0.02


def test_the_same_weights_are_the_same_bytes() -> None:
    first, second = (
        export(initial(WIDTH, 1, np.random.default_rng(3)), SIDE, metadata={"tags": ["a"]}) for _ in (1, 2)
    )
    assert first == second


def test_the_full_network_has_this_many_numbers() -> None:
    weights = initial(32, 1, np.random.default_rng(0))
    assert len(list(layers(32, 1))) == 24
    assert sum(value.size for name, value in weights.items() if not name.endswith(("mean", "variance"))) == 570_629


def test_a_place_is_answerable_for_the_smallest_box_around_it_of_its_levels_size() -> None:
    # one of the middle level's size around one of the fine level's
    boxes = np.array([[0.2, 0.2, 0.5, 0.5], [0.3, 0.3, 0.4, 0.42]], np.float32)
    want = wanted([boxes], [np.array([0, 1])], 416)
    middles, strides = places(416)
    of_small, of_large = want.classes[0] == 1, want.classes[0] == 0
    assert of_small.any() and of_large.any()
    assert set(strides[of_small]) == {8.0}
    assert 16.0 in set(strides[of_large])
    assert (abs(middles[of_small] / 416 - np.array([0.35, 0.36])).max(axis=1) < 1.5 * 8 / 416).all()


def test_nobody_in_a_picture_is_no_division_by_nothing() -> None:
    want = wanted([np.zeros((0, 4), np.float32)], [np.zeros(0, np.int64)], SIDE)
    places_ = len(places(SIDE)[0])
    lost, by_logits, by_raw = loss(
        np.zeros((1, places_, 1), np.float32), np.zeros((1, places_, 4), np.float32), want, SIDE
    )
    assert np.isfinite(lost) and np.isfinite(by_logits).all() and not by_raw.any()
