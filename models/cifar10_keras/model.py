"""The network: layers, training in Keras; its export and metrics are those of every network (models/keras_network.py).

Keras is imported where it trains, nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated

import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from models import keras_network
from models.cifar10_keras.data import CLASSES, SIDE, Pictures
from models.keras_network import INPUT, LOGITS, Picture, Split
from models.training import ModelError

if TYPE_CHECKING:
    import keras

# Thresholds are statements about these held-out rows, so the split is no hyperparameter.
SPLIT_SEED = 0
TEST_SHARE = 1 / 6
"""As 10,000 of 60,000."""
PARAMETERS = 3_441_592
LABEL = "label"
PICTURE = Picture(name="cifar10_keras", side=SIDE, channels=3, classes=CLASSES, answer=LABEL, pixels=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hyperparameters:
    seed: Annotated[int, Meta(ge=0, le=4294967295)] = 0
    epochs: Annotated[int, Meta(ge=1, le=1000)] = 10
    batch_size: Annotated[int, Meta(ge=1, le=65536)] = 64
    learning_rate: Annotated[float, Meta(gt=0, le=1)] = 0.01
    momentum: Annotated[float, Meta(ge=0, lt=1)] = 0.9
    threads: Annotated[int, Meta(ge=1, le=64)] = 2
    """Of TensorFlow. Another count gives other last bits, so it is a setting and never the number of cores."""


def split(pictures: Pictures) -> Split:
    return keras_network.split(pictures.images, pictures.labels, share=TEST_SHARE, seed=SPLIT_SEED)


def shares(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """0 to 1, as the network takes them in Keras; exported it takes the pixels themselves."""
    return images.astype(np.float32) * np.float32(1 / 255)


def network() -> keras.Sequential:
    from keras import Input, Sequential
    from keras.layers import Conv2D, Dense, Dropout, Flatten, MaxPooling2D

    def stage(filters: int) -> list[keras.Layer]:
        convolutions = [Conv2D(filters, 3, padding="same", activation="relu") for _ in range(2)]
        return [*convolutions, MaxPooling2D(2), Dropout(0.25)]

    made = Sequential(
        [
            Input((SIDE, SIDE, 3), name=INPUT),
            *(*stage(50), *stage(100), Flatten(), Dense(512, activation="relu"), Dropout(0.5)),
            Dense(CLASSES, name=LOGITS),
        ],
        name="cifar10_keras",
    )
    if made.count_params() != PARAMETERS:
        raise ModelError(f"the network has {made.count_params()} parameters, must have {PARAMETERS}")
    return made


def fit(data: Split, hyperparameters: Hyperparameters, *, report: Callable[[str], None]) -> keras.Sequential:
    import keras

    made = network()
    optimizer = keras.optimizers.SGD(hyperparameters.learning_rate, momentum=hyperparameters.momentum)
    floats = replace(data, train=shares(data.train), test=shares(data.test))
    keras_network.fit(
        made,
        optimizer,
        floats,
        batch_size=hyperparameters.batch_size,
        epochs=hyperparameters.epochs,
        report=report,
    )
    return made
