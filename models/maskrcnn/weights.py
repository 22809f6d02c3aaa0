"""The weights: of the published checkpoint, or of a seed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.maskrcnn.network import STAGES, Network
from models.source import DataError
from models.torchvision import checkpoint, resnet
from models.torchvision.checkpoint import Weights

EPSILON = 0.0
"""What a normalisation adds to a variance: none, as torchvision sets it for the weights that it publishes
(`overwrite_eps`), which were trained without."""
# as the published file, which is older than torchvision's present names, has them: `_load_from_state_dict` there
_RENAMED = (
    (r"(backbone\.fpn\.(?:inner|layer)_blocks\.\d)\.(weight|bias)", r"\1.0.\2"),
    (r"(rpn\.head\.conv)\.(weight|bias)", r"\1.0.0.\2"),
    (r"(roi_heads\.mask_head\.)mask_fcn1\.", r"\g<1>0.0."),
    (r"(roi_heads\.mask_head\.)mask_fcn2\.", r"\g<1>1.0."),
    (r"(roi_heads\.mask_head\.)mask_fcn3\.", r"\g<1>2.0."),
    (r"(roi_heads\.mask_head\.)mask_fcn4\.", r"\g<1>3.0."),
)
# Drawn weights give scores and boxes of all sizes, and few that are equal: what each part's weights are multiplied by.
_GAINS = {
    **{f"backbone.fpn.inner_blocks.{stage}.0.weight": 0.15 for stage in range(STAGES)},
    "rpn.head.cls_logits.weight": 1.0,
    "rpn.head.bbox_pred.weight": 0.2,
    "roi_heads.box_predictor.cls_score.weight": 1.0,
    "roi_heads.box_predictor.bbox_pred.weight": 0.7,
    "roi_heads.mask_predictor.mask_fcn_logits.weight": 2.0,
}


def checked(tensors: Mapping[str, NDArray[Any]], width: int, *, where: str) -> Weights:
    """Raises DataError with the first that is not of the network."""
    named = {_renamed(name): tensor for name, tensor in tensors.items()}
    made = checkpoint.checked(named, Network(width=width).shapes, where=where, network=f"the network of width {width}")
    for name, values in made.items():
        if name.endswith(".running_var") and values.min() <= 0:
            raise DataError(f"{where}: {name} has {values.min()}, a variance is above 0")
    return made


def seeded(width: int, seed: int) -> Weights:
    network = Network(width=width)
    made = resnet.drawn(network.shapes, network.convolutions, np.random.default_rng(seed))
    for name, gain in _GAINS.items():
        made[name] *= np.float32(gain)
    made["roi_heads.box_predictor.cls_score.bias"][0] = 2
    return made


def _renamed(name: str) -> str:
    for old, new in _RENAMED:
        name = re.sub(rf"^{old}", new, name)
    return name
