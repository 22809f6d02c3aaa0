"""Keras models become an ONNX that answers as Keras does; code in a file is not run. In Keras' own environment."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from cli.errors import Refused
from cli.new_model import ready
from cli.new_model.ready import Wanted, make
from clone.root import ROOT

pytestmark = pytest.mark.slow
# one file exported and one refused at every push; each other kind takes as long again
LONG = pytest.mark.long

MODELS = """
import keras
import numpy as np
from keras import layers

a, b = keras.Input((3,), name="size"), keras.Input((2,), name="place")
price = layers.Dense(1, name="price")(layers.Concatenate()([a, b]))
keras.Model([a, b], price).save("two.keras")
picture = [keras.Input((8, 8, 1)), layers.Conv2D(2, 3), layers.Flatten(), layers.Dense(4, name="digit")]
keras.Sequential(picture).save("digits.h5")
row = keras.Input((5,))
for end in ("keras", "h5"):
    keras.Model(row, layers.Lambda(lambda x: x + 1)(row)).save("code." + end)


class Mine(layers.Layer):
    def call(self, x):
        return x * 2


keras.Model(row, Mine()(row)).save("mine.keras")
answer = keras.saving.load_model("two.keras")
print(float(answer([np.array([[1.0, 2.0, 3.0]]), np.array([[4.0, 5.0]])])[0][0]))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Models that Keras has saved, and what it answers to a row."""
    folder = tmp_path_factory.mktemp("keras")
    saved_by_keras(folder)
    return folder


def saved_by_keras(folder: Path) -> None:
    command = [str(ready._keras_python(ROOT)), "-c", MODELS]
    environment = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (folder / "answer").write_text(done.stdout.split()[-1])


def wanted(file: Path, **others: Path) -> Wanted:
    return Wanted(name="given", file=file, trust=False, examples=others.get("examples"))


def test_inputs_and_outputs_are_called_as_in_keras_and_answers_agree(folder: Path, tmp_path: Path) -> None:
    examples = tmp_path / "mine.jsonl"
    examples.write_text(json.dumps({"input": {"size": [1, 2, 3], "place": [4, 5]}}))

    told = make(wanted(folder / "two.keras", examples=examples), tmp_path / "out")

    assert told["inputs"] == ["size: float32 [any, 3]", "place: float32 [any, 2]"]
    assert told["answer"] == {"price": pytest.approx(float((folder / "answer").read_text()), abs=1e-5)}
    assert told["notes"][0].startswith("over 64 drawn rows numbers differ from Keras' by ")


@LONG
def test_an_h5_file_is_exported_too(folder: Path, tmp_path: Path) -> None:
    told = make(wanted(folder / "digits.h5"), tmp_path / "out")
    assert told["outputs"] == ["digit: float32 [any, 4]"]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("code.keras", "has a Lambda layer, which is code in a file and is not run"),
        pytest.param("code.h5", "has a Lambda layer, which is code in a file and is not run", marks=LONG),
        pytest.param("mine.keras", r"has classes of its own, .* not in it: export it .* model\.export", marks=LONG),
        pytest.param("cut.keras", "is none of: ONNX|is not opened by keras", marks=LONG),
    ],
)
def test_code_in_a_file_is_refused(folder: Path, tmp_path: Path, name: str, reason: str) -> None:
    (folder / "cut.keras").write_bytes((folder / "two.keras").read_bytes()[:900])
    with pytest.raises(Refused, match=reason):
        make(wanted(folder / name), tmp_path / "out")
