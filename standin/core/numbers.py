"""Whole numbers in texts that anybody sends."""

from __future__ import annotations

import re

_DIGITS = re.compile("[0-9]{1,19}")


def whole_number(text: str) -> int | None:
    """None for what is none: `isdigit` takes ², and `int` refuses thousands of digits by an exception of its own."""
    return int(text) if _DIGITS.fullmatch(text) else None
