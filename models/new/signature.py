"""What a model takes and gives, as ONNX Runtime says it; and how a request of one row becomes its tensors."""

# mypy: disable-error-code="import-untyped"
from __future__ import annotations

import keyword
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from models.new.refused import Refused

_TYPES = {
    "float": "float32",
    "double": "float64",
    "float16": "float16",
    **{name: name for name in ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "bool")},
    "string": "str",
}
# what an entry script calls itself, and what it uses where it names an output
_TAKEN = ("Row", "Scored", "CLASSES", "dict", "each", "key", "np", "str", "zip")
# as skl2onnx names the outputs of a classifier
_USUAL = {"output_label": "label", "output_probability": "probabilities"}
_TENSOR = re.compile(r"tensor\((\w+)\)")
_MAPS = re.compile(r"seq\(map\((int64|string),tensor\((?:float|double)\)\)\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """An input or an output. `maps`: a list of class -> probability, as scikit-learn's ZipMap gives."""

    name: str
    dtype: str
    """numpy's name; `str` of texts."""
    shape: tuple[int | None, ...]
    """None where a length is free."""
    maps: bool = False

    @property
    def row(self) -> tuple[int | None, ...]:
        return self.shape[1:]

    @property
    def is_number_a_row(self) -> bool:
        return self.row in ((), (1,))

    def __str__(self) -> str:
        lengths = ", ".join("any" if length is None else str(length) for length in self.shape)
        return f"{self.name}: {'class -> probability' if self.maps else self.dtype} [{lengths}]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    inputs: tuple[Value, ...]
    outputs: tuple[Value, ...]
    rows: str
    """`many`: the first length is the number of rows; `one`: it is 1; `none`: tensors go and come whole."""
    columns: tuple[str, ...] = ()
    """Names of the columns of the only input, where a request says them one by one."""
    called: tuple[str, ...] = ()
    """What a request calls the inputs, where that is not their names."""
    classes: tuple[str, ...] = ()
    """Names of what an output's last length counts, where they are known."""

    @property
    def asked(self) -> list[tuple[str, Value]]:
        """What a request calls each input, and the input."""
        return list(zip(self.called or [value.name for value in self.inputs], self.inputs, strict=True))


def values_of(given: Sequence[Any], what: str) -> tuple[Value, ...]:
    """`given` is what a session's `get_inputs` or `get_outputs` gives."""
    return tuple(_value(one, what) for one in given)


def _value(given: Any, what: str) -> Value:
    if _MAPS.fullmatch(given.type) and what == "output":
        return Value(name=given.name, dtype="float32", shape=(None,), maps=True)
    match = _TENSOR.fullmatch(given.type)
    if match is None or match[1] not in _TYPES:
        raise Refused(
            f"the {what} {given.name!r} is of type {given.type}; allowed are tensors of {', '.join(_TYPES)}"
            + (", and lists of class -> probability" if what == "output" else "")
        )
    shape = tuple(length if isinstance(length, int) and length >= 0 else None for length in given.shape)
    return Value(name=given.name, dtype=_TYPES[match[1]], shape=shape)


def rows_by_shape(inputs: Sequence[Value]) -> str:
    firsts = {value.shape[0] if value.shape else 0 for value in inputs}
    if firsts == {None}:
        return "many"
    return "one" if firsts == {1} else "none"


def answer_names(outputs: Sequence[Value]) -> list[str]:
    """What the answer's fields are called."""
    return identifiers([_USUAL.get(value.name, value.name) for value in outputs])


def identifiers(names: Sequence[str]) -> list[str]:
    """Names that Python takes, one each, as near as can be."""
    taken = list(_TAKEN)
    for name in names:
        plain = re.sub(r"\W+", "_", name, flags=re.ASCII).strip("_") or "value"
        plain = f"n{plain}" if plain[0].isdigit() else plain
        plain = f"{plain}_" if keyword.iskeyword(plain) else plain
        count, unique = 2, plain
        while unique in taken:
            unique, count = f"{plain}_{count}", count + 1
        taken.append(unique)
    return taken[len(_TAKEN) :]
