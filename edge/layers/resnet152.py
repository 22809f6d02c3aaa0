"""Says what the pictures show that a replay sends."""

from edge.senders import replay_layer

LAYER = replay_layer(model="resnet152")
