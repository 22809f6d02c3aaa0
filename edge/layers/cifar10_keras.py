"""Tells what the pictures show that a replay sends: ten kinds of them."""

from edge.senders import replay_layer

LAYER = replay_layer(model="cifar10_keras")
