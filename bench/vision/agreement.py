"""Whether maskrcnn finds what torchvision finds, with the same weights: pictures of seven sizes.

As sets: of two detections with nearly one score either may be the better, so each of torchvision's is matched with the
one of its label that covers the same.
"""

# mypy: disable-error-code="import-untyped"
from __future__ import annotations

import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from sklearn.datasets import load_sample_images

from bench.vision import networks
from bench.vision.networks import MASKRCNN
from models.maskrcnn.detector import Detector, Found

SIZES = ((640, 480), (640, 427), (427, 640), (300, 200), (900, 600), (480, 640), (1920, 1080))
"""Width and height: enlarged and shrunk, wide and high."""
_SAME = 0.99


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    size: str
    torch_finds: int
    we_find: int
    matched: int
    """With one label, and an overlap of _SAME."""
    most_pixels: float
    """Between the sides of matched boxes."""
    most_score: float
    masks: float
    """Mean overlap of matched masks."""

    @property
    def share(self) -> float:
        return self.matched / max(self.torch_finds, self.we_find, 1)

    def document(self) -> dict[str, Any]:
        return asdict(self)


def agreements() -> list[Agreement]:
    detector = Detector(networks.artifact(MASKRCNN) / "model.onnx", 2)
    with tempfile.TemporaryDirectory(prefix="edgeway-agreement-") as name:
        given, told = Path(name) / "pictures.npz", Path(name) / "found.npz"
        shown = {f"{width} x {height}": _picture(width, height) for width, height in SIZES}
        np.savez(given, allow_pickle=False, **shown)
        networks.in_torch("maskrcnn_finds.py", str(networks.checkpoint(MASKRCNN)), str(given), str(told))
        with np.load(told) as found:
            return [_compared(size, picture, found, detector) for size, picture in shown.items()]


def _picture(width: int, height: int) -> NDArray[np.uint8]:
    photographs = load_sample_images().images
    return np.asarray(Image.fromarray(photographs[width % 2]).resize((width, height), Image.Resampling.BILINEAR))


def _compared(size: str, picture: NDArray[np.uint8], told: Any, detector: Detector) -> Agreement:
    found = detector.look(picture, threshold=detector.threshold, outlines=True)
    boxes, labels, scores = (told[f"{size} {part}"] for part in ("boxes", "labels", "scores"))
    alike = overlaps(boxes, found.boxes) * (labels[:, np.newaxis] == found.labels)
    theirs = np.flatnonzero(alike.max(axis=1, initial=0) > _SAME)
    ours = alike[theirs].argmax(axis=1) if theirs.size else theirs
    masks = np.unpackbits(told[f"{size} masks"], axis=-1, count=picture.shape[1]).astype(np.bool_)
    pairs = zip(theirs.tolist(), ours.tolist(), strict=True)
    return Agreement(
        size=size,
        torch_finds=len(scores),
        we_find=len(found.scores),
        matched=len(set(ours.tolist())),
        most_pixels=float(np.abs(boxes[theirs] - found.boxes[ours]).max(initial=0)),
        most_score=float(np.abs(scores[theirs] - found.scores[ours]).max(initial=0)),
        masks=float(np.mean([covered(masks[one], painted(found, other)) for one, other in pairs] or [0])),
    )


def overlaps(ones: NDArray[np.float32], others: NDArray[np.float32]) -> NDArray[np.float32]:
    """Of each with each, what both cover of what either does."""
    first = np.maximum(ones[:, np.newaxis, :2], others[np.newaxis, :, :2])
    last = np.minimum(ones[:, np.newaxis, 2:], others[np.newaxis, :, 2:])
    both = np.prod(np.maximum(last - first, 0), axis=-1)
    one, other = (np.prod(of[:, 2:] - of[:, :2], axis=-1) for of in (ones, others))
    found: NDArray[np.float32] = both / (one[:, np.newaxis] + other[np.newaxis] - both)
    return found


def painted(found: Found, place: int) -> NDArray[np.bool_]:
    assert found.outlines is not None
    counts = found.outlines.counts[place]
    inside = np.arange(len(counts)) % 2 == 1
    return np.repeat(inside, counts).reshape((found.outlines.height, found.outlines.width), order="F")


def covered(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    """Two masks without a pixel agree: of a box three pixels wide at the edge of a picture neither may make one."""
    either = int((one | other).sum())
    return int((one & other).sum()) / either if either else 1.0
