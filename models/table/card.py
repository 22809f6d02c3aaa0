"""Data in, ONNX and card out: what `python -m models.table train <name>` makes of a table and its rows."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import version
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from contracts.card import Card, Dataset, Golden, Seeds
from contracts.golden import difference
from models import onnx_session
from models.source import DATA_FILE
from models.table.columns import LARGEST, Choice, Number
from models.table.fitting import SPLIT_SEED, Split, features, labels, measure, split
from models.table.rows import Row, parse_csv
from models.table.table import Table
from models.training import ModelError

FRAMEWORK = {
    "keras": "keras",
    "numpy": "numpy",
    "onnx": "onnx",
    "skl2onnx": "skl2onnx",
    "sklearn": "scikit-learn",
}
"""Modules that may make a model, and their packages; those that were imported are named in the card."""
# Between 64-bit and 32-bit floats; of a label that varies by less than 1, of its standard deviation.
TOLERANCE = 1e-4
DECIMALS = 9
"""Of an answer in the card."""


def build(
    name: str, table: Table[Any], content: bytes, hyperparameters: Any, where: str = DATA_FILE
) -> tuple[bytes, Card]:
    rows = parse_csv(table, content, where=where)
    data = split(table, rows)
    fitted = table.estimator(hyperparameters)
    fitted.fit(features(table, data.train), labels(table, data.train))
    exported = _exported(name, table, fitted)
    tolerance = _tolerance(table, rows)
    examples = _examples(table, rows, data)
    _check_agreement(table, fitted, exported, [*rows, *examples.values()], tolerance)
    values = asdict(hyperparameters)
    card = Card(
        name=name,
        framework={package: version(package) for module, package in FRAMEWORK.items() if module in sys.modules},
        seeds=Seeds(split_seed=SPLIT_SEED, seed=values.pop("seed", 0)),
        hyperparameters=values,
        data=Dataset(
            sha256=hashlib.sha256(content).hexdigest(), rows=len(rows), train=len(data.train), test=len(data.test)
        ),
        metrics=measure(table, _answers(table, fitted, data.test), data.test),
        thresholds=table.allowed_metrics(),
        input=input_schema(table),
        output=_schema("Answer", {table.label: table.target.body if not table.is_regression else float}),
        golden=_golden(table, fitted, examples, tolerance),
        licence=table.licence,
    )
    return exported, card


def input_schema(table: Table[Any]) -> Mapping[str, Any]:
    return _schema("Row", {name: column.body for name, column in table.features.items()})


def _schema(name: str, fields: Mapping[str, Any]) -> Mapping[str, Any]:
    """JSON schema of one or a list of them, which score.py makes its types of."""
    kind = msgspec.defstruct(name, list(fields.items()))
    return msgspec.json.schema(kind | list[kind])  # type: ignore[valid-type]


def _tolerance(table: Table[Any], rows: Sequence[Row]) -> float:
    spread = float(np.std(labels(table, rows))) if table.is_regression else 1.0
    return float(f"{TOLERANCE * min(1.0, spread or 1.0):.1g}")


def _predicted(table: Table[Any], fitted: Any, rows: Sequence[Row]) -> list[Any]:
    return [table.target.value(place) for place in _answers(table, fitted, rows).tolist()]


def _answers(table: Table[Any], fitted: Any, rows: Sequence[Row]) -> NDArray[Any]:
    answers: NDArray[Any] = np.asarray(fitted.predict(features(table, rows))).ravel()
    return answers


def _exported(name: str, table: Table[Any], fitted: Any) -> bytes:
    if hasattr(fitted, "to_onnx"):
        exported: bytes = fitted.to_onnx(name)
        return exported
    from models import sklearn_onnx

    return sklearn_onnx.export(fitted, name=name, features=table.width)


def _check_agreement(table: Table[Any], fitted: Any, exported: bytes, rows: Sequence[Row], tolerance: float) -> None:
    """The exported model must answer every row as the estimator does, within what a golden example may differ by."""
    expected = _predicted(table, fitted, rows)
    answers = onnx_session.predict(exported, features(table, rows)).tolist()
    differing = [
        (row, one, other)
        for row, one, other in zip(rows, expected, map(table.target.value, answers), strict=True)
        if difference(one, other, tolerance)
    ]
    if differing:
        row, one, other = differing[0]
        raise ModelError(
            f"ONNX differs from the estimator on {len(differing)} of {len(rows)} rows: {_body(table, row)} is {other}, "
            f"the estimator says {one}"
        )


def _examples(table: Table[Any], rows: Sequence[Row], data: Split) -> dict[str, Row]:
    """Held-out rows, one a class or from the least to the greatest, and both ends of what may be asked."""
    ordered = sorted(data.test, key=lambda row: table.target.place(row[table.label]))
    if table.is_regression:
        kept = {"least": ordered[0], "middle": ordered[len(ordered) // 2], "greatest": ordered[-1]}
    else:
        kept = {f"{table.label}-{table.target.text(row[table.label])}": row for row in reversed(ordered)}
    ends = {
        name: {one: _end(column, [row[one] for row in rows], place) for one, column in table.features.items()}
        for place, name in ((0, "lowest"), (-1, "highest"))
    }
    return {**dict(sorted(kept.items())), **ends}


def _end(column: Any, values: Sequence[Any], place: int) -> Any:
    """The bound of a column, or what its rows reach where it has none."""
    if isinstance(column, Number):
        bound = (column.low, column.high)[place]
        return bound if abs(bound) < LARGEST else sorted(values)[place]
    return column.values[place] if isinstance(column, Choice) else (False, True)[place]


def _golden(table: Table[Any], fitted: Any, examples: Mapping[str, Row], tolerance: float) -> tuple[Golden, ...]:
    """With the answers that the estimator, not the exported model, gives."""
    answers = [
        {table.label: round(answer, DECIMALS) if table.is_regression else answer}
        for answer in _predicted(table, fitted, list(examples.values()))
    ]
    bodies = [_body(table, row) for row in examples.values()]
    singles = [
        Golden(name=name, input=body, output=answer, tolerance=tolerance)
        for name, body, answer in zip(examples, bodies, answers, strict=True)
    ]
    return (
        *singles,
        Golden(name="rows", input=bodies, output=answers, tolerance=tolerance),
        Golden(name="no-rows", input=[], output=[], tolerance=tolerance),
    )


def _body(table: Table[Any], row: Row) -> dict[str, Any]:
    return {name: row[name] for name in table.features}
