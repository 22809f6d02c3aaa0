"""The entry script under the project's own server, from decoding to golden examples; TensorFlow is not there."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from contracts.card import load_card
from images.scoring.errors import BadRequest
from images.scoring.golden import check_golden
from images.scoring.service import Service, load_service
from models.mnist_keras.data import bundled


@pytest.fixture(scope="module")
def service(artifact: Path) -> Service:
    return load_service(artifact)


def scored(service: Service, data: Any) -> Any:
    return json.loads(service.score(json.dumps({"data": data}).encode()).body)


def test_the_golden_examples_hold_where_there_is_no_tensorflow(service: Service) -> None:
    assert importlib.util.find_spec("tensorflow") is None
    assert check_golden(service) == 3


def test_every_nesting_of_a_picture_is_read_alike(service: Service) -> None:
    pictures = bundled(rows=100).images[:4] / 255
    expected = scored(service, pictures.ravel().tolist())
    assert len(expected) == 4
    for shape in ((4, 784), (4, 28, 28), (4, 28, 28, 1)):
        assert scored(service, pictures.reshape(shape).tolist()) == expected


def test_whole_numbers_and_no_pictures_are_fine(service: Service) -> None:
    assert len(scored(service, [0] * 784)) == 1
    assert scored(service, []) == []
    assert scored(service, [[]]) == []


@pytest.mark.parametrize(
    ("data", "path", "message"),
    [
        ("[0.5,2]", "$.data[1]", r"data\[1\] is 2: Expected `float` <= 1.0"),
        ("[[0.5],[-1]]", "$.data[1][0]", "Expected `float` >= 0.0"),
        ('[[0.5],["x"]]', "$.data[1][0]", r"data\[1\]\[0\] is \"x\": Expected `float`, got `str`"),
        ("[0.5,[1]]", "$.data[1]", "Expected `float`, got `array`"),
        ("[0.5,0.5]", "$.data", r"data has 2 numbers, a picture has 784 \(28 x 28\)"),
        ("[[0.5,1],[1]]", "$.data", "nested lists of different lengths"),
        ("[[[[[1]]]]]", "$.data", "data must be numbers in 1 to 4 nested lists"),
        ("7", "$.data", "data must be numbers in 1 to 4 nested lists"),
        ("null", "$.data", "data must be numbers in 1 to 4 nested lists"),
    ],
)
def test_a_wrong_body_is_refused_naming_the_place(service: Service, data: str, path: str, message: str) -> None:
    with pytest.raises(BadRequest, match=message) as caught:
        service.score(b'{"data":%s}' % data.encode())
    assert caught.value.path == path


def test_a_body_without_data_is_refused(service: Service) -> None:
    with pytest.raises(BadRequest, match="data is missing"):
        service.score(b"{}")


def test_raw_pixels_are_read_as_the_same_picture(service: Service, artifact: Path) -> None:
    pictures = bundled(rows=100).images[:5]
    module = _entry_script(artifact)
    assert module.run(pictures.tobytes()) == scored(service, (pictures / np.float32(255)).tolist())
    for wrong in (b"", bytes(785)):
        with pytest.raises(ValueError, match=f"body has {len(wrong)} bytes, a picture has 784"):
            module.run(wrong)


def test_the_entry_script_of_the_artifact_is_the_one_of_the_folder(artifact: Path) -> None:
    source = Path(__file__).parents[3] / "models" / "mnist_keras" / "score.py"
    assert (artifact / "score.py").read_bytes() == source.read_bytes()
    assert load_card(artifact).name == "mnist_keras"


def _entry_script(artifact: Path) -> Any:
    spec = importlib.util.spec_from_file_location("mnist_keras_score", artifact / "score.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.init()
    return module
