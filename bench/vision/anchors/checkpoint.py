"""Writes weights as torch does, by torch: `python checkpoint.py resnet152|maskrcnn WEIGHTS.npz OUT.pth`."""

# mypy: ignore-errors
from __future__ import annotations

import sys

import numpy as np
import torch
from torchvision import models

MADE = {
    "resnet152": lambda: models.resnet152(weights=None),
    "maskrcnn": lambda: models.detection.maskrcnn_resnet50_fpn(weights=None, weights_backbone=None),
}
model, given, made = sys.argv[1:]
network = MADE[model]()
with np.load(given) as weights:
    lacking = network.load_state_dict({name: torch.from_numpy(weights[name]) for name in weights}, strict=False)
assert not lacking.unexpected_keys
assert all(name.endswith("num_batches_tracked") for name in lacking.missing_keys)
torch.save(network.state_dict(), made)
