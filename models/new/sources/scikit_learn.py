"""A scikit-learn model from joblib or pickle: opening it runs whatever code it holds, so only where it is trusted.

Run in a process of its own, with a deadline and limits. What comes out is ONNX; the server never sees the pickle.
"""

# mypy: disable-error-code="import-untyped"
from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import onnx
import onnxruntime
import sklearn
from numpy.typing import NDArray
from skl2onnx import __version__ as skl2onnx_version
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import FloatTensorType, StringTensorType
from sklearn.base import BaseEstimator
from sklearn.compose import ColumnTransformer
from sklearn.exceptions import InconsistentVersionWarning
from sklearn.pipeline import Pipeline

from models.new import samples
from models.new.refused import Refused
from models.new.signature import identifiers, values_of

OPSET = {"": 17, "ai.onnx.ml": 3}
ROWS = 64
MOST_DIFFERENCE = 1e-3
"""Relative or absolute, of an answer in 64 bits and one in 32."""


@dataclass(kw_only=True)
class Converted:
    content: bytes
    columns: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    framework: dict[str, str]
    notes: list[str] = field(default_factory=list)


def convert(file: Path, columns: tuple[str, ...] = ()) -> Converted:
    """Raises Refused."""
    model, notes = _opened(file)
    columns = columns or _column_names(model)
    types = _types(file, model, columns, _width(file, model, columns))
    classes = np.asarray(getattr(model, "classes_", ()))
    options = {id(model): {"zipmap": False}} if classes.size and hasattr(model, "predict_proba") else {}
    exported = _converted(file, model, types, options)
    notes.append(_compared(file, model, exported, types))
    return Converted(
        content=exported,
        columns=columns,
        classes=tuple(map(str, classes)) if options and classes.ndim == 1 else (),
        framework={"scikit-learn": sklearn.__version__, "skl2onnx": skl2onnx_version},
        notes=notes,
    )


def _opened(file: Path) -> tuple[Any, list[str]]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            model = joblib.load(file)
        except ModuleNotFoundError as error:
            raise Refused(_lacking(file, error)) from None
        except Exception as error:
            raise Refused(
                f"{file} cannot be opened as joblib or pickle: {type(error).__name__}: {_short(error)}"
            ) from None
    if not isinstance(model, BaseEstimator) or not hasattr(model, "predict"):
        raise Refused(f"{file} holds a {type(model).__module__}.{type(model).__qualname__}; a scikit-learn model that "
                      "predicts (a classifier, a regressor, a Pipeline that ends in one) is wanted")  # fmt: skip
    versions = sorted({one.message.original_sklearn_version for one in caught
                       if isinstance(one.message, InconsistentVersionWarning)})  # fmt: skip
    if versions:
        return model, [f"it was saved by scikit-learn {', '.join(versions)} and opened by {sklearn.__version__}: "
                       "compare its answers, or save it again with this version"]  # fmt: skip
    return model, []


def _lacking(file: Path, error: ModuleNotFoundError) -> str:
    package = (error.name or "").partition(".")[0]
    if package in ("xgboost", "lightgbm", "catboost"):
        from models.new.sources.advice import ADVICE

        return f"{file} is {ADVICE[package]}"
    if package == "torch":
        from models.new.sources.advice import ADVICE

        return f"{file} is {ADVICE['torch']}"
    return (
        f"{file} needs the module {error.name!r}, which is not here: a model of its own classes cannot be "
        "converted. Export it to ONNX where it was made (skl2onnx.to_onnx, with a converter of yours), and give that"
    )


def _column_names(model: Any) -> tuple[str, ...]:
    return tuple(map(str, getattr(model, "feature_names_in_", ())))


def _width(file: Path, model: Any, columns: tuple[str, ...]) -> int:
    width = getattr(model, "n_features_in_", len(columns))
    if columns and len(columns) != width:
        raise Refused(f"{file} takes rows of {width}, and --columns names {len(columns)}: {', '.join(columns)}")
    if not width:
        raise Refused(f"{file} holds a {type(model).__name__} that does not say how many features it takes "
                      "(n_features_in_): is it fitted? Name them by --columns a,b,c")  # fmt: skip
    return int(width)


def _types(file: Path, model: Any, columns: tuple[str, ...], width: int) -> list[tuple[str, Any]]:
    """One input of all columns; or one a column, where they go different ways."""
    mixer = next(_mixers(model), None)
    if mixer is None:
        return [("features", FloatTensorType([None, width]))]
    if not columns:
        raise Refused(f"{file} sends columns different ways (ColumnTransformer) and was fitted without their names: "
                      "fit it on a pandas DataFrame, or name them by --columns a,b,c")  # fmt: skip
    texts = _text_columns(mixer, columns)
    kinds = [StringTensorType if name in texts else FloatTensorType for name in columns]
    return [(name, kind([None, 1])) for name, kind in zip(identifiers(columns), kinds, strict=True)]


