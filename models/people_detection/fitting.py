"""The training, in Keras: pictures in batches, AdamW (https://arxiv.org/abs/1711.05101), a rate that falls in half a
wave. Keras is imported where it trains, nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from models.keras_network import prepare_keras
from models.people_detection.data import Picture
from models.people_detection.loss import boxes_of, loss, wanted
from models.people_detection.model import Hyperparameters
from models.people_detection.network import EPSILON, Array, Weights, network

if TYPE_CHECKING:
    import keras

RARE = -4.0
"""The logit of all places at the beginning: there is nobody in most."""
FAR = 0.7
"""What the sides of a box are at the beginning, before softplus."""
WARM_SHARE, WARM_STEPS = 0.05, 200
DECAY, MOST_GRADIENT, KEPT = 0.02, 10.0, 0.97


@dataclass(frozen=True, slots=True)
class Trained:
    model: keras.Model
    weights: Weights
    classes: int
    side: int

    def answers(self, pixels: Array) -> tuple[Array, Array]:
        """Boxes of 0 to 1 and scores of pictures (n x side x side x 3, of 0 to 1), as the exported model tells them."""
        from keras import ops

        said = self.model.predict(pixels, batch_size=16, verbose=0)
        boxes = ops.clip(boxes_of(said[..., self.classes :], self.side) / self.side, 0, 1)
        return ops.convert_to_numpy(boxes), ops.convert_to_numpy(ops.sigmoid(said[..., : self.classes]))


def fit(pictures: Sequence[Picture], classes: int, given: Hyperparameters, report: Callable[[str], None]) -> Trained:
    prepare_keras(seed=given.seed, threads=given.threads)
    import keras

    layers = _Layers()
    image = keras.Input((given.side, given.side, 3))
    levels = network(layers, image, given.width, classes)
    rows = [keras.layers.Reshape((-1, classes + 4))(keras.layers.Concatenate()(list(one))) for one in levels]
    made = keras.Model(image, keras.layers.Concatenate(axis=1)(rows))
    steps = max(1, len(pictures) // given.batch_size)
    made.compile(_optimizer(given.learning_rate, steps * given.epochs), loss(given.side, classes))

    def tell(epoch: int, logs: dict[str, float]) -> None:
        report(f"epoch {epoch + 1} of {given.epochs}: loss {logs['loss']:.4f}")

    made.fit(
        _batches(pictures, given),
        steps_per_epoch=steps,
        epochs=given.epochs,
        verbose=0,
        shuffle=False,  # the batches are
        callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=tell)],
    )
    return Trained(made, layers.weights(), classes, given.side)


def _optimizer(rate: float, steps: int) -> keras.Optimizer:
    import keras

    warm = min(WARM_STEPS, max(1, int(steps * WARM_SHARE)))
    falling = keras.optimizers.schedules.CosineDecay(
        rate / warm, max(1, steps - warm), alpha=0.01, warmup_target=rate, warmup_steps=warm
    )
    made = keras.optimizers.AdamW(falling, weight_decay=DECAY, global_clipnorm=MOST_GRADIENT)
    made.exclude_from_weight_decay(var_names=["gamma", "beta", "bias"])
    return made


def _batches(pictures: Sequence[Picture], given: Hyperparameters) -> Iterator[tuple[Array, Array]]:
    """For ever, each picture once an epoch."""
    rng = np.random.default_rng(given.seed)
    size = min(given.batch_size, len(pictures))
    while True:
        order = rng.permutation(len(pictures))
        for begin in range(0, len(order) - size + 1, size):
            chosen = [pictures[place] for place in order[begin : begin + size]]
            pixels, boxes = zip(*(_varied(one, rng) for one in chosen), strict=True)
            want = [wanted(one, of.classes, given.side) for one, of in zip(boxes, chosen, strict=True)]
            yield np.stack(pixels), np.stack(want)


def _varied(picture: Picture, rng: np.random.Generator) -> tuple[Array, Array]:
    """Of 0 to 1, in other light, and every other time turned over."""
    pixels = picture.pixels.astype(np.float32) * (rng.uniform(0.8, 1.2, 3).astype(np.float32) / 255)
    boxes = picture.boxes
    if rng.random() < 0.5:
        pixels, boxes = pixels[:, ::-1], np.stack([1 - boxes[:, 2], boxes[:, 1], 1 - boxes[:, 0], boxes[:, 3]], axis=1)
    return pixels.clip(0, 1), boxes


class _Layers:
    """Builds what `network` walks through, in Keras."""

    def __init__(self) -> None:
        self._convolutions: dict[str, keras.layers.Conv2D] = {}
        self._norms: dict[str, keras.layers.BatchNormalization] = {}

    def block(
        self,
        given: Any,
        name: str,
        channels: int,
        *,
        side: int = 3,
        stride: int = 1,
        norm: str | None = None,
        beside: Any = None,
    ) -> Any:
        from keras.layers import Add, BatchNormalization, Conv2D, ReLU

        norm = norm or name
        if name not in self._convolutions:
            self._convolutions[name] = Conv2D(
                channels, side, stride, padding="same", use_bias=False, kernel_initializer="he_normal"
            )
        self._norms[norm] = BatchNormalization(momentum=KEPT, epsilon=EPSILON)
        made = ReLU()(self._norms[norm](self._convolutions[name](given)))
        return made if beside is None else Add()([made, beside])

    def convolve(self, given: Any, name: str, channels: int) -> Any:
        from keras.initializers import Constant
        from keras.layers import Conv2D

        if name not in self._convolutions:
            begin = Constant({"classes": RARE, "sides": FAR}.get(name, 0.0))
            self._convolutions[name] = Conv2D(channels, 1, bias_initializer=begin)
        return self._convolutions[name](given)

    def enlarged(self, given: Any, other: Any) -> Any:
        from keras.layers import Add, UpSampling2D

        return Add()([UpSampling2D(2)(given), other])

    def weights(self) -> Weights:
        named: dict[str, Array] = {}
        for name, layer in self._convolutions.items():
            named |= dict(
                zip((f"{name}.kernel", f"{name}.bias"), layer.get_weights(), strict=False)
            )  # a bias, where it has one
        for name, layer in self._norms.items():
            parts = [f"{name}.{part}" for part in ("scale", "shift", "mean", "variance")]
            named |= dict(zip(parts, layer.get_weights(), strict=True))
        return named
