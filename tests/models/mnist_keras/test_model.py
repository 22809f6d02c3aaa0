"""What needs no framework: hyperparameters, split, export, metrics."""

from __future__ import annotations

import numpy as np
import onnx
import pytest

from contracts.hyperparameters import parse
from models.keras_network import Layer, measure
from models.mnist_keras import model
from models.mnist_keras.data import bundled
from models.mnist_keras.model import Hyperparameters
from models.training import ModelError
from tests.models.mnist_keras.network import forward, random_layers


def test_the_exported_network_computes_what_keras_layers_mean() -> None:
    layers = random_layers()
    images = np.random.default_rng(1).random((5, 28, 28, 1), dtype=np.float32)
    expected = forward(layers, images)
    assert np.abs(expected - model.logits_of(model.export(layers), images)).max() < 1e-4
    model.check_agreement(expected, model.export(layers), images)


def test_equal_weights_give_equal_bytes_and_others_do_not() -> None:
    assert model.export(random_layers()) == model.export(random_layers())
    assert model.export(random_layers()) != model.export(random_layers(1))


def test_the_exported_network_has_the_parameters_of_the_original() -> None:
    exported = onnx.load_from_string(model.export(random_layers()))
    assert sum(int(np.prod(weight.dims)) for weight in exported.graph.initializer) == model.PARAMETERS == 93_322


def test_the_exported_model_says_nothing_about_who_made_it() -> None:
    exported = onnx.load_from_string(model.export(random_layers()))
    assert (exported.producer_name, exported.producer_version, exported.doc_string) == ("", "", "")
    assert [value.name for value in exported.graph.output] == ["logits", "digit"]


def test_an_exported_model_that_differs_is_refused() -> None:
    images = np.random.default_rng(1).random((5, 28, 28, 1), dtype=np.float32)
    expected = forward(random_layers(1), images)
    with pytest.raises(ModelError, match=r"ONNX differs from Keras by .* on picture \d, allowed is 0.001"):
        model.check_agreement(expected, model.export(random_layers()), images)
    not_a_number = np.full((5, 10), np.nan, np.float32)
    with pytest.raises(ModelError, match="ONNX differs from Keras by nan"):
        model.check_agreement(not_a_number, model.export(random_layers()), images)


def test_a_layer_without_weights_is_refused() -> None:
    with pytest.raises(ModelError, match="kind dense has no weights"):
        model.export([*random_layers()[:-1], Layer(kind="dense")])


def test_the_split_is_fixed_and_loses_no_row() -> None:
    digits = bundled()
    split, again = model.split(digits), model.split(digits)
    assert (len(split.train), len(split.test)) == (1437, 360)
    assert (split.test == again.test).all()
    assert split.train.max() == 1.0
    total = np.concatenate([split.train, split.test]).sum(dtype=np.float64)
    assert total == pytest.approx(digits.images.sum(dtype=np.float64) / 255, rel=1e-6)


def test_metrics_are_those_of_the_textbook() -> None:
    logits = np.full((4, 10), -20.0, np.float32)
    logits[[0, 1, 2, 3], [1, 1, 2, 1]] = 20.0
    measured = measure(logits, np.array([1, 1, 2, 2]))
    assert measured["accuracy"] == 0.75
    # of the ten digits only 1 and 2 occur: 1 has precision 2/3 and recall 1, 2 has precision 1 and recall 1/2
    assert measured["precision"] == pytest.approx((2 / 3 + 1) / 10)
    assert measured["recall"] == pytest.approx((1 + 1 / 2) / 10)
    assert measured["loss"] == pytest.approx(40 / 4)


def test_hyperparameters_arrive_as_the_engine_writes_them() -> None:
    given = parse(
        Hyperparameters, {"seed": "7.0", "epochs": "2", "learning_rate": "1e-2", "threads": "1", "batch_size": "64"}
    )
    assert given == Hyperparameters(seed=7, epochs=2, learning_rate=0.01, threads=1, batch_size=64)


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        (
            "depth=3",
            "unknown hyperparameter 'depth=3', allowed are batch_size, epochs, learning_rate, seed, threads",
        ),
        ("seed=-1", "hyperparameter seed is '-1', must be a whole number from 0 to"),
        ("threads=0", "hyperparameter threads is '0', must be a whole number from 1 to 64"),
        ("epochs=2.5", "hyperparameter epochs is '2.5'"),
        ("learning_rate=2", "hyperparameter learning_rate is '2', must be a number above 0 and at most 1"),
        ("learning_rate=fast", "hyperparameter learning_rate is 'fast'"),
    ],
)
def test_a_bad_hyperparameter_is_refused_naming_what_is_allowed(setting: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse(Hyperparameters, dict([setting.split("=")]))
