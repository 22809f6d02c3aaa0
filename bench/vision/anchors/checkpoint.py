"""Writes weights as torch does, by torch: `python checkpoint.py WEIGHTS.npz OUT.pth`."""

# mypy: ignore-errors
from __future__ import annotations

import sys

import numpy as np
import torch
from torchvision import models

network = models.resnet152(weights=None)
with np.load(sys.argv[1]) as weights:
    lacking = network.load_state_dict({name: torch.from_numpy(weights[name]) for name in weights}, strict=False)
assert not lacking.unexpected_keys
assert all(name.endswith("num_batches_tracked") for name in lacking.missing_keys)
torch.save(network.state_dict(), sys.argv[2])