def _mixers(model: Any) -> Iterator[ColumnTransformer]:
    if isinstance(model, ColumnTransformer):
        yield model
    for _, step in model.steps if isinstance(model, Pipeline) else ():
        yield from _mixers(step)


def _text_columns(mixer: ColumnTransformer, columns: tuple[str, ...]) -> set[str]:
    """Those whose encoder has learned texts."""
    found = set()
    for _, transformer, chosen in mixer.transformers_:
        last = transformer.steps[-1][1] if isinstance(transformer, Pipeline) else transformer
        learned = getattr(last, "categories_", ())
        for place, one in enumerate(list(chosen) if len(learned) else []):
            if np.asarray(learned[place]).dtype.kind in "OUS":
                found.add(columns[one] if isinstance(one, int | np.integer) else str(one))
    return found


def _converted(file: Path, model: Any, types: list[tuple[str, Any]], options: dict[int, Any]) -> bytes:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            made = convert_sklearn(model, "model", types, target_opset=OPSET, options=options or None)
    except Exception as error:
        # its classes share no base but Exception
        raise Refused(_unsupported(file, model, error)) from None
    made.producer_name = made.producer_version = made.doc_string = ""
    return bytes(made.SerializeToString(deterministic=True))


def _unsupported(file: Path, model: Any, error: Exception) -> str:
    named = re.search(r"for type '<class '([\w.]+)'>'|alias '?(\w+)'?|class '([\w.]+)'", str(error))
    which = next((one for one in named.groups() if one), "") if named else ""
    return (
        f"{file}: skl2onnx {skl2onnx_version} has no ONNX form of {which or type(model).__name__}: {_short(error)}."
        " Train with an estimator that it lists (https://onnx.ai/sklearn-onnx/supported.html), or write its own "
        "code as the score.py of a folder of its own (docs/add-a-model.md)"
    )


def _compared(file: Path, model: Any, exported: bytes, types: list[tuple[str, Any]]) -> str:
    """Raises Refused where ONNX answers otherwise than scikit-learn."""
    session = onnxruntime.InferenceSession(exported, providers=["CPUExecutionProvider"])
    inputs = values_of(session.get_inputs(), "input")
    drawn = samples.arrays(onnx.load_from_string(exported), inputs, ROWS)
    got = session.run(None, drawn)
    given = _given(model, drawn, [name for name, _ in types])
    if given is None:
        return "ONNX was not compared with scikit-learn, as its columns have names and pandas is not here"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that names are not given again
            wanted = [model.predict(given), *([model.predict_proba(given)] if len(got) > 1 else [])]
    except Exception as error:
        # whatever a pipeline's own steps raise at rows that are drawn
        return f"ONNX was not compared with scikit-learn, as drawn rows do not fit it: {_short(error)}"
    if np.asarray(wanted[0]).dtype.kind in "OUSib":
        same = np.mean(np.asarray(got[0]).ravel() == np.asarray(wanted[0]).ravel())
        if same < 0.95:
            raise Refused(
                f"{file}: of {ROWS} drawn rows ONNX gives {1 - same:.0%} another label than scikit-learn does"
            )
        got, wanted = got[1:], wanted[1:]
        told = f"of {ROWS} drawn rows {round(same * ROWS)} have scikit-learn's label"
    else:
        told = f"over {ROWS} drawn rows"
    worst = max((_difference(one, two) for one, two in zip(got, wanted, strict=True)), default=0.0)
    if not worst <= MOST_DIFFERENCE:
        raise Refused(
            f"{file}: ONNX differs from scikit-learn by {worst:.3g} over drawn rows, allowed is {MOST_DIFFERENCE}"
        )
    return f"{told}, and numbers differ by {worst:.2g} at the most"


def _given(model: Any, drawn: dict[str, NDArray[Any]], names: list[str]) -> Any:
    """As scikit-learn takes it; None where that is a DataFrame and pandas is not here."""
    if len(names) == 1:
        return drawn[names[0]].astype(np.float64)
    columns = {name: drawn[name].ravel() for name in names}
    if not _column_names(model):
        return np.array(list(zip(*columns.values(), strict=True)), dtype=object)
    try:
        from pandas import DataFrame
    except ModuleNotFoundError:
        return None
    return DataFrame(columns)


def _difference(got: Any, wanted: Any) -> float:
    one, two = np.asarray(got, np.float64), np.asarray(wanted, np.float64).reshape(np.shape(got))
    return float(np.max(np.abs(one - two) / np.maximum(1, np.abs(two))))


def _short(error: BaseException) -> str:
    return " ".join(str(error).split())[:200]
