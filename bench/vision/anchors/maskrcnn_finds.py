"""What torchvision finds: `python maskrcnn_finds.py CHECKPOINT.pth PICTURES.npz OUT.npz`; masks are packed bits."""

# mypy: ignore-errors
from __future__ import annotations

import sys

import numpy as np
import torch
from torchvision import models
from torchvision.models.detection._utils import overwrite_eps

checkpoint, pictures, out = sys.argv[1:]
network = models.detection.maskrcnn_resnet50_fpn(weights=None, weights_backbone=None)
network.load_state_dict(torch.load(checkpoint, weights_only=True))
overwrite_eps(network, 0.0)  # as torchvision does for the weights that it publishes
network.eval()
told = {}
with np.load(pictures) as given, torch.no_grad():
    for name in given:
        (found,) = network([torch.from_numpy(given[name].transpose(2, 0, 1).astype(np.float32) / 255)])
        told |= {f"{name} {part}": found[part].numpy() for part in ("boxes", "labels", "scores")}
        told[f"{name} masks"] = np.packbits((found["masks"][:, 0] > 0.5).numpy(), axis=-1)
np.savez(out, **told)
