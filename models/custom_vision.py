"""How an ONNX export of Custom Vision wants its picture, and what its answer means.

It travels in the artifacts of models that find things. What the model's own metadata says is what counts: the JSON file
beside it in the zip may say another order of colours. https://github.com/Azure-Samples/customvision-export-samples
Its words are ONNX's, in any case of letters: https://onnx.ai/onnx/repo-docs/MetadataProps.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL import Image

ANCHORS = ((0.573, 0.677), (1.87, 2.06), (3.34, 5.47), (7.88, 3.53), (9.77, 9.17))
"""Of the domain General (compact), in cells: width and height."""
READY = ("detected_boxes", "detected_scores", "detected_classes")
"""Outputs of General (compact) [S1], which chooses among its boxes itself."""
AREA, ALIGNED = 512 * 512, 32
"""Of the picture where the model takes any size: about so many pixels, sides that are multiples."""
_BIASES = "CustomVision.Postprocess.Yolo.Biases"
_DTYPES: Mapping[str, type[np.floating[Any]]] = {"tensor(float)": np.float32, "tensor(float16)": np.float16}
_PREPROCESS = "CustomVision.Preprocess."
_MOST_SHOWN = 200
"""Letters of a value that is refused."""
# Of each the first is meant where a model says nothing, as the service's own samples have it.
_BLUE_FIRST = {"Rgb8": False, "Bgr8": True}
_RANGES = {
    "Normalized_0_1": (1 / 255, 0.0),
    "NominalRange_0_255": (1.0, 0.0),
    "Normalized_1_1": (2 / 255, -1.0),
    "NominalRange_16_235": (219 / 255, 16.0),
}
"""What values of 0 to 255 are multiplied by, and what is added then."""
_GAMMA = {"SRGB": None}

Meaning = TypeVar("Meaning")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wants:
    """A picture as the model takes it: 1 x 3 x height x width."""

    input: str
    width: int | None
    """None: any."""
    height: int | None
    dtype: type[np.floating[Any]]
    bgr: bool
    """Blue first; else red."""
    scale: float
    offset: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    output: str
    anchors: NDArray[np.float64]


def wants(session: Any) -> Wants:
    """Of an ONNX Runtime session; raises ValueError for what is no such export."""
    inputs = session.get_inputs()
    if len(inputs) != 1 or inputs[0].type not in _DTYPES or len(inputs[0].shape) != 4 or inputs[0].shape[1] != 3:
        told = ", ".join(f"{one.name} {one.type} {one.shape}" for one in inputs)
        raise ValueError(f"the export takes {told}; wanted is one picture, float or float16, N x 3 x height x width")
    metadata = _metadata(session)
    for name, allowed in (("NormalizeMean", 0.0), ("NormalizeStd", 1.0)):
        if set(numbers := _numbers(metadata, _PREPROCESS + name)) - {allowed}:
            raise ValueError(f"{_PREPROCESS}{name} is {numbers}; only {allowed} is built")
    _meant(metadata, "Image.ColorSpaceGamma", _GAMMA)
    scale, offset = _meant(metadata, "Image.NominalPixelRange", _RANGES)
    height, width = (one if isinstance(one, int) and one > 0 else None for one in inputs[0].shape[2:])
    return Wants(
        input=inputs[0].name,
        width=width,
        height=height,
        dtype=_DTYPES[inputs[0].type],
        bgr=_meant(metadata, "Image.BitmapPixelFormat", _BLUE_FIRST),
        scale=scale,
        offset=offset,
    )


def grid_of(session: Any) -> Grid | None:
    """None where the model chooses among its boxes itself. Raises ValueError for an answer that is neither."""
    outputs = session.get_outputs()
    if {one.name for one in outputs} >= set(READY):
        return None
    if len(outputs) != 1 or len(outputs[0].shape) != 4:
        told = ", ".join(f"{one.name} {one.shape}" for one in outputs)
        raise ValueError(
            f"the export answers {told}; wanted is {', '.join(READY)}, or one grid, N x channels x height x width. "
            "A classifier finds no boxes"
        )
    numbers = _numbers(_metadata(session), _BIASES) or np.ravel(ANCHORS).tolist()
    return Grid(output=outputs[0].name, anchors=_anchors(numbers))


def classes_of(channels: int, anchors: int) -> int:
    """How many classes a grid tells apart; raises ValueError where its channels are no such grid's."""
    if channels % anchors or channels // anchors < 6:
        raise ValueError(
            f"the export's grid has {channels} channels, which {anchors} anchors do not share out: each has 5 and one "
            f"for each class. Other anchors are told by the model's metadata, {_BIASES}"
        )
    return channels // anchors - 5


