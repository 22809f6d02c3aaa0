"""From a picture to what is in it, in the pixels of that picture: the network and what is around it.

It travels in the artifact, as `masks.py` and `scaling.py` do, and training looks at its examples with it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from models.maskrcnn.masks import pasted, run_lengths
from models.maskrcnn.scaling import Floats, scaled

_TOLD = ["boxes", "labels", "scores", "masks"]
_ALL = np.iinfo(np.int64).max
LEAST_SIDE = 32
"""In pixels, of a picture after scaling: the network looks at 1/32 of a side."""


class TooNarrow(ValueError):
    """A picture whose shorter side would be less than LEAST_SIDE."""


class Outlines(NamedTuple):
    """As run lengths, of the whole picture."""

    height: int
    width: int
    counts: list[list[int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Of each thing, the best first."""

    boxes: Floats
    """Left, top, right, bottom."""
    labels: NDArray[np.int64]
    scores: Floats
    outlines: Outlines | None = None

    def above(self, threshold: float) -> Found:
        kept = self.scores > threshold
        return Found(boxes=self.boxes[kept], labels=self.labels[kept], scores=self.scores[kept])


class Detector:
    def __init__(self, model: bytes | Path, threads: int) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        given = model if isinstance(model, bytes) else str(model)
        self._session = onnxruntime.InferenceSession(given, options, providers=["CPUExecutionProvider"])
        told = {key: json.loads(text) for key, text in self._session.get_modelmeta().custom_metadata_map.items()}
        self.names: list[str] = told["labels"]
        self.threshold: float = told["threshold"]
        self._min_size, self._max_size = told["minSize"], told["maxSize"]

    def look(self, pixels: NDArray[np.uint8] | Floats, *, threshold: float, outlines: bool = False) -> Found:
        """`pixels` are height x width x 3. Raises TooNarrow."""
        height, width = pixels.shape[:2]
        size = self._scaled_size(height, width)
        given = {
            "image": scaled(pixels, *size),
            "threshold": np.array([threshold], np.float32),
            "outlined": np.array([_ALL if outlines else 0], np.int64),
        }
        boxes, labels, scores, masks = self._session.run(_TOLD, given)
        back = np.array([width / size[1], height / size[0]] * 2, np.float32)
        boxes *= back
        made = None
        if outlines:
            parts = (pasted(mask, box, height, width) for mask, box in zip(masks, boxes, strict=True))
            made = Outlines(height, width, [run_lengths(part, height, width) for part in parts])
        return Found(boxes=boxes, labels=labels, scores=scores, outlines=made)

    def _scaled_size(self, height: int, width: int) -> tuple[int, int]:
        short, long = sorted((height, width))
        if short * self._max_size < LEAST_SIDE * long:
            most = short * self._max_size // LEAST_SIDE
            raise TooNarrow(
                f"Expected a longer side of at most {most} pixels where the shorter has {short} "
                f"(max_size, {self._max_size}, / {LEAST_SIDE} times as many), got {width} x {height}"
            )
        factor = min(self._min_size / short, self._max_size / long)
        # at just that many the quotient may be a hair less
        return max(int(height * factor), LEAST_SIDE), max(int(width * factor), LEAST_SIDE)
