"""The network in plain numpy: what the export is held against, and what finds a figure without having been trained."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.people_detection.data import Picture
from models.people_detection.loss import NOBODY, wanted
from models.people_detection.network import EPSILON, Array, network, places

HIGH, LOW = 6.0, -20.0
"""Logits of somebody and of nobody: far apart, so that some answers are without doubt."""


class Arrays:
    """Each layer's meaning, n x height x width x channels. What has no weights yet gets some, drawn."""

    def __init__(self, seed: int = 0) -> None:
        self.weights: dict[str, Array] = {}
        self.seen: list[Array] = []
        """What is told from, of each level."""
        self._rng = np.random.default_rng(seed)

    def block(
        self,
        given: Array,
        name: str,
        channels: int,
        *,
        side: int = 3,
        stride: int = 1,
        norm: str | None = None,
        beside: Array | None = None,
    ) -> Array:
        made = convolved(given, self._kernel(name, side, given.shape[-1], channels), stride)
        mean, variance, scale, shift = (self._part(f"{norm or name}.{part}", channels) for part in PARTS)
        made = np.maximum((made - mean) / np.sqrt(variance + np.float32(EPSILON)) * scale + shift, 0)
        return np.asarray(made if beside is None else made + beside, np.float32)

    def convolve(self, given: Array, name: str, channels: int) -> Array:
        if name == "classes":
            self.seen.append(given.reshape(len(given), -1, given.shape[-1]))
        kernel = self._kernel(name, 1, given.shape[-1], channels)
        return convolved(given, kernel, 1) + self._part(f"{name}.bias", channels)

    def enlarged(self, given: Array, other: Array) -> Array:
        return other + given.repeat(2, axis=1).repeat(2, axis=2)

    def _kernel(self, name: str, side: int, inputs: int, outputs: int) -> Array:
        deviation = (2 / (side * side * inputs)) ** 0.5
        return self._kept(f"{name}.kernel", self._rng.normal(0, deviation, (side, side, inputs, outputs)))

    def _part(self, name: str, channels: int) -> Array:
        low, high = PARTS.get(name.rpartition(".")[2], (-0.1, 0.1))
        return self._kept(name, self._rng.uniform(low, high, channels))

    def _kept(self, name: str, drawn: NDArray[np.float64]) -> Array:
        return self.weights.setdefault(name, drawn.astype(np.float32))


PARTS = {"mean": (-0.1, 0.1), "variance": (0.5, 1.5), "scale": (0.8, 1.2), "shift": (-0.1, 0.1)}


def convolved(given: Array, kernel: Array, stride: int) -> Array:
    """As Keras' "same": where it cannot be even, there is more after than before."""
    side, (_, height, width, _) = len(kernel), given.shape
    before = (side - stride) // 2
    edge = (before, side - stride - before)
    padded = np.pad(given, ((0, 0), edge, edge, (0, 0)))
    parts = (
        padded[:, y : y + height : stride, x : x + width : stride] @ kernel[y, x] for y, x in np.ndindex(side, side)
    )
    return np.asarray(sum(parts), np.float32)


def answered(arrays: Arrays, pixels: Array, width: int, classes: int) -> tuple[Array, Array]:
    """Boxes of 0 to 1 and scores."""
    levels = network(arrays, pixels, width, classes)
    logits, raw = (
        np.concatenate([one[part].reshape(len(pixels), -1, one[part].shape[-1]) for one in levels], axis=1)
        for part in (0, 1)
    )
    side = pixels.shape[1]
    middles, strides = places(side)
    far = np.logaddexp(0, raw) * (2 * strides[:, None])
    boxes = np.concatenate([middles - far[..., :2], middles + far[..., 2:]], axis=-1) / side
    return boxes.clip(0, 1), 1 / (1 + np.exp(-logits))


def fitted(pictures: Sequence[Picture], width: int) -> dict[str, Array]:
    """Random weights but for the last layers, which least squares fit: finds most figures, in a second."""
    arrays = Arrays()
    pixels = np.stack([one.pixels for one in pictures]).astype(np.float32) / np.float32(255)
    answered(arrays, pixels, width, 1)
    side = pixels.shape[1]
    want = np.stack([wanted(one.boxes, one.classes, side) for one in pictures]).reshape(-1, 5)
    seen = np.concatenate(arrays.seen, axis=1)
    seen = np.concatenate([seen, np.ones((*seen.shape[:2], 1), np.float32)], axis=2).reshape(-1, seen.shape[-1] + 1)
    here = want[:, 0] != NOBODY
    logits = np.where(here, HIGH, LOW)[:, None]
    weight = np.where(here, (~here).sum() / here.sum(), 1)[:, None] ** 0.5
    middles, strides = (np.tile(one, (len(pictures), *[1] * (one.ndim - 1))) for one in places(side))
    far = np.concatenate([middles - want[:, 1:3], want[:, 3:] - middles], axis=1) / (2 * strides[:, None])
    for name, told, to in (
        ("classes", seen * weight, logits * weight),
        ("sides", seen[here], np.log(np.expm1(far[here].clip(0.05)))),
    ):
        solution = np.linalg.lstsq(told, to, rcond=None)[0].astype(np.float32)
        arrays.weights |= {f"{name}.kernel": solution[None, None, :-1], f"{name}.bias": solution[-1]}
    return arrays.weights
