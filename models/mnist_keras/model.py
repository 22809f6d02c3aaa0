"""The network: layers, training in Keras, metrics, and its export to ONNX by hand, with stable bytes.

Keras is imported where it trains, nowhere else: export and metrics work on plain arrays. The export is by hand because
Keras' own gives other bytes in every run from the same weights (it numbers its nodes anew).
https://keras.io/api/, https://onnx.ai/onnx/operators/
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
import onnx
import onnxruntime
from msgspec import Meta
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from models.mnist_keras.data import CLASSES, SIDE, Digits
from models.training import ModelError

if TYPE_CHECKING:
    import keras

# Thresholds are statements about these held-out rows, so the split is no hyperparameter.
SPLIT_SEED = 0
TEST_SHARE = 0.2
PARAMETERS = 93_322

OPSET = 17
IR_VERSION = 8
INPUT, LOGITS, DIGIT = "image", "logits", "digit"
# Between Keras and ONNX Runtime; the bundled digits show 7e-6 on logits of about 10.
LOGIT_TOLERANCE = 1e-3

Kind = Literal["convolution", "pool", "flatten", "dense"]
KINDS: Mapping[str, Kind] = {
    "Conv2D": "convolution",
    "MaxPooling2D": "pool",
    "Flatten": "flatten",
    "Dense": "dense",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Hyperparameters:
    seed: Annotated[int, Meta(ge=0, le=4294967295)] = 0
    epochs: Annotated[int, Meta(ge=1, le=1000)] = 20
    """MNIST needs 5; of 40 times fewer bundled digits one seed in three is below .97 after 5, none after 17."""
    batch_size: Annotated[int, Meta(ge=1, le=65536)] = 32
    learning_rate: Annotated[float, Meta(gt=0, le=1)] = 0.001
    threads: Annotated[int, Meta(ge=1, le=64)] = 2
    """Of TensorFlow. Another count gives other last bits, so it is a setting and never the number of cores."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    train: NDArray[np.float32]
    """n x 28 x 28 x 1, 0 to 1."""
    train_labels: NDArray[np.int64]
    test: NDArray[np.float32]
    test_labels: NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """A trained layer as plain arrays, in Keras' order of axes."""

    kind: Kind
    kernel: NDArray[np.float32] | None = None
    bias: NDArray[np.float32] | None = None
    relu: bool = False


def split(digits: Digits) -> Split:
    images = (digits.images.astype(np.float32) / np.float32(255))[..., np.newaxis]
    labels = digits.labels.astype(np.int64)
    order = np.random.default_rng(SPLIT_SEED).permutation(len(images))
    held_out = math.ceil(len(images) * TEST_SHARE)
    train, test = order[:-held_out], order[-held_out:]
    return Split(train=images[train], train_labels=labels[train], test=images[test], test_labels=labels[test])


def prepare_keras(hyperparameters: Hyperparameters) -> None:
    """Everything that may make two runs differ, before the first operation."""
    os.environ.update(KERAS_BACKEND="tensorflow", TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="")
    import keras
    import tensorflow

    # ~/.keras/keras.json of whoever trains may say otherwise
    keras.config.set_floatx("float32")
    keras.config.set_image_data_format("channels_last")
    keras.utils.set_random_seed(hyperparameters.seed)
    tensorflow.config.experimental.enable_op_determinism()
    tensorflow.config.threading.set_intra_op_parallelism_threads(hyperparameters.threads)
    tensorflow.config.threading.set_inter_op_parallelism_threads(1)


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
    made.compile(
        keras.optimizers.Adam(hyperparameters.learning_rate),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )

    def tell(epoch: int, logs: dict[str, float]) -> None:
        values = " ".join(f"{name} {value:.4f}" for name, value in sorted(logs.items()))
        report(f"epoch {epoch + 1} of {hyperparameters.epochs}: {values}")

    made.fit(
        data.train,
        data.train_labels,
        batch_size=hyperparameters.batch_size,
        epochs=hyperparameters.epochs,
        verbose=0,
        validation_data=(data.test, data.test_labels),
        callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=tell)],
    )
    return made


def layers_of(trained: keras.Sequential) -> list[Layer]:
    """Anything that the export does not know is refused, not left out."""
    layers = []
    for layer in trained.layers:
        if (kind := KINDS.get(type(layer).__name__)) is None:
            raise ModelError(f"layer {layer.name} is a {type(layer).__name__}, exported are {', '.join(KINDS)}")
        activation = getattr(getattr(layer, "activation", None), "__name__", "linear")
        if activation not in ("relu", "linear"):
            raise ModelError(f"layer {layer.name} has activation {activation}, exported are relu and linear")
        kernel, bias = layer.get_weights() or (None, None)
        layers.append(Layer(kind=kind, kernel=kernel, bias=bias, relu=activation == "relu"))
    return layers


