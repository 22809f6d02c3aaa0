"""A model's tensors as the bodies that travel, without its entry script: what that is held to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.new.samples import DECIMALS
from models.new.signature import Signature, Value, answer_names


def requests(signature: Signature, arrays: Mapping[str, NDArray[Any]]) -> list[Any]:
    """One a row; one in all where tensors go whole."""
    if signature.rows == "none":
        return [{name: _told(arrays[value.name]).tolist() for name, value in signature.asked}]
    count = len(next(iter(arrays.values())))
    if signature.columns:
        (array,) = arrays.values()
        return [dict(zip(signature.columns, row, strict=True)) for row in _told(array).tolist()]
    return [
        {name: _one(value, _told(arrays[value.name][index])) for name, value in signature.asked}
        for index in range(count)
    ]


def _told(array: NDArray[Any]) -> NDArray[Any]:
    """Drawn numbers as a person writes them: 0.274, not the 32-bit float next to it, which is read from it again."""
    return array.astype(np.float64).round(DECIMALS) if array.dtype.kind == "f" else array


def answers(signature: Signature, outputs: Sequence[Any]) -> list[Any]:
    names = answer_names(signature.outputs)
    if signature.rows == "none":
        return [{name: _plain(output) for name, output in zip(names, outputs, strict=True)}]
    columns = [_rows(signature, value, output) for value, output in zip(signature.outputs, outputs, strict=True)]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _rows(signature: Signature, value: Value, output: Any) -> list[Any]:
    if value.maps:
        return [{str(name): float(one) for name, one in row.items()} for row in output]
    if is_of_classes(signature, value):
        return [dict(zip(signature.classes, row, strict=True)) for row in output.tolist()]
    return [_one(value, row) for row in output]


def is_of_classes(signature: Signature, value: Value) -> bool:
    return bool(signature.classes) and value.dtype.startswith("float") and value.row == (len(signature.classes),)


def _one(value: Value, row: Any) -> Any:
    array = np.asarray(row)
    return array.reshape(-1).tolist()[0] if value.is_number_a_row else array.tolist()


def _plain(output: Any) -> Any:
    return [{str(k): v for k, v in row.items()} for row in output] if isinstance(output, list) else output.tolist()
