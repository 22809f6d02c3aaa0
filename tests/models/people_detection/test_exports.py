"""Exports of Custom Vision in place of pictures: served behind the same body, as their own metadata says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import TensorProto
from PIL import Image

from models.people_detection.exported import is_export, read
from models.people_detection.model import Hyperparameters
from models.people_detection.score import Choice, detector
from models.people_detection.train import build
from models.source import DataError
from models.training import write_artifact
from tests.models.people_detection import exports
from tests.models.people_detection.exports import CELLS, grid, ready, zipped

RED, BLUE = Image.new("RGB", (640, 480), (255, 0, 0)), Image.new("RGB", (640, 480), (0, 0, 255))
RANGE = {"Image.NominalPixelRange": "NominalRange_0_255"}


def predictions(export: bytes, image: Image.Image = RED, **choice: Any) -> list[dict[str, Any]]:
    return detector(read(zipped(export), where="here").model).predictions(image, Choice(**choice))


def test_a_cell_of_the_grid_is_the_box_that_its_anchor_makes() -> None:
    (found,) = predictions(grid())
    # of 1 the sigmoid is .731: what the graph is sure of when red is brought to 0..1
    assert found["probability"] == pytest.approx(0.731, abs=0.001)
    assert (found["tagId"], found["tagName"]) == (1, "person")
    box = found["boundingBox"]
    assert box["left"] + box["width"] / 2 == pytest.approx((5 + 0.5) / CELLS, abs=1e-5)
    assert box["top"] + box["height"] / 2 == pytest.approx((3 + 0.5) / CELLS, abs=1e-5)
    assert box["height"] == pytest.approx(5.47 / CELLS, abs=1e-5)


def test_colours_and_their_range_are_those_of_the_models_own_metadata() -> None:
    assert predictions(grid(), BLUE)[0]["probability"] == pytest.approx(0.5, abs=0.001)
    bgr = {"Image.BitmapPixelFormat": "Bgr8"}
    assert predictions(grid(metadata=bgr), BLUE)[0]["probability"] == pytest.approx(0.731, abs=0.001)
    assert predictions(grid(metadata=bgr), RED)[0]["probability"] == pytest.approx(0.5, abs=0.001)
    assert predictions(grid(metadata=RANGE), RED)[0]["probability"] == pytest.approx(1)


def test_half_precision_is_fed_as_such() -> None:
    assert predictions(grid(kind=TensorProto.FLOAT16))[0]["probability"] == pytest.approx(0.731, abs=0.001)


def test_other_anchors_are_those_of_the_metadata() -> None:
    biases = {"CustomVision.Postprocess.Yolo.Biases": json.dumps([1, 2, 3, 4, 2, 4])}
    (found,) = predictions(grid(anchors=3, metadata=biases))
    assert found["boundingBox"]["height"] == pytest.approx(4 / CELLS, abs=1e-5)


def test_one_that_has_chosen_its_boxes_is_answered_the_same_way() -> None:
    first, second = predictions(ready())
    assert first["boundingBox"] == pytest.approx({"left": 0.1, "top": 0.2, "width": 0.4, "height": 0.7})
    assert [(one["tagName"], round(one["probability"], 3)) for one in (first, second)] == [
        ("person", 0.8),
        ("chair", 0.4),
    ]
    assert len(predictions(ready(), floor=0.5)) == 1
    assert len(predictions(ready(), maximum=1)) == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"label,x\n1,2\n", "is neither lines of JSON nor a zip"),
        (grid(), "a model alone names none of what it finds"),
        (zipped(grid(), labels=None), "has no labels.txt"),
        (zipped(grid(), labels="\n \n"), "labels.txt names nothing"),
        (zipped(grid(), labels="one\n"), "tells 2 classes apart, labels.txt names 1"),
        (
            zipped(grid(), name="model.pb"),
            "has 0 files *.onnx, wanted is 1; there are cvexport.manifest, labels.txt, model.pb",
        ),
        (zipped(b"no model"), "cannot be read"),
        (zipped(grid())[:-30], "cannot be read"),
        (zipped(grid(anchors=4)), "28 channels, which 5 anchors do not share out"),
        (zipped(grid(channels=25)), "25 channels, which 5 anchors do not share out"),
        (
            zipped(grid(metadata={"CustomVision.Postprocess.Yolo.Biases": "[1, 2, 3]"})),
            "has 3 numbers; wanted are pairs",
        ),
        (zipped(grid(metadata={"CustomVision.Postprocess.Yolo.Biases": "many"})), "a list of numbers is wanted"),
        (zipped(grid(metadata={"CustomVision.Preprocess.NormalizeMean": "[0.4, 0.4, 0.4]"})), "only 0.0 is built"),
    ],
)
def test_what_is_not_understood_is_refused_when_it_is_taken(content: bytes, said: str) -> None:
    assert is_export(content)
    with pytest.raises(DataError) as refused:
        build(content, Hyperparameters(), "here")
    assert said in str(refused.value)
    assert str(refused.value).startswith("here: ")


def test_a_class_without_a_label_is_no_answer() -> None:
    with pytest.raises(ValueError, match="found class 5, and there are 2 labels"):
        predictions(ready(classes=(5, 0)))


def test_its_artifact_has_no_metric_and_golden_examples_of_its_own(tmp_path: Path) -> None:
    made, card = build(zipped(ready()), Hyperparameters(), "here")
    write_artifact(tmp_path, made, card)
    assert (card.metrics, card.thresholds) == ({}, {})
    assert [len(one.output["predictions"]) for one in card.golden] == [2, 2]
    assert np.isclose(card.golden[0].output["predictions"][0]["probability"], 0.8)
    assert exports.CLASSES == 2
