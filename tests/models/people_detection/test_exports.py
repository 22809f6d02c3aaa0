"""Exports of Custom Vision in place of pictures: served behind the same body, as their own metadata says."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
from onnx import TensorProto
from PIL import Image

from models.custom_vision import pixels, wants
from models.people_detection.data import main
from models.people_detection.exported import is_export, read
from models.people_detection.model import Hyperparameters
from models.people_detection.score import Choice, detector
from models.people_detection.train import build
from models.source import DataError
from models.training import write_artifact
from tests.models.people_detection import exports
from tests.models.people_detection.exports import CELLS, broken, elsewhere, grid, marked, ready, zipped

RED, BLUE = Image.new("RGB", (640, 480), (255, 0, 0)), Image.new("RGB", (640, 480), (0, 0, 255))
RANGE, FORMAT, BIASES = "Image.NominalPixelRange", "Image.BitmapPixelFormat", "CustomVision.Postprocess.Yolo.Biases"


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
    for bgr in ({FORMAT: "Bgr8"}, {FORMAT.lower(): "BGR8"}):
        assert predictions(grid(metadata=bgr), BLUE)[0]["probability"] == pytest.approx(0.731, abs=0.001)
        assert predictions(grid(metadata=bgr), RED)[0]["probability"] == pytest.approx(0.5, abs=0.001)
    assert predictions(grid(metadata={FORMAT: "Rgb8"}), RED)[0]["probability"] == pytest.approx(0.731, abs=0.001)


@pytest.mark.parametrize(
    ("name", "least", "most"),
    [
        ("Normalized_0_1", 0, 1),
        ("normalized_0_1", 0, 1),
        ("Normalized_1_1", -1, 1),
        ("NominalRange_0_255", 0, 255),
        ("NominalRange_16_235", 16, 235),
    ],
)
def test_values_lie_in_the_range_that_the_metadata_names(name: str, least: float, most: float) -> None:
    session = onnxruntime.InferenceSession(grid(metadata={RANGE: name}), providers=["CPUExecutionProvider"])
    red, green, _ = pixels(RED, wants(session))[0]
    assert (red.min(), green.max()) == (pytest.approx(most), pytest.approx(least))


def test_half_precision_is_fed_as_such() -> None:
    assert predictions(grid(kind=TensorProto.FLOAT16))[0]["probability"] == pytest.approx(0.731, abs=0.001)


def test_other_anchors_are_those_of_the_metadata() -> None:
    biases = {BIASES: json.dumps([1, 2, 3, 4, 2, 4])}
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
            zipped(grid(metadata={BIASES: "[1, 2, 3]"})),
            "has 3 numbers; wanted are pairs",
        ),
        (zipped(grid(metadata={BIASES: "many"})), "a list of numbers is wanted"),
        (zipped(grid(metadata={BIASES: "[" * 100_000})), f"{BIASES} is '[[["),
        (zipped(grid(metadata={BIASES: "[1, 1" + 400 * "0" + "]"})), "a list of numbers is wanted"),
        (zipped(grid(metadata={FORMAT: "GRAY8"})), f"{FORMAT} is 'GRAY8'; allowed are Rgb8, Bgr8"),
        (
            zipped(grid(metadata={RANGE: "0..255"})),
            f"{RANGE} is '0..255'; allowed are Normalized_0_1, NominalRange_0_255, Normalized_1_1, NominalRange_16_235",
        ),
        (zipped(grid(metadata={"Image.ColorSpaceGamma": "Linear"})), "is 'Linear'; allowed are SRGB"),
        (zipped(grid(), labels="chair\n" + "p" * 257), "a label of labels.txt has 257 letters, ppp"),
        (zipped(ready(classes=(5, 0))), "the export found class 5, and there are 2 labels"),
        (broken(zipfile.ZIP_DEFLATED), "cannot be read"),
        (broken(zipfile.ZIP_LZMA), "cannot be read"),
        (broken(zipfile.ZIP_BZIP2), "cannot be read"),
        (marked(8, 1), "is encrypted"),
        (marked(10, 99), "That compression method is not supported"),
        (zipped(grid(metadata={"CustomVision.Preprocess.NormalizeMean": "[0.4, 0.4, 0.4]"})), "only 0.0 is built"),
    ],
)
def test_what_is_not_understood_is_refused_when_it_is_taken(content: bytes, said: str) -> None:
    assert is_export(content)
    with pytest.raises(DataError) as refused:
        build(content, Hyperparameters(), "here")
    assert said in str(refused.value)
    assert str(refused.value).startswith("here: ")


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e400", "0", "-1"])
def test_anchors_have_a_size(number: str) -> None:
    with pytest.raises(DataError, match="allowed are numbers above 0 that are finite"):
        build(zipped(grid(metadata={BIASES: f"[{number}, 1, 1, 1, 1, 1, 1, 1, 1, 1]"})), Hyperparameters(), "here")


@pytest.mark.parametrize("place", ["initializer", "sparse", "attribute", "subgraph", "function"])
def test_a_model_that_reads_other_files_is_refused_before_it_is_opened(place: str) -> None:
    with pytest.raises(DataError, match="here: tensor 'leaked' of the model has its numbers in another file"):
        read(zipped(elsewhere(place)), where="here")


def test_what_macos_packs_beside_is_passed_over() -> None:
    beside = ("__MACOSX/._model.onnx", "__MACOSX/model.onnx", "._model.onnx")
    assert read(zipped(grid(), others=beside), where="here").tags == ("chair", "person")


@pytest.mark.parametrize("content", [b"\x00random", broken(zipfile.ZIP_DEFLATED), zipped(grid(channels=25))])
def test_what_cannot_be_served_is_refused_as_data_already(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    given, out = tmp_path / "export.zip", tmp_path / "out"
    given.write_bytes(content)
    assert main(["--out", str(out), "--csv", str(given)]) == 1
    assert capsys.readouterr().err.startswith(f"error: {given}: ")
    assert not out.exists()
    given.write_bytes(zipped(grid()))
    assert main(["--out", str(out), "--csv", str(given)]) == 0


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
