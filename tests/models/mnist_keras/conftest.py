"""An artifact made without Keras: the last layer is fitted by least squares, the others are random."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.mnist_keras import model
from models.mnist_keras.data import bundled, to_csv
from models.mnist_keras.model import Hyperparameters
from models.mnist_keras.train import card
from models.training import write_artifact
from tests.images.scoring.conftest import serve as serve  # the same real worker, with the artifact from here
from tests.models.mnist_keras.network import fitted_layers, forward


@pytest.fixture(scope="session")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    digits = bundled(rows=600)
    data = model.split(digits)
    layers = fitted_layers(data.train, data.train_labels)
    logits = forward(layers, data.test)
    exported = model.export(layers)
    model.check_agreement(logits, exported, data.test)
    folder = tmp_path_factory.mktemp("artifact")
    made = card(logits, data, Hyperparameters(), content=to_csv(digits), framework={"numpy": "none"})
    write_artifact(folder, exported, made)
    return folder
