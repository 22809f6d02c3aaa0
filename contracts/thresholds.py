"""Which values of a metric are good enough, and which of a model are not: one rule for every place.

Both ends count. What is no finite number (NaN, an infinity) is good enough nowhere.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_FEWEST_DIGITS, _MOST_DIGITS = 4, 17


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    min: float | None = None
    max: float | None = None

    def allows(self, value: float) -> bool:
        if not math.isfinite(value):
            return False
        return (self.min is None or value >= self.min) and (self.max is None or value <= self.max)

    def as_dict(self) -> dict[str, float]:
        """Its spelling in a card and in a resource's inputs: only the ends that it has."""
        ends = {"min": self.min, "max": self.max}
        return {name: end for name, end in ends.items() if end is not None}

    def __str__(self) -> str:
        if self.min is not None and self.max is not None:
            return f"from {_shortest(self.min)} to {_shortest(self.max)}"
        if self.min is not None:
            return f"at least {_shortest(self.min)}"
        return "any finite number" if self.max is None else f"at most {_shortest(self.max)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmet:
    """`mae is 0.73, allowed at most 0.5`."""

    metric: str
    value: float | None
    """None where the model does not have the metric at all."""
    threshold: Threshold
    measured: tuple[str, ...] = ()
    """The metrics that the model has."""

    def __str__(self) -> str:
        if self.value is None:
            return f"{self.metric} is not measured; the model has {', '.join(self.measured) or 'no metric'}"
        return f"{self.metric} is {self._shown(self.value)}, allowed {self.threshold}"

    def _shown(self, value: float) -> str:
        """In as few digits as leave it outside of what is allowed."""
        texts = (f"{value:.{digits}g}" for digits in range(_FEWEST_DIGITS, _MOST_DIGITS + 1))
        return next((text for text in texts if not self.threshold.allows(float(text))), repr(value))


def unmet(metrics: Mapping[str, float], thresholds: Mapping[str, Threshold]) -> list[Unmet]:
    measured = tuple(sorted(metrics))
    return [
        Unmet(metric=metric, value=metrics.get(metric), threshold=threshold, measured=measured)
        for metric, threshold in sorted(thresholds.items())
        if metric not in metrics or not threshold.allows(metrics[metric])
    ]


def parse_threshold(document: Any) -> Threshold:
    """Of `{"min": 0.9}`, `{"max": 0.5}`, both, or a number alone (a min); a ValueError says what is allowed."""
    ends = document if isinstance(document, Mapping) else {"min": document}
    if not ends or set(ends) - {"min", "max"} or not all(_is_finite(end) for end in ends.values()):
        raise ValueError(f"{document!r} is no threshold; allowed: min, max or both, finite numbers; a number is a min")
    threshold = Threshold(**ends)
    if threshold.min is not None and threshold.max is not None and threshold.min > threshold.max:
        raise ValueError(f"min {_shortest(threshold.min)} is above max {_shortest(threshold.max)}: that allows nothing")
    return threshold


def _is_finite(end: Any) -> bool:
    try:
        return isinstance(end, int | float) and not isinstance(end, bool) and math.isfinite(end)
    except OverflowError:  # a whole number of more digits than a float holds
        return False


def _shortest(number: float) -> str:
    return str(int(number)) if float(number).is_integer() and abs(number) < 1e15 else repr(float(number))
