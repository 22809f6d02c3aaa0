"""Random weights of the network, and the same network in plain numpy: what the export is held against."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.keras_network import Layer


def random_layers(seed: int = 0) -> list[Layer]:
    rng = np.random.default_rng(seed)

    def weights(*shape: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        scale = (2 / np.prod(shape[:-1])) ** 0.5
        return (rng.normal(0, scale, shape).astype(np.float32), rng.normal(0, 0.1, shape[-1]).astype(np.float32))

    def convolution(*shape: int) -> Layer:
        kernel, bias = weights(*shape)
        return Layer(kind="convolution", kernel=kernel, bias=bias, relu=True)

    def dense(inputs: int, outputs: int, *, relu: bool) -> Layer:
        kernel, bias = weights(inputs, outputs)
        return Layer(kind="dense", kernel=kernel, bias=bias, relu=relu)

    pool = Layer(kind="pool")
    return [
        *(convolution(3, 3, 1, 32), pool, convolution(3, 3, 32, 64), pool, convolution(3, 3, 64, 64)),
        *(Layer(kind="flatten"), dense(576, 64, relu=True), dense(64, 10, relu=False)),
    ]


def forward(layers: list[Layer], images: NDArray[np.float32]) -> NDArray[np.float32]:
    """Keras' meaning of each layer, axes n, height, width, channels."""
    x = images
    for layer in layers:
        if layer.kind == "convolution":
            assert layer.kernel is not None
            height, width = x.shape[1] - 2, x.shape[2] - 2
            x = sum(
                x[:, i : i + height, j : j + width] @ layer.kernel[i, j] for i in range(3) for j in range(3)
            ) + np.asarray(layer.bias)
        elif layer.kind == "pool":
            height, width = x.shape[1] // 2, x.shape[2] // 2
            x = x[:, : 2 * height, : 2 * width].reshape(len(x), height, 2, width, 2, -1).max(axis=(2, 4))
        elif layer.kind == "flatten":
            x = x.reshape(len(x), -1)
        else:
            x = x @ np.asarray(layer.kernel) + np.asarray(layer.bias)
        if layer.relu:
            x = np.maximum(x, 0)
    return x


def fitted_layers(images: NDArray[np.float32], labels: NDArray[np.int64]) -> list[Layer]:
    """Random weights but for the last layer, which least squares fit: reads most digits, in a second, without Keras."""
    layers = random_layers()
    features = forward(layers[:-1], images)
    wide = np.hstack([features, np.ones((len(features), 1), np.float32)])
    # far apart, so that every answer is one without doubt
    wanted = 20 * np.eye(10, dtype=np.float32)[labels]
    solution = np.linalg.lstsq(wide, wanted, rcond=None)[0].astype(np.float32)
    return [*layers[:-1], Layer(kind="dense", kernel=solution[:-1], bias=solution[-1])]
