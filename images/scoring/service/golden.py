"""The golden examples of the card: a server reports ready only after it has answered each as training recorded it."""

from __future__ import annotations

import msgspec

from contracts.golden import difference
from images.scoring.bodies.json import JSON
from images.scoring.errors import GoldenMismatch, ScoringError
from images.scoring.request import Request
from images.scoring.service.service import Service


def check_golden(service: Service) -> int:
    """Score every example of the card; the first that differs is a GoldenMismatch. Returns how many were checked."""
    for example in service.card.golden:
        try:
            answer = msgspec.json.decode(service.score(Request(JSON.encode(example.input))).body)
        except ScoringError as error:
            raise GoldenMismatch(f"golden example {example.name!r} was refused: {error}") from error
        except msgspec.DecodeError as error:
            raise GoldenMismatch(f"golden example {example.name!r} is not answered with JSON: {error}") from error
        if differs := difference(example.output, answer, example.tolerance):
            expected, got = (msgspec.json.encode(value).decode() for value in (example.output, answer))
            raise GoldenMismatch(
                f"golden example {example.name!r} differs at {differs.path}: expected {expected}, got {got}"
            )
    return len(service.card.golden)
