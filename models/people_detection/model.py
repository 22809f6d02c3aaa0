"""Hyperparameters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta


@dataclass(frozen=True, slots=True, kw_only=True)
class Hyperparameters:
    seed: Annotated[int, Meta(ge=0, le=4294967295)] = 0
    epochs: Annotated[int, Meta(ge=1, le=1000)] = 20
    batch_size: Annotated[int, Meta(ge=1, le=256)] = 16
    learning_rate: Annotated[float, Meta(gt=0, le=1)] = 0.003
    side: Annotated[int, Meta(ge=64, le=1024, multiple_of=32)] = 320
    """Of the square that pictures are brought to, in pixels."""
    width: Annotated[int, Meta(ge=4, le=128, multiple_of=2)] = 32
    """Channels of the first layer; the others follow it."""
    threads: Annotated[int, Meta(ge=1, le=64)] = 2
    """Of TensorFlow. Another count gives other last bits, so it is a setting and never the number of cores."""
