"""The network's parts, in the names of torchvision's checkpoint: what has weights, and of which shape.

Mask R-CNN (https://arxiv.org/abs/1703.06870) over ResNet-50 and a feature pyramid (https://arxiv.org/abs/1612.03144):
https://docs.pytorch.org/vision/stable/models/generated/torchvision.models.detection.maskrcnn_resnet50_fpn.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from models.torchvision import resnet
from models.torchvision.resnet import Body, Convolution

CLASSES = 91
"""Of COCO, with the background, which is 0; some numbers are nothing's (labels.jsonl)."""
FULL_WIDTH = 64
STAGES = 4
"""Of the body; each halves the picture's sides, from a quarter on."""
LEVELS = STAGES + 1
"""Of the pyramid: the last one, at 1/64, only proposes."""
ANCHORS = 3
"""At each place of a level: one twice as wide as high, one square, one twice as high."""
BOX_SIDE, MASK_SIDE = 7, 14
"""Of what is cut out of a level for a box's class and place, and for its mask, which comes out twice as large."""
MASK_LAYERS = 4
_RPN, _BOX, _MASK = "rpn.head.", "roi_heads.box_predictor.", "roi_heads.mask_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    width: int = FULL_WIDTH
    """Of the body's first stage; a narrow network has the same layers."""

    @property
    def body(self) -> Body:
        return Body(counts=(3, 4, 6, 3), width=self.width, prefix="backbone.body.")

    @property
    def channels(self) -> int:
        """Of each level of the pyramid; 256 in the published network."""
        return self.width * 4

    @property
    def features(self) -> int:
        """Of a box, by which its class is told; 1,024 in the published network."""
        return self.width * 16

    def inner(self, stage: int) -> Convolution:
        name = f"backbone.fpn.inner_blocks.{stage}.0"
        return Convolution(name=name, inputs=self.body.outputs(stage), outputs=self.channels, kernel=1)

    def level(self, stage: int) -> Convolution:
        return self._plain(f"backbone.fpn.layer_blocks.{stage}.0", self.channels, 3)

    @property
    def looking(self) -> Convolution:
        return self._plain(f"{_RPN}conv.0.0", self.channels, 3)

    @property
    def objectness(self) -> Convolution:
        return self._plain(f"{_RPN}cls_logits", ANCHORS, 1)

    @property
    def proposed(self) -> Convolution:
        return self._plain(f"{_RPN}bbox_pred", ANCHORS * 4, 1)

    def mask_layer(self, number: int) -> Convolution:
        return self._plain(f"{_MASK}head.{number}.0", self.channels, 3)

    @property
    def mask_logits(self) -> Convolution:
        return self._plain(f"{_MASK}predictor.mask_fcn_logits", CLASSES, 1)

    @property
    def convolutions(self) -> Iterator[Convolution]:
        yield from self.body.convolutions
        yield from (make(stage) for make in (self.inner, self.level) for stage in range(STAGES))
        yield from (self.looking, self.objectness, self.proposed)
        yield from (self.mask_layer(number) for number in range(MASK_LAYERS))
        yield self.mask_logits

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Of all weights, by name."""
        return {
            **resnet.shapes(self.convolutions),
            **_dense("roi_heads.box_head.fc6", self.channels * BOX_SIDE**2, self.features),
            **_dense("roi_heads.box_head.fc7", self.features, self.features),
            **_dense(f"{_BOX}cls_score", self.features, CLASSES),
            **_dense(f"{_BOX}bbox_pred", self.features, CLASSES * 4),
            f"{_MASK}predictor.conv5_mask.weight": (self.channels, self.channels, 2, 2),
            f"{_MASK}predictor.conv5_mask.bias": (self.channels,),
        }

    def _plain(self, name: str, outputs: int, kernel: int) -> Convolution:
        return Convolution(name=name, inputs=self.channels, outputs=outputs, kernel=kernel)


def _dense(name: str, inputs: int, outputs: int) -> dict[str, tuple[int, ...]]:
    return {f"{name}.weight": (outputs, inputs), f"{name}.bias": (outputs,)}