def export(layers: Sequence[Layer]) -> bytes:
    """ONNX: input `image` (n, 1, 28, 28); outputs `logits` (n, 10) and `digit` (n). Equal weights give equal bytes."""
    graph = _Graph()
    channels, side = 1, SIDE
    flattened: tuple[int, int] | None = None
    for layer in layers:
        if layer.kind == "convolution":
            kernel = _weights(layer).transpose(3, 2, 0, 1)
            graph.add("Conv", graph.weight(kernel), graph.weight(layer.bias), kernel_shape=list(kernel.shape[2:]))
            channels, side = kernel.shape[0], side - kernel.shape[2] + 1
        elif layer.kind == "pool":
            graph.add("MaxPool", kernel_shape=[2, 2], strides=[2, 2])
            side //= 2
        elif layer.kind == "flatten":
            graph.add("Flatten", axis=1)
            flattened = (channels, side)
        else:
            kernel = _weights(layer)
            if flattened is not None:
                # Keras flattens height, width, channels; the graph channels, height, width: turn the weights once
                depth, edge = flattened
                turned = kernel.reshape(edge, edge, depth, -1).transpose(2, 0, 1, 3)
                kernel, flattened = turned.reshape(kernel.shape), None
            graph.add("Gemm", graph.weight(kernel.T), graph.weight(layer.bias), transB=1)
        if layer.relu:
            graph.add("Relu")
    return graph.finish()


def _weights(layer: Layer) -> NDArray[np.float32]:
    if layer.kernel is None:
        raise ModelError(f"a layer of kind {layer.kind} has no weights")
    return layer.kernel


class _Graph:
    """Nodes in a row, each taking what the last one gave; names are counters, so they never depend on a framework."""

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._weights: list[onnx.TensorProto] = []
        self._last = INPUT

    def weight(self, value: NDArray[np.float32] | None) -> str:
        if value is None:
            raise ModelError("a layer has a kernel but no bias")
        name = f"weight{len(self._weights)}"
        self._weights.append(numpy_helper.from_array(np.ascontiguousarray(value, dtype=np.float32), name))
        return name

    def add(self, operator: str, *inputs: str, **attributes: Any) -> None:
        name = f"{operator.lower()}{len(self._nodes)}"
        self._nodes.append(helper.make_node(operator, [self._last, *inputs], [name], name=name, **attributes))
        self._last = name

    def finish(self) -> bytes:
        self._nodes[-1].output[0] = LOGITS
        self._nodes.append(helper.make_node("ArgMax", [LOGITS], [DIGIT], name="argmax", axis=1, keepdims=0))
        picture = helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, ["n", 1, SIDE, SIDE])
        logits = helper.make_tensor_value_info(LOGITS, TensorProto.FLOAT, ["n", CLASSES])
        digit = helper.make_tensor_value_info(DIGIT, TensorProto.INT64, ["n"])
        made = helper.make_graph(self._nodes, "mnist_keras", [picture], [logits, digit], self._weights)
        model = helper.make_model(made, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
        model.producer_name = model.producer_version = ""
        onnx.checker.check_model(model, full_check=True)
        return bytes(model.SerializeToString(deterministic=True))


def logits_of(exported: bytes, images: NDArray[np.float32]) -> NDArray[np.float32]:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(exported, sess_options=options, providers=["CPUExecutionProvider"])
    logits: NDArray[np.float32] = session.run([LOGITS], {INPUT: images.reshape(-1, 1, SIDE, SIDE)})[0]
    return logits


def check_agreement(expected: NDArray[np.float32], exported: bytes, images: NDArray[np.float32]) -> None:
    """The exported model must give the logits that the trained one gives."""
    difference = np.abs(expected - logits_of(exported, images)).max(axis=1)
    worst = int(difference.argmax())
    if not difference[worst] <= LOGIT_TOLERANCE:
        raise ModelError(
            f"ONNX differs from Keras by {difference[worst]:.3g} on picture {worst}, allowed is {LOGIT_TOLERANCE}"
        )


def measure(logits: NDArray[np.float32], labels: NDArray[np.int64]) -> dict[str, float]:
    """Recall and precision are means over the ten digits."""
    predicted = logits.argmax(axis=1)
    confusion = np.zeros((CLASSES, CLASSES))
    np.add.at(confusion, (labels, predicted), 1)
    right = confusion.diagonal()
    exponents = logits - logits.max(axis=1, keepdims=True)
    likelihood = exponents[np.arange(len(labels)), labels] - np.log(np.exp(exponents).sum(axis=1))
    measured = {
        "accuracy": right.sum() / len(labels),
        "loss": -likelihood.mean(),
        "precision": (right / np.maximum(confusion.sum(axis=0), 1)).mean(),
        "recall": (right / np.maximum(confusion.sum(axis=1), 1)).mean(),
    }
    return {name: round(float(value), 10) for name, value in measured.items()}
