"""The network: layers, training in Keras; its export and metrics are those of every network (models/keras_network.py).

Keras is imported where it trains, nowhere else: the export works on plain arrays.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from models import keras_network
from models.keras_network import INPUT, LOGITS, Layer, Picture, Split
from models.mnist_keras.data import CLASSES, SIDE, Digits
from models.training import ModelError

if TYPE_CHECKING:
    import keras

# Thresholds are statements about these held-out rows, so the split is no hyperparameter.
SPLIT_SEED = 0
TEST_SHARE = 0.2
PARAMETERS = 93_322

PICTURE = Picture(name="mnist_keras", side=SIDE, channels=1, classes=CLASSES, answer="digit")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hyperparameters:
    seed: Annotated[int, Meta(ge=0, le=4294967295)] = 0
    epochs: Annotated[int, Meta(ge=1, le=1000)] = 20
    """MNIST needs 5; of 40 times fewer bundled digits one seed in three is below .97 after 5, none after 17."""
    batch_size: Annotated[int, Meta(ge=1, le=65536)] = 32
    learning_rate: Annotated[float, Meta(gt=0, le=1)] = 0.001
    threads: Annotated[int, Meta(ge=1, le=64)] = 2
    """Of TensorFlow. Another count gives other last bits, so it is a setting and never the number of cores."""


def split(digits: Digits) -> Split:
    images = (digits.images.astype(np.float32) / np.float32(255))[..., np.newaxis]
    return keras_network.split(images, digits.labels, share=TEST_SHARE, seed=SPLIT_SEED)


def prepare_keras(hyperparameters: Hyperparameters) -> None:
    keras_network.prepare_keras(seed=hyperparameters.seed, threads=hyperparameters.threads)


def network() -> keras.Sequential:
    from keras import Input, Sequential
    from keras.layers import Conv2D, Dense, Flatten, MaxPooling2D

    made = Sequential(
        [
            Input((SIDE, SIDE, 1), name=INPUT),
            Conv2D(32, 3, activation="relu"),
            MaxPooling2D(2),
            Conv2D(64, 3, activation="relu"),
            MaxPooling2D(2),
            Conv2D(64, 3, activation="relu"),
            Flatten(),
            Dense(64, activation="relu"),
            Dense(CLASSES, name=LOGITS),
        ],
        name="mnist_keras",
    )
    if made.count_params() != PARAMETERS:
        raise ModelError(f"the network has {made.count_params()} parameters, must have {PARAMETERS}")
    return made


def fit(data: Split, hyperparameters: Hyperparameters, *, report: Callable[[str], None]) -> keras.Sequential:
    import keras

    made = network()
    optimizer = keras.optimizers.Adam(hyperparameters.learning_rate)
    keras_network.fit(
        made,
        optimizer,
        data,
        batch_size=hyperparameters.batch_size,
        epochs=hyperparameters.epochs,
        report=report,
    )
    return made


def export(layers: Sequence[Layer]) -> bytes:
    """ONNX: input `image` (n, 1, 28, 28); outputs `logits` (n, 10) and `digit` (n). Equal weights give equal bytes."""
    return keras_network.export(layers, PICTURE)


def logits_of(exported: bytes, images: NDArray[np.float32]) -> NDArray[np.float32]:
    return keras_network.logits_of(exported, images.reshape(-1, 1, SIDE, SIDE))


def check_agreement(expected: NDArray[np.float32], exported: bytes, images: NDArray[np.float32]) -> None:
    """The exported model must give the logits that the trained one gives."""
    keras_network.check_agreement(expected, exported, images.reshape(-1, 1, SIDE, SIDE))
