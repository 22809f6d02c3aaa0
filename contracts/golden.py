"""When an answer agrees with a golden example: the one rule for every place that checks, before ready or from outside.

Numbers may differ by the example's tolerance, relative or absolute; everything else must be the same but what the
example says may be any, and a bool is never a number.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Difference:
    """The first place where an answer differs, as a path from `$`."""

    path: str
    expected: Any
    got: Any


ABSENT = "nothing"
"""Stands for what is not there, in a Difference."""


def difference(
    expected: Any, got: Any, tolerance: float, any_at: Sequence[str] = (), path: str = "$"
) -> Difference | None:
    """`any_at` are paths at which any value agrees; `[*]` in one is every place of a list."""
    return _difference(expected, got, path, tolerance, [_pattern(one) for one in any_at])


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.escape(path).replace(r"\[\*\]", r"\[\d+\]"))


def _difference(
    expected: Any, got: Any, path: str, tolerance: float, ignored: Sequence[re.Pattern[str]]
) -> Difference | None:
    if any(pattern.fullmatch(path) for pattern in ignored):
        return None
    if isinstance(expected, dict) and isinstance(got, dict):
        for key in (*expected, *(key for key in got if key not in expected)):
            if key not in expected or key not in got:
                return Difference(f"{path}.{key}", expected.get(key, ABSENT), got.get(key, ABSENT))
            if found := _difference(expected[key], got[key], f"{path}.{key}", tolerance, ignored):
                return found
        return None
    if isinstance(expected, list) and isinstance(got, list):
        for index, (one, other) in enumerate(zip(expected, got, strict=False)):
            if found := _difference(one, other, f"{path}[{index}]", tolerance, ignored):
                return found
        return None if len(expected) == len(got) else _length(expected, got, path)
    return None if _same(expected, got, tolerance) else Difference(path, expected, got)


def _length(expected: list[Any], got: list[Any], path: str) -> Difference:
    index = min(len(expected), len(got))
    lacking, surplus = expected[index:], got[index:]
    return Difference(f"{path}[{index}]", lacking[0] if lacking else ABSENT, surplus[0] if surplus else ABSENT)


def _same(expected: Any, got: Any, tolerance: float) -> bool:
    if isinstance(expected, bool) or isinstance(got, bool):
        return expected is got
    if isinstance(expected, int | float) and isinstance(got, int | float):
        return math.isclose(expected, got, rel_tol=tolerance, abs_tol=tolerance)
    return type(expected) is type(got) and bool(expected == got)
