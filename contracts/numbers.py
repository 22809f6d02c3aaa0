"""How a number is spelt in a text: a column of CSV, a setting of a training.

Python reads more than that: `1_000`, digits of other scripts, `inf`. Whoever wrote such a thing meant a text, or erred.
"""

from __future__ import annotations

import math
import re

LARGEST_EXACT = 2**53
"""Up to here each whole number is a 64-bit float of its own; the engine's values are such floats."""
_DECIMAL = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_WHOLE = re.compile(r"[+-]?[0-9]+")


def number_of(text: str) -> float:
    """Raises ValueError for what is no finite decimal number."""
    number = float(text) if _DECIMAL.fullmatch(text) else math.nan
    if not math.isfinite(number):
        raise ValueError(f"{text!r} is no finite number")
    return number


def whole_of(text: str) -> int:
    """Exact, also of `3.0` and `1e3`. Raises ValueError for what is no whole number."""
    if _WHOLE.fullmatch(text):
        return int(text)
    number = number_of(text)
    if not number.is_integer():
        raise ValueError(f"{text!r} is no whole number")
    return int(number)
