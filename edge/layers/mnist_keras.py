"""Reads the handwritten digits that a replay sends."""

from edge.senders import replay_layer

LAYER = replay_layer(model="mnist_keras")
