"""Layers of a network that looks, in numpy, forwards and backwards: no framework is needed to train what is small.

A `Tape` keeps how to go back, once, through what was computed. Values are float32, n x height x width x channels,
and so is what is learned. https://arxiv.org/abs/1502.03167 is the normalisation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
Weights = dict[str, Array]
"""What is learned, by name: of a convolution `<name>.kernel` (side, side, inputs, outputs) and, where nothing comes
after it, `.bias`; of a normalisation `.scale`, `.shift`, `.mean` and `.variance`."""
EPSILON = 1e-5
KEPT = 0.9
"""Of the running mean and variance, at each step."""


@dataclass(slots=True, eq=False)
class Value:
    data: Array
    gradient: Array | None = None

    def take(self, gradient: Array) -> None:
        self.gradient = gradient if self.gradient is None else self.gradient + gradient


class Tape:
    """`weights` are read; of the normalisations' `.mean` and `.variance` the running ones are written."""

    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        self._back: list[Callable[[], None]] = []
        self.gradients: Weights = {}

    def backward(self) -> None:
        while self._back:
            self._back.pop()()  # what a step kept is let go of, each step in turn

    def convolve(self, given: Value, name: str) -> Value:
        """With a bias and nothing after it."""
        kernel = self._weights[f"{name}.kernel"]
        columns, shape = unfolded(given.data, kernel.shape[0], 1)
        made = Value((columns @ _flat(kernel) + self._weights[f"{name}.bias"]).reshape(*shape, -1))

        def back() -> None:
            gradient = _rows(made)
            self._learned(f"{name}.bias", gradient.sum(axis=0))
            self._spread(given, name, columns, gradient, 1)

        self._back.append(back)
        return made

    def block(
        self, given: Value, name: str, *, norm: str | None = None, stride: int = 1, beside: Value | None = None
    ) -> Value:
        """Convolution, normalisation (of its own name where a convolution has several), no less than zero; then
        `beside` is added."""
        norm = norm or name
        kernel = self._weights[f"{name}.kernel"]
        columns, shape = unfolded(given.data, kernel.shape[0], stride)
        raw = columns @ _flat(kernel)
        mean, inverse = self._measure(norm, raw)
        scale = self._weights[f"{norm}.scale"] * inverse
        normal = raw * scale
        normal += self._weights[f"{norm}.shift"] - mean * scale
        np.maximum(normal, 0, out=normal)
        made = Value(normal.reshape(*shape, -1) if beside is None else normal.reshape(*shape, -1) + beside.data)
        positive = normal > 0

        def back() -> None:
            if beside is not None:
                assert made.gradient is not None
                beside.take(made.gradient)
            gradient = _rows(made) * positive
            shift = gradient.sum(axis=0)
            slope = inverse * (np.einsum("ij,ij->j", gradient, raw) - mean * shift)
            self._learned(f"{norm}.shift", shift)
            self._learned(f"{norm}.scale", slope)
            bent = slope * inverse / len(raw)
            gradient -= raw * bent
            gradient += mean * bent - shift / len(raw)
            gradient *= scale
            self._spread(given, name, columns, gradient, stride)

        self._back.append(back)
        return made

    def enlarged(self, given: Value, other: Value) -> Value:
        """Each place of `given` four times, added to `other`, which is twice as high and wide."""
        made = Value(other.data + given.data.repeat(2, axis=1).repeat(2, axis=2))

        def back() -> None:
            assert made.gradient is not None
            n, height, width, channels = given.data.shape
            given.take(made.gradient.reshape(n, height, 2, width, 2, channels).sum(axis=(2, 4)))
            other.take(made.gradient)

        self._back.append(back)
        return made

    def _measure(self, name: str, raw: Array) -> tuple[Array, Array]:
        """Mean and 1 / deviation of each channel."""
        mean = raw.mean(axis=0)
        variance = np.maximum(np.einsum("ij,ij->j", raw, raw) / len(raw) - mean * mean, 0)
        for part, now in (("mean", mean), ("variance", variance)):
            running = self._weights[f"{name}.{part}"]
            running *= KEPT
            running += (1 - KEPT) * now
        return mean, (1 / np.sqrt(variance + EPSILON)).astype(np.float32)

    def _spread(self, given: Value, name: str, columns: Array, gradient: Array, stride: int) -> None:
        """A gradient to the kernel, and to what went in."""
        kernel = self._weights[f"{name}.kernel"]
        self._learned(f"{name}.kernel", (columns.T @ gradient).reshape(kernel.shape))
        given.take(folded(gradient @ _flat(kernel).T, given.data.shape, kernel.shape[0], stride))

    def _learned(self, name: str, gradient: Array) -> None:
        before = self.gradients.get(name)
        self.gradients[name] = gradient if before is None else before + gradient


def unfolded(given: Array, side: int, stride: int) -> tuple[Array, tuple[int, int, int]]:
    """What each place of a convolution sees, as rows; and number, height and width of its places."""
    n, height, width, channels = given.shape
    if side == stride:
        high, wide = height // side, width // side
        tiles = given.reshape(n, high, side, wide, side, channels).transpose(0, 1, 3, 2, 4, 5)
        return tiles.reshape(n * high * wide, -1), (n, high, wide)
    padded = np.pad(given, ((0, 0), (side // 2,) * 2, (side // 2,) * 2, (0, 0)))
    high, wide = -(-height // stride), -(-width // stride)
    columns = np.empty((n, high, wide, side * side * channels), np.float32)
    for place, (y, x) in enumerate(np.ndindex(side, side)):
        seen = padded[:, y : y + high * stride : stride, x : x + wide * stride : stride][:, :high, :wide]
        columns[..., place * channels : (place + 1) * channels] = seen
    return columns.reshape(n * high * wide, -1), (n, high, wide)


def folded(columns: Array, shape: tuple[int, ...], side: int, stride: int) -> Array:
    """Back: each place gets the sum of what was seen of it."""
    n, height, width, channels = shape
    if side == stride:
        high, wide = height // side, width // side
        tiles = columns.reshape(n, high, wide, side, side, channels).transpose(0, 1, 3, 2, 4, 5)
        return tiles.reshape(shape)
    high, wide, edge = -(-height // stride), -(-width // stride), side // 2
    parts = columns.reshape(n, high, wide, side * side, channels)
    padded = np.zeros((n, height + 2 * edge, width + 2 * edge, channels), np.float32)
    for place, (y, x) in enumerate(np.ndindex(side, side)):
        padded[:, y : y + high * stride : stride, x : x + wide * stride : stride][:, :high, :wide] += parts[
            :, :, :, place
        ]
    return padded[:, edge : edge + height, edge : edge + width]


def folded_into_kernel(weights: Mapping[str, Array], name: str, norm: str) -> tuple[Array, Array]:
    """Kernel and bias that do what convolution and normalisation do one after the other, once nothing is learned."""
    kernel = weights[f"{name}.kernel"]
    if f"{name}.bias" in weights:
        return kernel, weights[f"{name}.bias"]
    scale = weights[f"{norm}.scale"] / np.sqrt(weights[f"{norm}.variance"] + EPSILON)
    return (kernel * scale).astype(np.float32), weights[f"{norm}.shift"] - weights[f"{norm}.mean"] * scale


def _flat(kernel: Array) -> Array:
    return kernel.reshape(-1, kernel.shape[-1])


def _rows(made: Value) -> Array:
    assert made.gradient is not None
    return made.gradient.reshape(-1, made.gradient.shape[-1])
