"""A convolutional network trained in Keras, and its export to ONNX by hand, with stable bytes.

Keras is imported where it trains, nowhere else: export and metrics work on plain arrays. The export is by hand because
Keras' own gives other bytes in every run from the same weights (it numbers its nodes anew).
https://keras.io/api/, https://onnx.ai/onnx/operators/
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from models.training import ModelError

if TYPE_CHECKING:
    import keras

OPSET = 17
IR_VERSION = 8
INPUT, LOGITS = "image", "logits"
# Between Keras and ONNX Runtime; mnist_keras' bundled digits show 7e-6 on logits of about 10.
LOGIT_TOLERANCE = 1e-3

Kind = Literal["convolution", "pool", "flatten", "dense"]
KINDS: Mapping[str, Kind] = {
    "Conv2D": "convolution",
    "MaxPooling2D": "pool",
    "Flatten": "flatten",
    "Dense": "dense",
}
# only training knows it
_LEFT_OUT = "Dropout"


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """A trained layer as plain arrays, in Keras' order of axes."""

    kind: Kind
    kernel: NDArray[np.float32] | None = None
    bias: NDArray[np.float32] | None = None
    relu: bool = False
    same: bool = False
    """Of a convolution: as high and wide after it as before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """What the network takes and gives."""

    name: str
    side: int
    channels: int
    classes: int
    answer: str
    """What the output is called that says which class has the greatest logit."""
    pixels: bool = False
    """Takes uint8 pixels, n x height x width x channel, as they are, and divides by 255 itself; else float32 of 0 to 1,
    n x channel x height x width."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    train: NDArray[Any]
    """n x height x width x channel."""
    train_labels: NDArray[np.int64]
    test: NDArray[Any]
    test_labels: NDArray[np.int64]


def split(images: NDArray[Any], labels: NDArray[Any], *, share: float, seed: int) -> Split:
    """`share` of all, rounded up, is held out."""
    classes = labels.astype(np.int64)
    order = np.random.default_rng(seed).permutation(len(images))
    held_out = math.ceil(len(images) * share)
    train, test = order[:-held_out], order[-held_out:]
    return Split(train=images[train], train_labels=classes[train], test=images[test], test_labels=classes[test])


def told_without_doubt(logits: NDArray[np.float32], labels: NDArray[np.int64], *, lead: float) -> dict[int, int]:
    """Of each class the first picture that is told rightly, and by at least `lead` before the next: class to place."""
    predicted, leads = logits.argmax(axis=1), np.diff(np.sort(logits, axis=1)[:, -2:])[:, 0]
    sure = (predicted == labels) & (leads >= lead)
    found = {one: np.flatnonzero(sure & (predicted == one)) for one in range(logits.shape[1])}
    return {one: int(places[0]) for one, places in found.items() if places.size}


def prepare_keras(*, seed: int, threads: int) -> None:
    """Everything that may make two runs differ, before the first operation."""
    os.environ.update(KERAS_BACKEND="tensorflow", TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="")
    import keras
    import tensorflow

    # ~/.keras/keras.json of whoever trains may say otherwise
    keras.config.set_floatx("float32")
    keras.config.set_image_data_format("channels_last")
    keras.utils.set_random_seed(seed)
    tensorflow.config.experimental.enable_op_determinism()
    tensorflow.config.threading.set_intra_op_parallelism_threads(threads)
    tensorflow.config.threading.set_inter_op_parallelism_threads(1)


def framework() -> dict[str, str]:
    import tensorflow

    # by its own word, not its distribution's: that may be tensorflow or tensorflow-cpu
    return {"tensorflow": tensorflow.__version__, **{name: version(name) for name in ("keras", "numpy", "onnx")}}


def fit(
    made: keras.Sequential, optimizer: Any, data: Split, *, batch_size: int, epochs: int, report: Callable[[str], None]
) -> None:
    """`report` gets a line an epoch."""
    import keras

    def tell(epoch: int, logs: dict[str, float]) -> None:
        values = " ".join(f"{name} {value:.4f}" for name, value in sorted(logs.items()))
        report(f"epoch {epoch + 1} of {epochs}: {values}")

    made.compile(optimizer, keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
    made.fit(
        data.train,
        data.train_labels,
        batch_size=batch_size,
        epochs=epochs,
        verbose=0,
        validation_data=(data.test, data.test_labels),
        callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=tell)],
    )


def layers_of(trained: keras.Sequential) -> list[Layer]:
    """Anything that the export does not know is refused, not left out."""
    return [_layer(layer) for layer in trained.layers if type(layer).__name__ != _LEFT_OUT]


