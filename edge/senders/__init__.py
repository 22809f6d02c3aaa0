"""Senders of `images/` as parts of a layer, and layers that need no code of their own.

LAYER = replay_layer(model="mnist_keras")         # all that edge/layers/mnist_keras.py does
"""

from __future__ import annotations

from edge.senders.host import CONFINED, LOGS, SENDER_MEMORY_MB, limited
from edge.senders.published_image import PublishedImage
from edge.senders.replay import GOLDEN_EXAMPLES, ReplaySettings, replay_layer
from edge.senders.scorer import ScorerSettings, scorer_module
from edge.senders.time_span import time_span

__all__ = [
    "CONFINED",
    "GOLDEN_EXAMPLES",
    "LOGS",
    "SENDER_MEMORY_MB",
    "PublishedImage",
    "ReplaySettings",
    "ScorerSettings",
    "limited",
    "replay_layer",
    "scorer_module",
    "time_span",
]
