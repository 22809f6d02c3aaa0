"""The network: its parameters, the names of its weights, and what a narrow one finds.

That it finds what torchvision's finds is tested where torch is: `make test-pictures`.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray

from models.maskrcnn import model, weights
from models.maskrcnn.data import weights_of
from models.maskrcnn.detector import Detector, Found, TooNarrow
from models.maskrcnn.model import Hyperparameters
from models.maskrcnn.network import Network
from models.maskrcnn.proposals import _cell
from models.source import DataError
from models.torchvision.checkpoint import drawn

NARROW_EST = Hyperparameters(width=1)
NARROW = Hyperparameters(width=2, min_size=200, max_size=333)


@pytest.fixture(scope="module")
def detector() -> Detector:
    return Detector(model.exported(weights_of(drawn(0), 2, where="drawn"), NARROW), 1)


@pytest.fixture(scope="module")
def picture() -> NDArray[np.uint8]:
    return model.drawn(1, 1, (150, 90))[0]


def test_the_network_has_the_published_number_of_parameters() -> None:
    """Of which torchvision counts no normalisation, as these are frozen."""
    counted = {name: shape for name, shape in Network().shapes.items() if ".bn" not in name and "sample.1" not in name}
    assert sum(int(np.prod(shape)) for shape in counted.values()) == 44_401_393


def test_the_published_files_older_names_are_known() -> None:
    old = {
        "backbone.fpn.inner_blocks.0.weight": "backbone.fpn.inner_blocks.0.0.weight",
        "backbone.fpn.layer_blocks.3.bias": "backbone.fpn.layer_blocks.3.0.bias",
        "rpn.head.conv.weight": "rpn.head.conv.0.0.weight",
        "roi_heads.mask_head.mask_fcn4.bias": "roi_heads.mask_head.3.0.bias",
    }
    made = dict(weights.seeded(1, 0))
    for before, now in old.items():
        made[before] = made.pop(now)
    assert weights.checked(made, 1, where="net").keys() == weights.seeded(1, 0).keys()


def test_weights_that_are_not_the_networks_are_refused() -> None:
    made = dict(weights.seeded(1, 0))
    with pytest.raises(DataError, match=r"net: .*conv1\.weight is \(1, 3, 7, 7\), the network of width 2 has"):
        weights.checked(made, 2, where="net")
    made["backbone.body.bn1.running_var"][0] = 0
    with pytest.raises(DataError, match=r"bn1\.running_var has 0\.0, a variance is above 0"):
        weights.checked(made, 1, where="net")


def test_the_graph_is_valid_and_gives_the_same_bytes_each_time() -> None:
    made = [model.exported(weights.seeded(1, 0), Hyperparameters(width=1)) for _ in range(2)]
    assert made[0] == made[1]
    onnx.checker.check_model(made[0], full_check=True)


def test_anchors_are_around_a_place_in_whole_pixels() -> None:
    assert _cell(32).tolist() == [[-23, -11, 23, 11], [-16, -16, 16, 16], [-11, -23, 11, 23]]


def overlap(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    sides = np.minimum(one[2:], other[2:]) - np.maximum(one[:2], other[:2])
    both = float(np.prod(np.maximum(sides, 0)))
    return both / (float(np.prod(one[2:] - one[:2]) + np.prod(other[2:] - other[:2])) - both)


def test_what_is_found_is_in_the_picture_apart_and_the_best_first(
    detector: Detector, picture: NDArray[np.uint8]
) -> None:
    found = detector.look(picture, threshold=0.05)
    assert len(found.scores) == 100
    assert all(one >= other for one, other in pairwise(found.scores.tolist()))
    assert found.boxes.min() >= 0
    assert (found.boxes.max(axis=0) <= np.array([150, 90, 150, 90], np.float32) + 1e-3).all()
    assert ((found.labels >= 1) & (found.labels <= 90)).all()
    for label in set(found.labels.tolist()):
        boxes = found.boxes[found.labels == label]
        assert all(overlap(one, other) < 0.51 for number, one in enumerate(boxes) for other in boxes[:number])


def same(one: Found, other: Found) -> bool:
    return all(np.array_equal(getattr(one, part), getattr(other, part)) for part in ("boxes", "labels", "scores"))


def test_a_threshold_keeps_what_is_above_it_and_masks_change_nothing_else(
    detector: Detector, picture: NDArray[np.uint8]
) -> None:
    found = detector.look(picture, threshold=0.05, outlines=True)
    assert found.outlines is not None
    assert len(found.outlines.counts) == 100
    assert {sum(counts) for counts in found.outlines.counts} == {150 * 90}
    assert same(found, detector.look(picture, threshold=0.05))
    middle = float(found.scores[10])
    higher = detector.look(picture, threshold=middle, outlines=True)
    assert same(higher, found.above(middle))
    assert higher.outlines is not None
    assert higher.outlines.counts == found.outlines.counts[:10]


@pytest.mark.parametrize("count", [0, 2, 200])
def test_masks_are_made_of_as_many_as_are_asked_for_and_no_more(count: int, picture: NDArray[np.uint8]) -> None:
    session = onnxruntime.InferenceSession(model.exported(weights.seeded(1, 0), NARROW_EST))
    given = {"image": picture.astype(np.float32), "threshold": np.array([0.01], np.float32)}
    scores, masks = session.run(["scores", "masks"], {**given, "outlined": np.array([count], np.int64)})
    assert len(scores) > 2
    assert masks.shape == (min(count, len(scores)), 28, 28)


def test_a_picture_in_which_nothing_is_found_has_no_boxes_and_no_masks(
    detector: Detector, picture: NDArray[np.uint8]
) -> None:
    found = detector.look(picture, threshold=1, outlines=True)
    assert found.boxes.shape == (0, 4)
    assert found.outlines is not None
    assert found.outlines.counts == []


@pytest.mark.parametrize("size", [(64, 64), (33, 200), (200, 33), (97, 131), (208, 20), (500, 20)])
def test_pictures_of_every_shape_are_looked_at(detector: Detector, size: tuple[int, int]) -> None:
    (pixels,) = model.drawn(2, 1, size)
    if min(size) * 333 // max(size) < 32:
        with pytest.raises(TooNarrow, match=r"at most 208 pixels where the shorter has 20 .*, got 500 x 20"):
            detector.look(pixels, threshold=0.05)
    else:
        boxes = detector.look(pixels, threshold=0.05).boxes
        assert len(boxes) > 0
        assert (boxes <= np.array(size * 2, np.float32) + 1e-3).all()


def test_the_labels_are_cocos() -> None:
    found = model.labels()
    assert len(found) == 91
    assert (found[1], found[17], found[90], found[12]) == ("person", "cat", "toothbrush", model.NOTHING)
