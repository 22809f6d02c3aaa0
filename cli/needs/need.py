"""One need of `edgeway doctor`: what was found, and the remedy for what is missing."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    name: str
    ok: bool
    found: str
    remedy: str = ""
    needed_by: str = "everything"
