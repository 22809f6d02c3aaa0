"""What came of a question to Azure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    EXPECTED = "expected"
    SURPRISE = "surprise"
    NOT_ASKED = "not asked"
    """It could not be asked: nothing is known."""
    NOT_MEANT = "not meant"
    """The question does not concern this stack."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    expectation: str
    """Id of a row of docs/parity.md."""
    outcome: Outcome
    found: str
    seconds: float


class Surprise(Exception):
    """Azure answered something else than the row says; the text is what it answered."""


class NotAsked(Exception):
    """There was no answer, or no right to ask; the text says why."""


class NotMeant(Exception):
    """There is nothing to ask; the text says why."""


def wanted(holds: bool, found: str) -> str:
    """`found`, which is a Surprise where the expectation does not hold."""
    if not holds:
        raise Surprise(found)
    return found
