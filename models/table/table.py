"""A model over a table, as whoever writes one says what is its own."""

from __future__ import annotations

import keyword
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any, Generic, TypeVar

from contracts.thresholds import Threshold, parse_threshold
from models.table.columns import Choice, Column, Number


@dataclass(frozen=True, slots=True, kw_only=True)
class Seed:
    """The hyperparameters of a model that names none."""

    seed: int = 0


Settings = TypeVar("Settings")
Metric = Callable[[Any, Any], float]
"""Of what is true and what was predicted: numbers, or the places of choices, as metrics of scikit-learn take them."""


@dataclass(frozen=True, kw_only=True)
class Table(Generic[Settings]):
    columns: Mapping[str, Column]
    """All, the label too; in the order in which the estimator sees them."""
    label: str
    """A Number makes a regression, a Choice or a Flag a classification."""
    estimator: Callable[[Settings], Any]
    """From hyperparameters to what learns: a scikit-learn estimator or pipeline that skl2onnx knows, or an object with
    scikit-learn's `fit(features, labels)` and `predict(features)`, and `to_onnx(name) -> bytes`."""
    hyperparameters: type[Settings] = Seed  # type: ignore[assignment]
    simulate: Callable[[Random], Iterator[Mapping[str, Any]]] | None = None
    """Rows without end, by a seeded generator; without it data comes from a CSV file or a URL."""
    metrics: Mapping[str, Metric] = field(default_factory=dict)
    """Beside those that every regression or classification has (fitting.py)."""
    thresholds: Mapping[str, Any] = field(default_factory=dict)
    """For the card; those that count are the stack's. `{"mae": {"max": 0.5}}`."""
    licence: str = "not stated"

    def __post_init__(self) -> None:
        for name in self.columns:
            if not name.isidentifier() or keyword.iskeyword(name):
                raise ValueError(
                    f"column {name!r}: letters, digits and _ are wanted, no digit first, no word of Python"
                )
        if self.label not in self.columns or len(self.columns) < 2:
            raise ValueError(f"label {self.label!r} must be one of two or more columns, are {', '.join(self.columns)}")

    @property
    def features(self) -> dict[str, Column]:
        return {name: column for name, column in self.columns.items() if name != self.label}

    @property
    def target(self) -> Column:
        return self.columns[self.label]

    @property
    def width(self) -> int:
        """How many numbers the estimator sees of a row."""
        return sum(len(column.values) if isinstance(column, Choice) else 1 for column in self.features.values())

    @property
    def is_regression(self) -> bool:
        return isinstance(self.target, Number)

    def allowed_metrics(self) -> dict[str, Threshold]:
        return {metric: parse_threshold(threshold) for metric, threshold in self.thresholds.items()}
