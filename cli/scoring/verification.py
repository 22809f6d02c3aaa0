"""The golden examples of a model's card, asked of a place that serves the model."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cli.scoring.client import Answer, reason, score
from cli.scoring.endpoint import ScoringEndpoint
from contracts.card import Card, Golden

_SHOWN_LENGTH = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedPlace:
    endpoint: ScoringEndpoint
    key: str | None
    card: Card
    version: str
    """Empty where a card alone was given."""
    production: bool = False
    """Of a stack whose environment is `prod`."""
    deployment: str | None = None
    """Of an online endpoint: the one that serves the card's model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedExample:
    name: str
    milliseconds: float
    problem: str | None
    """None where the answer agrees; else what was expected and what came."""


def as_json(place: VerifiedPlace, checked: Sequence[CheckedExample]) -> dict[str, Any]:
    return {
        "model": place.card.name,
        "version": place.version or None,
        "host": place.endpoint.host,
        "agree": not any(entry.problem for entry in checked),
        "examples": [
            {"name": entry.name, "milliseconds": entry.milliseconds, "problem": entry.problem} for entry in checked
        ],
    }


def check(place: VerifiedPlace, example: Golden, timeout: float) -> CheckedExample:
    began = time.perf_counter()
    answer = score(place.endpoint, place.key, example.request, timeout)
    return CheckedExample(
        name=example.name,
        milliseconds=round((time.perf_counter() - began) * 1000, 3),
        problem=problem_of(example, answer),
    )


def problem_of(example: Golden, answer: Answer) -> str | None:
    """What was expected and what came; None where the answer agrees."""
    if answer.status != 200:
        return f"expected an answer, got {answer.status}: {reason(answer.body)}"
    try:
        got: Any = json.loads(answer.body)
    except (ValueError, RecursionError):
        return f"expected JSON, got {_shown(answer.body.decode('utf-8', errors='replace'))}"
    differs = example.difference(got)
    if differs is None or _agrees_as_text(example, got):
        return None
    return f"differs at {differs.path}: expected {_shown(differs.expected)}, got {_shown(differs.got)}"


def _agrees_as_text(example: Golden, got: Any) -> bool:
    """Azure ML's original form, which some services are set to: the answer as text in a list of one."""
    if not (isinstance(got, list) and len(got) == 1 and isinstance(got[0], str)):
        return False
    try:
        return example.difference(json.loads(got[0])) is None
    except (ValueError, RecursionError):
        return False


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN_LENGTH else f"{text[:_SHOWN_LENGTH]}..."
