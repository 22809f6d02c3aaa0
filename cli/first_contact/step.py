"""What a step is: a few questions that build on each other, with a price and a time limit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cli.first_contact.contact import Contact

FIRST_OF_SCRATCH = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    number: int
    name: str
    does: str
    """What it calls, for the table."""
    price: str
    """In words: `nothing`, `cents`."""
    limit_s: float
    begin: Callable[[Contact], Any]
    """Makes what its questions share. Calls nothing."""
    checks: Mapping[str, Callable[[Any], str]]
    """Id of a row of docs/parity.md -> the question: what was found, or a Surprise, NotAsked or NotMeant."""
    costs: bool = False
    """Whether it is not free: such a step needs --yes beyond cents only where it says so itself."""

    @property
    def is_scratch(self) -> bool:
        """Whether it makes something, in the group of its own."""
        return self.number >= FIRST_OF_SCRATCH
