"""Entry script of people_detection, in Azure ML's convention: `init()` once, `run()` per request; Custom Vision's body.

A picture comes as a body of its own, as a part of a form, or in JSON as base64; by its URL where hosts are allowed. The
model is our own network, or an ONNX export of Custom Vision.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import msgspec
import numpy as np
import onnxruntime
from msgspec import Meta, Struct, ValidationError
from numpy.typing import NDArray
from PIL import Image

from models import custom_vision
from models.detections import best
from models.pictures import fitted, opened
from models.remote_picture import allowed_hosts, fetched, patience

SLOW = True
# as a container of Custom Vision has them: https://learn.microsoft.com/azure/ai-services/custom-vision-service/export-your-model
ANSWERS_AT = tuple(
    f"{before}/{kind}{after}"
    for kind in ("image", "url")
    for before, after in (
        ("", ""), ("/{project}", ""), ("/{project}", "/nostore"),
        ("/{project}/detect/iterations/{name}", ""), ("/{project}/detect/iterations/{name}", "/nostore"),
    )
)  # fmt: skip
UNPACKED = 0.75
"""Of a large JPEG no more is unpacked than gives this share of the model's sides: the decoder halves while it unpacks,
and whole pixels are enlarged in no time. README.md has what that changes of what is found."""
EXPORTS_LEAST = 512
"""Of an export of Custom Vision, whose sides are 416 and more."""

Share = Annotated[float, Meta(ge=0, le=1)]


Count = Annotated[int, Meta(ge=1, le=1000)]


class Picture(Struct):
    content: Annotated[bytes, Meta(min_length=1)]
    floor: Share | None = None
    iou: Share | None = None
    maximum: Count | None = None
    """Fields of a form, as of Choice; what is not given is the place's."""


