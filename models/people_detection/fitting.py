"""The training: pictures in batches through the network in numpy, and weights moved against the gradient (AdamW).

https://arxiv.org/abs/1711.05101. The same data and settings give the same weights on one kind of machine; another
number of threads, or another kind of processor, gives other last bits.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from models.people_detection.data import Picture
from models.people_detection.layers import Array, Tape, Value, Weights
from models.people_detection.loss import loss, wanted
from models.people_detection.model import Hyperparameters
from models.people_detection.network import initial, network

WARM_STEPS, LAST_RATE = 100, 0.01
DECAY, FIRST, SECOND, LEAST = 0.02, 0.9, 0.999, 1e-8
MOST_GRADIENT = 10.0
# of glibc: what is freed stays for the next step, where each large array would be mapped and cleared anew, half of the
# time of a step. https://man7.org/linux/man-pages/man3/mallopt.3.html
_TRIM_THRESHOLD, _MMAP_MAX, _KEPT_BYTES = -1, -4, 2**31 - 1


def fit(
    pictures: Sequence[Picture],
    classes: int,
    hyperparameters: Hyperparameters,
    report: Callable[[str], None] = lambda line: None,
) -> Weights:
    if mallopt := getattr(ctypes.CDLL(None), "mallopt", None):
        mallopt(_MMAP_MAX, 0)
        mallopt(_TRIM_THRESHOLD, _KEPT_BYTES)
    rng = np.random.default_rng(hyperparameters.seed)
    weights = initial(hyperparameters.width, classes, rng)
    steps = max(1, len(pictures) // hyperparameters.batch_size)
    mover = _Mover(weights, total=steps * hyperparameters.epochs, rate=hyperparameters.learning_rate)
    with threadpool_limits(hyperparameters.threads, "blas"):
        for epoch in range(hyperparameters.epochs):
            lost = [
                _step(weights, mover, batch, hyperparameters.side, rng)
                for batch in _batches(pictures, hyperparameters.batch_size, steps, rng)
            ]
            report(f"epoch {epoch + 1} of {hyperparameters.epochs}: loss {np.mean(lost):.4f}")
    return weights


def _batches(pictures: Sequence[Picture], size: int, steps: int, rng: np.random.Generator) -> Iterator[list[Picture]]:
    order = rng.permutation(len(pictures))
    for step in range(steps):
        yield [pictures[place] for place in order[step * size : (step + 1) * size]]


def _step(weights: Weights, mover: _Mover, batch: list[Picture], side: int, rng: np.random.Generator) -> float:
    pixels, boxes = zip(*(_varied(one, rng) for one in batch), strict=True)
    tape = Tape(weights)
    levels = network(tape, Value(np.stack(pixels)))
    logits, raw = (np.concatenate([_rows(one[part].data) for one in levels], axis=1) for part in (0, 1))
    want = wanted(list(boxes), [one.classes for one in batch], side)
    lost, by_logits, by_raw = loss(logits, raw, want, side)
    _give_back([one for one, _ in levels], by_logits)
    _give_back([one for _, one in levels], by_raw)
    tape.backward()
    mover.move(tape.gradients)
    return lost


def _varied(picture: Picture, rng: np.random.Generator) -> tuple[Array, Array]:
    """Of 0 to 1, in other light, and every other time turned over."""
    pixels = picture.pixels.astype(np.float32) * (rng.uniform(0.8, 1.2, 3).astype(np.float32) / 255)
    boxes = picture.boxes
    if rng.random() < 0.5:
        pixels, boxes = pixels[:, ::-1], np.stack([1 - boxes[:, 2], boxes[:, 1], 1 - boxes[:, 0], boxes[:, 3]], axis=1)
    return pixels.clip(0, 1), boxes


def _rows(level: Array) -> Array:
    return level.reshape(len(level), -1, level.shape[-1])


def _give_back(levels: Sequence[Value], gradient: Array) -> None:
    begin = 0
    for level in levels:
        number = level.data.shape[1] * level.data.shape[2]
        level.take(np.ascontiguousarray(gradient[:, begin : begin + number]).reshape(level.data.shape))
        begin += number


class _Mover:
    def __init__(self, weights: Weights, *, total: int, rate: float) -> None:
        self._weights = weights
        self._total, self._rate, self._done = total, rate, 0
        self._first = {name: np.zeros_like(value) for name, value in weights.items()}
        self._second = {name: np.zeros_like(value) for name, value in weights.items()}

    def move(self, gradients: Weights) -> None:
        norm = float(np.sqrt(sum(float((one.astype(np.float64) ** 2).sum()) for one in gradients.values())))
        shrink = min(1.0, MOST_GRADIENT / (norm + 1e-6))
        rate = self._rate_now()
        self._done += 1
        for name, gradient in gradients.items():
            self._move(name, gradient * np.float32(shrink), rate)

    def _rate_now(self) -> float:
        """Up at first, then down in half a wave."""
        wave = 0.5 * (1 + np.cos(np.pi * self._done / self._total)) + LAST_RATE
        return float(self._rate * min(1.0, (self._done + 1) / min(WARM_STEPS, max(1, self._total // 5))) * wave)

    def _move(self, name: str, gradient: NDArray[np.float32], rate: float) -> None:
        first, second, weight = self._first[name], self._second[name], self._weights[name]
        first += (1 - FIRST) * (gradient - first)
        second += (1 - SECOND) * (gradient * gradient - second)
        mean, square = first / (1 - FIRST**self._done), second / (1 - SECOND**self._done)
        weight -= (rate * DECAY) * weight if name.endswith(".kernel") else 0
        weight -= np.float32(rate) * mean / (np.sqrt(square) + np.float32(LEAST))
