"""Boxes made few, and how well they were found."""

from __future__ import annotations

import numpy as np
import pytest

from models.detections import Detections, agreement, best
from models.people_detection.precision import Truth, average_precision

BOXES = np.array([[0, 0, 0.4, 0.4], [0.02, 0, 0.42, 0.4], [0.6, 0.6, 0.9, 0.9], [0, 0, 0.4, 0.4]], np.float32)
SCORES = np.array([[0.9, 0], [0.8, 0], [0.3, 0], [0, 0.7]], np.float32)


def test_the_best_of_boxes_that_lie_on_one_another_is_told_for_each_class() -> None:
    found = best(BOXES, SCORES, floor=0.1, overlap=0.45, most=20)
    assert found.scores.tolist() == pytest.approx([0.9, 0.7, 0.3])
    assert found.classes.tolist() == [0, 1, 0]


def test_floor_overlap_and_most_bound_what_is_told() -> None:
    assert len(best(BOXES, SCORES, floor=0.5, overlap=0.45, most=20).scores) == 2
    assert len(best(BOXES, SCORES, floor=0.1, overlap=0.99, most=20).scores) == 4
    assert best(BOXES, SCORES, floor=0.1, overlap=0.45, most=1).scores.tolist() == pytest.approx([0.9])
    nobody = best(BOXES, SCORES, floor=0.95, overlap=0.45, most=20)
    assert nobody.boxes.shape == (0, 4)


def test_many_are_made_few_as_one_by_one() -> None:
    rng = np.random.default_rng(0)
    middles, sides = rng.uniform(0.2, 0.8, (300, 2)), rng.uniform(0.05, 0.4, (300, 2))
    boxes = np.concatenate([middles - sides / 2, middles + sides / 2], axis=1).astype(np.float32)
    scores = rng.uniform(0, 1, (300, 2)).astype(np.float32)
    kept: list[tuple[float, int, int]] = []
    for score, place, kind in sorted(
        ((float(scores[place, kind]), place, kind) for place in range(300) for kind in range(2)), reverse=True
    ):
        if all(other != kind or agreement(boxes[place], boxes[one]) <= 0.3 for _, one, other in kept):
            kept.append((score, place, kind))
    found = best(boxes, scores, floor=0, overlap=0.3, most=1000)
    assert found.scores.tolist() == [score for score, *_ in kept]
    assert (found.boxes == boxes[[place for _, place, _ in kept]]).all()
    assert best(boxes, scores, floor=0, overlap=0.3, most=7).scores.tolist() == [score for score, *_ in kept[:7]]


def test_agreement_is_what_is_shared_of_what_is_covered() -> None:
    one = np.array([0, 0, 0.4, 0.4], np.float32)
    assert agreement(one, np.array([[0.2, 0, 0.6, 0.4], [0.5, 0.5, 1, 1], one])).tolist() == pytest.approx(
        [1 / 3, 0, 1]
    )


def test_average_precision_by_hand() -> None:
    truth = Truth(np.array([[0, 0, 0.4, 0.4], [0.6, 0.6, 0.9, 0.9]], np.float32), np.zeros(2, np.int64))
    boxes = np.array([[0, 0, 0.4, 0.4], [0.3, 0, 0.7, 0.4], [0.6, 0.6, 0.9, 0.9]], np.float32)
    found = Detections(boxes, np.array([0.9, 0.8, 0.7], np.float32), np.zeros(3, np.int64))
    # right, wrong, right: precision 1 up to a half of them, two thirds up to all
    assert average_precision([found], [truth], 0.5) == pytest.approx(0.5 * 1 + 0.5 * 2 / 3)
    twice = Detections(boxes[[0, 0]], np.array([0.9, 0.8], np.float32), np.zeros(2, np.int64))
    assert average_precision([twice], [truth], 0.5) == pytest.approx(0.5)
    assert average_precision([found], [Truth(truth.boxes[:0], truth.classes[:0])], 0.5) == 0