def _layer(layer: Any) -> Layer:
    if (kind := KINDS.get(type(layer).__name__)) is None:
        raise ModelError(f"layer {layer.name} is a {type(layer).__name__}, exported are {', '.join(KINDS)}")
    activation = getattr(getattr(layer, "activation", None), "__name__", "linear")
    if activation not in ("relu", "linear"):
        raise ModelError(f"layer {layer.name} has activation {activation}, exported are relu and linear")
    kernel, bias = layer.get_weights() or (None, None)
    same = kind == "convolution" and layer.padding == "same"
    return Layer(kind=kind, kernel=kernel, bias=bias, relu=activation == "relu", same=same)


def export(layers: Sequence[Layer], picture: Picture) -> bytes:
    """ONNX: input `image`; outputs `logits` (n, classes) and the answer (n). Equal weights give equal bytes."""
    graph = _Graph(picture)
    channels, side = picture.channels, picture.side
    flattened: tuple[int, int] | None = None
    for layer in layers:
        if layer.kind == "convolution":
            kernel = _weights(layer).transpose(3, 2, 0, 1)
            edge = kernel.shape[2]
            pads = {"pads": [edge // 2] * 4} if layer.same else {}
            graph.add("Conv", graph.weight(kernel), graph.weight(layer.bias), kernel_shape=[edge, edge], **pads)
            channels, side = kernel.shape[0], side if layer.same else side - edge + 1
        elif layer.kind == "pool":
            graph.add("MaxPool", kernel_shape=[2, 2], strides=[2, 2])
            side //= 2
        elif layer.kind == "flatten":
            graph.add("Flatten", axis=1)
            flattened = (channels, side)
        else:
            graph.add("Gemm", graph.weight(_turned(layer, flattened).T), graph.weight(layer.bias), transB=1)
            flattened = None
        if layer.relu:
            graph.add("Relu")
    return graph.finish()


def _turned(layer: Layer, flattened: tuple[int, int] | None) -> NDArray[np.float32]:
    """Keras flattens height, width, channels; the graph channels, height, width: the weights are turned once."""
    kernel = _weights(layer)
    if flattened is None:
        return kernel
    depth, edge = flattened
    return kernel.reshape(edge, edge, depth, -1).transpose(2, 0, 1, 3).reshape(kernel.shape)


def _weights(layer: Layer) -> NDArray[np.float32]:
    if layer.kernel is None:
        raise ModelError(f"a layer of kind {layer.kind} has no weights")
    return layer.kernel


class _Graph:
    """Nodes in a row, each taking what the last one gave; names are counters, so they never depend on a framework."""

    def __init__(self, picture: Picture) -> None:
        self._picture = picture
        self._nodes: list[onnx.NodeProto] = []
        self._weights: list[onnx.TensorProto] = []
        self._last = INPUT
        if picture.pixels:
            self.add("Cast", to=TensorProto.FLOAT)
            self.add("Mul", self.weight(np.array(1 / 255, np.float32)))
            self.add("Transpose", perm=[0, 3, 1, 2])

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
        given = self._picture
        self._nodes[-1].output[0] = LOGITS
        self._nodes.append(helper.make_node("ArgMax", [LOGITS], [given.answer], name="argmax", axis=1, keepdims=0))
        logits = helper.make_tensor_value_info(LOGITS, TensorProto.FLOAT, ["n", given.classes])
        answer = helper.make_tensor_value_info(given.answer, TensorProto.INT64, ["n"])
        made = helper.make_graph(self._nodes, given.name, [self._input()], [logits, answer], self._weights)
        model = helper.make_model(made, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
        model.producer_name = model.producer_version = ""
        onnx.checker.check_model(model, full_check=True)
        return bytes(model.SerializeToString(deterministic=True))

    def _input(self) -> onnx.ValueInfoProto:
        side, channels = self._picture.side, self._picture.channels
        if self._picture.pixels:
            return helper.make_tensor_value_info(INPUT, TensorProto.UINT8, ["n", side, side, channels])
        return helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, ["n", channels, side, side])


def logits_of(exported: bytes, images: NDArray[Any]) -> NDArray[np.float32]:
    """`images` as the exported model takes them."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(exported, sess_options=options, providers=["CPUExecutionProvider"])
    logits: NDArray[np.float32] = session.run([LOGITS], {INPUT: images})[0]
    return logits


def check_agreement(expected: NDArray[np.float32], exported: bytes, images: NDArray[Any]) -> None:
    """The exported model must give the logits that the trained one gives."""
    difference = np.abs(expected - logits_of(exported, images)).max(axis=1)
    worst = int(difference.argmax())
    if not difference[worst] <= LOGIT_TOLERANCE:
        raise ModelError(
            f"ONNX differs from Keras by {difference[worst]:.3g} on picture {worst}, allowed is {LOGIT_TOLERANCE}"
        )


def measure(logits: NDArray[np.float32], labels: NDArray[np.int64]) -> dict[str, float]:
    """Recall and precision are means over the classes."""
    classes = logits.shape[1]
    predicted = logits.argmax(axis=1)
    confusion = np.zeros((classes, classes))
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
