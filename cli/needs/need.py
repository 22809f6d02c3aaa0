"""One need of `edgeway doctor`: what was found, and the remedy for what is missing."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    name: str
    ok: bool | None
    """None where it cannot be seen: who asks has no right to, which says nothing about whether an `up` may do it."""
    found: str
    remedy: str = ""
    needed_by: str = "everything"