def pixels(image: Image.Image, want: Wants) -> NDArray[np.floating[Any]]:
    """The whole picture, whatever its shape was."""
    width, height = want.width, want.height
    if width is None or height is None:
        factor = (AREA / (image.width * image.height)) ** 0.5
        width, height = (max(ALIGNED, round(one * factor / ALIGNED) * ALIGNED) for one in image.size)
    values = np.asarray(image.resize((width, height)), np.float32)
    if want.bgr:
        values = values[..., ::-1]
    if want.scale != 1:
        values = values * np.float32(want.scale)
    if want.offset:
        values = values + np.float32(want.offset)
    return np.ascontiguousarray(values.transpose(2, 0, 1)[np.newaxis], want.dtype)


def boxes_of_grid(
    answer: NDArray[Any], anchors: NDArray[np.float64]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Of 1 x anchors * (5 + classes) x height x width: boxes, n x 4 of 0 to 1, and scores, n x classes.

    The middle of a box is within its cell, as in the export's own `object_detection.py`. https://arxiv.org/abs/1612.08242
    """
    _, channels, height, width = answer.shape
    classes = classes_of(channels, len(anchors))
    cells = answer[0].astype(np.float64).transpose(1, 2, 0).reshape(height, width, len(anchors), 5 + classes)
    sizes = np.array([width, height])
    rows, columns = np.mgrid[0:height, 0:width]
    middle = (_sigmoid(cells[..., :2]) + np.stack([columns, rows], axis=-1)[:, :, None]) / sizes
    half = np.exp(cells[..., 2:4].clip(max=20)) * anchors / sizes / 2
    shares = np.exp(cells[..., 5:] - cells[..., 5:].max(axis=-1, keepdims=True))
    scores = _sigmoid(cells[..., 4:5]) * shares / shares.sum(axis=-1, keepdims=True)
    boxes = np.concatenate([middle - half, middle + half], axis=-1).clip(0, 1)
    return boxes.reshape(-1, 4).astype(np.float32), scores.reshape(-1, classes).astype(np.float32)


def boxes_of_ready(
    boxes: NDArray[Any], scores: NDArray[Any], kinds: NDArray[Any], classes: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Of what the model chose itself: boxes, n x 4 of 0 to 1, and scores, n x classes."""
    chosen, places = kinds.reshape(-1).astype(int), np.arange(kinds.size)
    if (odd := np.flatnonzero((chosen < 0) | (chosen >= classes))).size:
        raise ValueError(f"the export found class {chosen[odd[0]]}, and there are {classes} labels")
    spread = np.zeros((chosen.size, classes), np.float32)
    spread[places, chosen] = scores.reshape(-1)
    return boxes.reshape(-1, 4).astype(np.float32).clip(0, 1), spread


def _anchors(numbers: Sequence[float]) -> NDArray[np.float64]:
    if len(numbers) % 2:
        raise ValueError(f"{_BIASES} has {len(numbers)} numbers; wanted are pairs, width and height of each anchor")
    for number in numbers:
        if not 0 < number < float("inf"):
            raise ValueError(f"{_BIASES} has {number}; allowed are numbers above 0 that are finite")
    return np.array(numbers, float).reshape(-1, 2)


def _metadata(session: Any) -> Mapping[str, str]:
    """By names in small letters."""
    return {name.lower(): value for name, value in session.get_modelmeta().custom_metadata_map.items()}


def _meant(metadata: Mapping[str, str], name: str, allowed: Mapping[str, Meaning]) -> Meaning:
    value = metadata.get(name.lower(), next(iter(allowed)))
    for word, meaning in allowed.items():
        if value.lower() == word.lower():
            return meaning
    raise ValueError(f"{name} is {value[:_MOST_SHOWN]!r}; allowed are {', '.join(allowed)}")


def _numbers(metadata: Mapping[str, str], name: str) -> Sequence[float]:
    """Of a list in JSON; none where there is none. Raises ValueError."""
    text = metadata.get(name.lower()) or "[]"
    try:
        found = json.loads(text) or []
        return [float(one) for one in np.ravel(found)]
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise ValueError(f"{name} is {text[:_MOST_SHOWN]!r}; a list of numbers is wanted") from error


def _sigmoid(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.exp(-np.logaddexp(0, -values))
