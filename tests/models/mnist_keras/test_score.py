"""The entry script under the project's own server, over HTTP; TensorFlow is not there."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from contracts.card import load_card
from models.mnist_keras.data import bundled
from tests.images.scoring.client import Answer
from tests.images.scoring.conftest import Serve, Served

RAW = {"Content-Type": "application/octet-stream"}


async def scored_raw(served: Served, body: bytes) -> Answer:
    return await served.request("/score", body, headers=RAW)


async def test_the_golden_examples_hold_where_there_is_no_tensorflow(serve: Serve) -> None:
    assert importlib.util.find_spec("tensorflow") is None
    async with serve() as served:
        answer = await served.request("/ready")
        assert (answer.status, answer.json["model"]) == (200, "mnist_keras")


async def test_every_nesting_of_a_picture_is_read_alike(serve: Serve) -> None:
    pictures = bundled(rows=100).images[:4] / 255
    async with serve() as served:
        expected = (await served.score({"data": pictures.ravel().tolist()})).json
        assert len(expected) == 4
        for shape in ((4, 784), (4, 28, 28), (4, 28, 28, 1)):
            assert (await served.score({"data": pictures.reshape(shape).tolist()})).json == expected


async def test_whole_numbers_and_no_pictures_are_fine(serve: Serve) -> None:
    async with serve() as served:
        assert len((await served.score({"data": [0] * 784})).json) == 1
        assert (await served.score({"data": []})).json == []
        assert (await served.score({"data": [[]]})).json == []


@pytest.mark.parametrize(
    ("body", "path", "message"),
    [
        ('{"data": [0.5, 2]}', "$.data[1]", "data[1] is 2: Expected `float` <= 1.0"),
        ('{"data": [[0.5], [-1]]}', "$.data[1][0]", "data[1][0] is -1: Expected `float` >= 0.0"),
        ('{"data": [[0.5], ["x"]]}', "$.data[1][0]", 'data[1][0] is "x": Expected `float`, got `str`'),
        ('{"data": [0.5, [1]]}', "$.data[1]", "data[1] is [1]: Expected `float`, got `array`"),
        ('{"data": [1, 0]}', "$.data", "data is [1,0]: Expected 784 numbers (28 x 28) a picture, got 2"),
        ('{"data": [[1, 0], [1]]}', "$.data", "data is [[1,0],[1]]: Expected nested lists of one length"),
        ('{"data": [[[[[1]]]]]}', "$.data", "data is [[[[[1]]]]]: Expected numbers in 1 to 4 nested lists"),
        ('{"data": null}', "$.data", "data is null: Expected numbers in 1 to 4 nested lists"),
        ("{}", "$.data", "data is missing"),
    ],
)
async def test_a_wrong_body_is_refused_naming_place_value_and_what_is_allowed(
    serve: Serve, body: str, path: str, message: str
) -> None:
    async with serve() as served:
        answer = await served.request("/score", body.encode())
        assert (answer.status, answer.error["path"], answer.error["message"]) == (400, path, message)


async def test_raw_pixels_are_read_as_the_same_pictures(serve: Serve) -> None:
    pictures = bundled(rows=100).images[:5]
    async with serve() as served:
        answer = await scored_raw(served, pictures.tobytes())
        assert answer.status == 200
        assert answer.json == (await served.score({"data": (pictures / 255).tolist()})).json
        assert (await scored_raw(served, b"")).json == []


async def test_raw_pixels_that_are_no_whole_pictures_are_refused(serve: Serve) -> None:
    async with serve() as served:
        answer = await scored_raw(served, bytes(785))
        assert answer.status == 400
        assert answer.error["message"].endswith("Expected 784 bytes (28 x 28) a picture, got 785")


def test_the_entry_script_of_the_artifact_is_the_one_of_the_folder(artifact: Path) -> None:
    source = Path(__file__).parents[3] / "models" / "mnist_keras" / "score.py"
    assert (artifact / "score.py").read_bytes() == source.read_bytes()
    assert load_card(artifact).name == "mnist_keras"
