"""Says what is where in the pictures that a replay sends."""

from edge.senders import replay_layer

LAYER = replay_layer(model="maskrcnn")
