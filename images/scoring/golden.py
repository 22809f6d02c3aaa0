"""Golden examples: before a place says ready, its answers must be those that training wrote into the card."""

from __future__ import annotations

import math
from typing import Any

import msgspec

from contracts.card import Golden
from images.scoring.errors import GoldenMismatch, ScoringError
from images.scoring.request import Request
from images.scoring.service import Service


def check_golden(service: Service) -> int:
    """Score every example of the card; the first that differs is a GoldenMismatch. Returns how many were checked."""
    for example in service.card.golden:
        try:
            answer = msgspec.json.decode(service.score(Request(msgspec.json.encode(example.input))).body)
        except ScoringError as error:
            raise GoldenMismatch(f"golden example {example.name!r} was refused: {error}") from error
        if not _agrees(example.output, answer, example.tolerance):
            raise GoldenMismatch(_difference(example, answer))
    return len(service.card.golden)


def _difference(example: Golden, answer: Any) -> str:
    expected, got = (msgspec.json.encode(value).decode() for value in (example.output, answer))
    return f"golden example {example.name!r} differs: expected {expected}, got {got}"


def _agrees(expected: Any, got: Any, tolerance: float) -> bool:
    # bool before number: True == 1 in Python, but not in an answer
    if isinstance(expected, bool) or isinstance(got, bool) or expected is None or isinstance(expected, str):
        return type(expected) is type(got) and bool(expected == got)
    if isinstance(expected, dict):
        return (
            isinstance(got, dict)
            and expected.keys() == got.keys()
            and all(_agrees(value, got[key], tolerance) for key, value in expected.items())
        )
    if isinstance(expected, list):
        return (
            isinstance(got, list)
            and len(expected) == len(got)
            and all(_agrees(one, other, tolerance) for one, other in zip(expected, got, strict=True))
        )
    return isinstance(got, int | float) and math.isclose(expected, got, rel_tol=tolerance, abs_tol=tolerance)
