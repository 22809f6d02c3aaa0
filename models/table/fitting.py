"""Split, fit and measure: what every table model does with its rows, by numpy alone."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.table.rows import Row
from models.table.table import Metric, Table

# Thresholds are statements about these held-out rows, so the split is no hyperparameter.
SPLIT_SEED = 0
TEST_SHARE = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    train: list[Row]
    test: list[Row]


def split(table: Table[Any], rows: Sequence[Row]) -> Split:
    """Of a classification, with the same share of each class held out. Only `random()` keeps its sequence over Python
    versions, so it alone is used."""
    draw = Random(SPLIT_SEED).random
    groups: dict[Any, list[tuple[float, Row]]] = {}
    for row in rows:
        groups.setdefault(None if table.is_regression else row[table.label], []).append((draw(), row))
    train: list[tuple[float, Row]] = []
    test: list[tuple[float, Row]] = []
    for drawn in groups.values():
        drawn.sort(key=lambda pair: pair[0])
        held_out = math.ceil(len(drawn) * TEST_SHARE)
        test += drawn[:held_out]
        train += drawn[held_out:]
    return Split(train=_in_drawn_order(train), test=_in_drawn_order(test))


def _in_drawn_order(drawn: list[tuple[float, Row]]) -> list[Row]:
    return [row for _, row in sorted(drawn, key=lambda pair: pair[0])]


def features(table: Table[Any], rows: Sequence[Row]) -> NDArray[np.float32]:
    columns = table.features.items()
    seen = [[number for name, column in columns for number in column.numbers(row[name])] for row in rows]
    return np.array(seen, dtype=np.float32).reshape(len(rows), table.width)


def labels(table: Table[Any], rows: Sequence[Row]) -> NDArray[Any]:
    """Numbers, or the places of classes."""
    target = table.target
    places = [target.place(row[table.label]) for row in rows]
    return np.array(places, dtype=np.float64 if table.is_regression else np.int64)


def measure(table: Table[Any], predicted: NDArray[Any], rows: Sequence[Row]) -> dict[str, float]:
    truth = labels(table, rows)
    metrics = {**(REGRESSION if table.is_regression else CLASSIFICATION), **table.metrics}
    return {name: round(float(metric(truth, predicted)), 10) for name, metric in metrics.items()}


def _mae(truth: NDArray[Any], predicted: NDArray[Any]) -> float:
    return float(np.abs(truth - predicted).mean())


def _rmse(truth: NDArray[Any], predicted: NDArray[Any]) -> float:
    return float(np.sqrt(np.square(truth - predicted).mean()))


def _max_error(truth: NDArray[Any], predicted: NDArray[Any]) -> float:
    return float(np.abs(truth - predicted).max())


def _r2(truth: NDArray[Any], predicted: NDArray[Any]) -> float:
    """0 for held-out rows of one value, whose mean explains nothing."""
    spread = float(np.square(truth - truth.mean()).sum())
    return 1 - float(np.square(truth - predicted).sum()) / spread if spread else 0.0


def _accuracy(truth: NDArray[Any], predicted: NDArray[Any]) -> float:
    return float((truth == predicted).mean())


def _precision(truth: NDArray[Any], predicted: NDArray[Any]) -> float:
    return _mean(_share(hit, (predicted == one).sum()) for one, hit in _hits(truth, predicted))


def _recall(truth: NDArray[Any], predicted: NDArray[Any]) -> float:
    return _mean(_share(hit, (truth == one).sum()) for one, hit in _hits(truth, predicted))


def _f1(truth: NDArray[Any], predicted: NDArray[Any]) -> float:
    hits = _hits(truth, predicted)
    return _mean(_share(2 * hit, (truth == one).sum() + (predicted == one).sum()) for one, hit in hits)


def _hits(truth: NDArray[Any], predicted: NDArray[Any]) -> list[tuple[int, int]]:
    """Each class that occurs, and how many rows of it were found."""
    return [(int(one), int(((truth == one) & (predicted == one)).sum())) for one in np.union1d(truth, predicted)]


def _share(part: int, whole: int) -> float:
    return float(part / whole) if whole else 0.0


def _mean(values: Iterable[float]) -> float:
    return float(np.mean(list(values)))


REGRESSION: Mapping[str, Metric] = {"mae": _mae, "rmse": _rmse, "max_error": _max_error, "r2": _r2}
CLASSIFICATION: Mapping[str, Metric] = {
    "accuracy": _accuracy,
    "precision": _precision,
    "recall": _recall,
    "f1": _f1,
}
"""The last three are means over classes."""
