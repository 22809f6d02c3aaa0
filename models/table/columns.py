"""What a column may hold: how it is read from CSV, checked, seen by the estimator, and spelt in a body.

Each is a `Column`. The estimator sees 32-bit floats, as ONNX Runtime does: a flag as 0 or 1, a choice as one 0 or 1 for
each of its values, since they have no order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal, Protocol

from msgspec import Meta

from contracts.numbers import number_of

LARGEST = 3.4e38
"""What fits in a 32-bit float."""
DECIMALS = 6
"""Of simulated numbers: the last bits of `math` differ between machines."""


class Column(Protocol):
    @property
    def body(self) -> Any:
        """Its type in a request or an answer."""

    @property
    def allowed(self) -> str: ...

    def read(self, text: str) -> Any:
        """The value of a CSV's text. Raises ValueError."""

    def text(self, value: Any) -> str:
        """The one spelling of a value in CSV."""

    def numbers(self, value: Any) -> list[float]:
        """As the estimator sees it, of a feature."""

    def place(self, value: Any) -> float:
        """As the estimator learns it, of a label: a number itself, or the place of a class."""

    def value(self, place: float) -> Any:
        """What the estimator's answer means."""


@dataclass(frozen=True, slots=True)
class Number:
    low: float = -LARGEST
    high: float = LARGEST

    def __post_init__(self) -> None:
        if not self.low <= self.high:
            raise ValueError(f"Number({self.low:g}, {self.high:g}): its low is above its high, no number is between")

    @property
    def body(self) -> Any:
        return Annotated[float, Meta(ge=self.low, le=self.high)]

    @property
    def allowed(self) -> str:
        bounded = abs(self.low) < LARGEST or abs(self.high) < LARGEST
        return f"a number from {self.low:g} to {self.high:g}" if bounded else "a finite number"

    def read(self, text: str) -> float:
        value = number_of(text)
        if not self.low <= value <= self.high:
            raise ValueError(text)
        return value

    def text(self, value: Any) -> str:
        number = round(float(value), DECIMALS)
        return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)

    def numbers(self, value: Any) -> list[float]:
        return [float(value)]

    def place(self, value: Any) -> float:
        return float(value)

    def value(self, place: float) -> float:
        return float(place)


class Choice:
    """One of a few texts."""

    def __init__(self, *values: str) -> None:
        if len(set(values)) < 2 or len(set(values)) != len(values):
            raise ValueError(f"a choice among {', '.join(values) or 'nothing'}: two or more different texts are wanted")
        # sorted, as a JSON schema has them: score.py knows their places from there
        self.values = tuple(sorted(values))

    @property
    def body(self) -> Any:
        return Literal[self.values]

    @property
    def allowed(self) -> str:
        return f"one of {', '.join(self.values)}"

    def read(self, text: str) -> str:
        if text not in self.values:
            raise ValueError(text)
        return text

    def text(self, value: Any) -> str:
        return str(value)

    def numbers(self, value: Any) -> list[float]:
        return [float(one == value) for one in self.values]

    def place(self, value: Any) -> float:
        return float(self.values.index(value))

    def value(self, place: float) -> str:
        return self.values[int(place)]


class Flag:
    """True or false; in CSV also 1 and 0."""

    body: Any = bool
    allowed = "true, false, 1 or 0"
    _TEXTS = {"true": True, "false": False, "1": True, "0": False}  # noqa: RUF012 - a constant

    def read(self, text: str) -> bool:
        if text.lower() not in self._TEXTS:
            raise ValueError(text)
        return self._TEXTS[text.lower()]

    def text(self, value: Any) -> str:
        return str(int(bool(value)))

    def numbers(self, value: Any) -> list[float]:
        return [float(bool(value))]

    def place(self, value: Any) -> float:
        return float(bool(value))

    def value(self, place: float) -> bool:
        return bool(place)
