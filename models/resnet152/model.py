"""Hyperparameters, and the model made of weights: fp32, or int8 with how often it agrees."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import onnxruntime
from msgspec import Meta
from numpy.typing import NDArray

from models.resnet152.graph import export
from models.resnet152.network import CLASSES, SIDE
from models.torchvision.checkpoint import Weights
from models.training import ModelError


@dataclass(frozen=True, slots=True, kw_only=True)
class Hyperparameters:
    seed: Annotated[int, Meta(ge=0, le=4294967295)] = 0
    """Of the drawn pictures that int8 is fitted on and compared by."""
    width: Annotated[int, Meta(ge=1, le=64)] = 64
    """Of the first stage; 64 is the published network, a narrow one is for trying everything but the answers."""
    resize: Annotated[int, Meta(ge=224, le=512)] = 232
    """The shorter side, of which the middle 224 are taken: 232 for torchvision's V2 weights, 256 for V1."""
    precision: Literal["fp32", "int8"] = "fp32"


def labels() -> list[tuple[str, str]]:
    """WordNet's id and name of each class, in the order of the weights."""
    lines = Path(__file__).with_name("labels.jsonl").read_text(encoding="utf-8").splitlines()
    found = [(str(label), str(name)) for label, name in map(json.loads, lines)]
    if len(found) != CLASSES:
        raise ModelError(f"labels.jsonl names {len(found)} classes, the network has {CLASSES}")
    return found


def exported(weights: Weights, hyperparameters: Hyperparameters) -> bytes:
    metadata = {"labels": labels(), "resize": hyperparameters.resize}
    return export(weights, hyperparameters.width, metadata=metadata)


def best(model: bytes | Path, pixels: NDArray[np.uint8]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Classes and probabilities of pictures, n x 224 x 224 x 3, one at a time as they are served."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    found = [session.run(["index", "score"], {"image": one[np.newaxis]}) for one in pixels]
    return np.concatenate([index for index, _ in found]), np.concatenate([score for _, score in found])


def drawn(seed: int, count: int) -> NDArray[np.uint8]:
    """Pictures of coloured waves, n x 224 x 224 x 3: nothing that can be seen in them, but each another."""
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[0:SIDE, 0:SIDE] / SIDE
    waves = rng.uniform(0.5, 12, (count, 3, 2)), rng.uniform(0, 2 * np.pi, (count, 3))
    angle = waves[0][..., :1, None] * rows + waves[0][..., 1:, None] * columns
    bright = np.sin(angle * 2 * np.pi + waves[1][..., None, None])
    pixels: NDArray[np.uint8] = ((bright + 1) * 127.5).astype(np.uint8).transpose(0, 2, 3, 1)
    return np.ascontiguousarray(pixels)