class Choice(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is told of all that was found; in JSON or a form a request may have its own."""

    floor: Share = 0.1
    iou: Share = 0.45
    maximum: Count = 20


class Asked(Choice, frozen=True, kw_only=True, forbid_unknown_fields=True):
    content: str | None = None
    """In base64."""
    url: str | None = None


Found = tuple[NDArray[np.float32], NDArray[np.float32]]
"""Boxes, n x 4 of 0 to 1, and scores, n x classes."""


@dataclass(frozen=True, slots=True)
class Detector:
    look: Callable[[Image.Image], Found]
    tags: tuple[str, ...]
    least: int
    """Of the shorter side of a picture, in pixels."""

    def predictions(self, image: Image.Image, choice: Choice) -> list[dict[str, Any]]:
        boxes, scores = self.look(image)
        found = best(boxes, scores, floor=choice.floor, overlap=choice.iou, most=choice.maximum)
        return [
            {
                "probability": round(score, 6),
                "tagId": kind,
                "tagName": self.tags[kind],
                "boundingBox": _bounding(*box),
            }
            for box, score, kind in zip(
                found.boxes.tolist(), found.scores.tolist(), found.classes.tolist(), strict=True
            )
        ]


def _bounding(left: float, top: float, right: float, bottom: float) -> dict[str, float]:
    sides = {"left": left, "top": top, "width": right - left, "height": bottom - top}
    return {name: round(value, 6) for name, value in sides.items()}


def detector(model: str | bytes, threads: int = 1) -> Detector:
    """Raises ValueError for an export that is not understood."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    tags = tuple(json.loads(session.get_modelmeta().custom_metadata_map["tags"]))
    if {one.name for one in session.get_outputs()} == {"boxes", "scores"}:
        return Detector(_own(session), tags, int(session.get_inputs()[0].shape[1] * UNPACKED))
    return Detector(_export(session, tags), tags, EXPORTS_LEAST)


def _own(session: onnxruntime.InferenceSession) -> Callable[[Image.Image], Found]:
    _, height, width, _ = session.get_inputs()[0].shape

    def look(image: Image.Image) -> Found:
        if image.width <= width and image.height <= height:
            image = image.resize((width, height), Image.Resampling.NEAREST)
        boxes, scores = session.run(["boxes", "scores"], {"image": fitted(image, width, height)[np.newaxis]})
        return boxes[0], scores[0]

    return look


def _export(session: onnxruntime.InferenceSession, tags: tuple[str, ...]) -> Callable[[Image.Image], Found]:
    wanted, grid = custom_vision.wants(session), custom_vision.grid_of(session)

    def look(image: Image.Image) -> Found:
        sent = {wanted.input: custom_vision.pixels(image, wanted)}
        if grid is not None:
            return custom_vision.boxes_of_grid(session.run([grid.output], sent)[0], grid.anchors)
        boxes, scores, kinds = session.run(list(custom_vision.READY), sent)
        return custom_vision.boxes_of_ready(boxes, scores, kinds, len(tags))

    return look


_detector: Detector
_choice: Choice
_hosts: tuple[str, ...]
_seconds: float
"""Of a fetch by URL."""


def init() -> None:
    global _detector, _choice, _hosts, _seconds
    _choice, _hosts = settings(os.environ)
    _seconds = patience(os.environ.get("SCORING_TIMEOUT_MS", ""))
    folder = Path(os.environ.get("AZUREML_MODEL_DIR") or Path(__file__).parent)
    _detector = detector(str(folder / "model.onnx"), int(os.environ.get("OMP_NUM_THREADS") or 1))


def settings(environ: Mapping[str, str]) -> tuple[Choice, tuple[str, ...]]:
    """`DETECTION_FLOOR`, `DETECTION_IOU`, `DETECTION_MAXIMUM`, and `DETECTION_URL_HOSTS`. Raises ValueError."""
    given = {
        name: text
        for name in Choice.__struct_fields__
        if (text := environ.get(f"DETECTION_{name.upper()}", "").strip())
    }
    try:
        choice = msgspec.convert(given, Choice, strict=False)
    except ValidationError as error:
        raise ValueError(f"DETECTION_FLOOR, DETECTION_IOU or DETECTION_MAXIMUM: {error}") from error
    return choice, allowed_hosts(environ.get("DETECTION_URL_HOSTS", ""))


def run(request: Picture | list[Picture] | dict[str, str | int | float]) -> dict[str, Any] | list[dict[str, Any]]:
    """A ValidationError is answered as a 400 that names the place."""
    if isinstance(request, list):
        return [_answer(one.content, f"$[{place}].content", _chosen(one)) for place, one in enumerate(request)]
    if isinstance(request, Picture):
        return _answer(request.content, "$.content", _chosen(request))
    if unknown := sorted(request.keys() - set(Asked.__struct_fields__)):
        allowed = ", ".join(sorted(Asked.__struct_fields__))
        raise ValidationError(f"Object contains unknown field `{unknown[0]}`, allowed are {allowed} - at `$`")
    asked = msgspec.convert({**msgspec.to_builtins(_choice), **request}, Asked)
    if (asked.content is None) == (asked.url is None):
        raise ValidationError("Expected either `content`, a picture in base64, or `url` - at `$`")
    if asked.url is not None:
        return _answer(fetched(asked.url, _hosts, seconds=_seconds), "$.url", asked)
    return _answer(_decoded(asked.content or ""), "$.content", asked)


def _chosen(picture: Picture) -> Choice:
    given = {name: value for name in Choice.__struct_fields__ if (value := getattr(picture, name)) is not None}
    return msgspec.structs.replace(_choice, **given) if given else _choice


def _answer(content: bytes, where: str, choice: Choice) -> dict[str, Any]:
    predictions = _detector.predictions(opened(content, where=where, least=_detector.least), choice)
    created = datetime.now(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds")
    return {"id": "", "project": "", "iteration": "", "created": created, "predictions": predictions}


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError as error:  # of letters beyond ASCII no binascii.Error
        raise ValidationError(f"Expected base64: {error} - at `$.content`") from error
