"""What an answer says of the picture that was sent: labels of all of it, or boxes in it.

Four forms of answers are known: a label by name of the picture, its best classes by name (`[[id, name, score], ...]`),
boxes in pixels beside their scores and labels, and `predictions` with boxes in shares of the picture.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from msgspec import Struct, ValidationError, convert

BEST = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    text: str
    box: tuple[float, float, float, float] | None = None
    """Left, top, right and bottom in pixels of the sent picture; None: the text is about all of it."""
    score: float = 1.0
    """Of what is in the box."""


class _Boxes(Struct):
    boxes: list[tuple[float, float, float, float]]
    scores: list[float]
    labels: list[int | str]
    names: list[str] = []


class _BoundingBox(Struct):
    left: float
    top: float
    width: float
    height: float


class _Prediction(Struct, rename="camel"):
    probability: float
    tag_name: str
    bounding_box: _BoundingBox


class _Predictions(Struct):
    predictions: list[_Prediction]


_Labels = dict[str, str | list[tuple[str, str, float]]]
Size = tuple[int, int]


def marks_of(answer: Any, size: Size) -> list[Mark] | None:
    """Empty where a detector found nothing; None where no known form is in the answer. `size` is the width and height
    in pixels of the picture as it is looked at."""
    if isinstance(answer, list):
        found = [marks for one in answer if (marks := marks_of(one, size)) is not None]
        return [mark for marks in found for mark in marks] if found else None
    forms: tuple[tuple[Any, Callable[[Any, Size], list[Mark]]], ...] = (
        (_Predictions, _of_predictions),
        (_Boxes, _of_boxes),
        (_Labels, _of_labels),
    )
    for form, read in forms:
        try:
            return read(convert(answer, form), size)
        except ValidationError:
            continue
    return None


def _of_predictions(given: _Predictions, size: Size) -> list[Mark]:
    width, height = size
    return [
        Mark(
            text=_scored(one.tag_name, one.probability),
            score=one.probability,
            box=(
                box.left * width,
                box.top * height,
                (box.left + box.width) * width,
                (box.top + box.height) * height,
            ),
        )
        for one in given.predictions
        for box in (one.bounding_box,)
    ]


def _of_boxes(given: _Boxes, size: Size) -> list[Mark]:
    names = given.names or [str(label) for label in given.labels]
    # no `strict`: what lacks a name or a score is not drawn
    return [
        Mark(text=_scored(name, score), box=box, score=score)
        for box, name, score in zip(given.boxes, names, given.scores)  # noqa: B905
    ]


def _of_labels(given: _Labels, size: Size) -> list[Mark]:
    """Of the one picture that was sent."""
    marks = []
    for value in given.values():
        best = [value] if isinstance(value, str) else [_scored(name, score) for _, name, score in value[:BEST]]
        marks += [Mark(text=text) for text in best]
    return marks


def _scored(name: str, score: float) -> str:
    return f"{name} {score:.1%}"
