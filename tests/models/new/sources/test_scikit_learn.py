"""A scikit-learn model becomes an ONNX that answers as it does; what cannot, says what to do."""

# mypy: disable-error-code="import-untyped"
from __future__ import annotations

import pickle
import warnings
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import onnxruntime
import pytest
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_iris
from sklearn.ensemble import GradientBoostingRegressor, RandomForestClassifier
from sklearn.kernel_ridge import KernelRidge
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier

from models.new.refused import Refused
from models.new.sources.scikit_learn import convert

X, Y = load_iris(return_X_y=True)


def saved(folder: Path, model: Any) -> Path:
    joblib.dump(model, folder / "model.joblib")
    return folder / "model.joblib"


def answers(content: bytes, x: Any) -> list[Any]:
    session = onnxruntime.InferenceSession(content)
    return list(session.run(None, {session.get_inputs()[0].name: x.astype(np.float32)}))


def test_a_classifier_gives_scikit_learns_labels_and_probabilities(tmp_path: Path) -> None:
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, Y)

    made = convert(saved(tmp_path, model), ("a", "b", "c", "d"))

    label, probabilities = answers(made.content, X)
    assert label.tolist() == model.predict(X).tolist()
    assert np.abs(probabilities - model.predict_proba(X)).max() < 1e-6
    assert (made.columns, made.classes) == (("a", "b", "c", "d"), ("0", "1", "2"))
    assert made.notes[-1].startswith("of 64 drawn rows 64 have scikit-learn's label, and numbers differ by ")


def test_a_regressor_gives_scikit_learns_numbers(tmp_path: Path) -> None:
    model = GradientBoostingRegressor(n_estimators=10, random_state=0).fit(X[:, :3], X[:, 3])
    (numbers,) = answers(convert(saved(tmp_path, model)).content, X[:, :3])
    assert np.abs(numbers.ravel() - model.predict(X[:, :3].astype(np.float32))).max() < 1e-5


def test_the_same_file_gives_the_same_bytes(tmp_path: Path) -> None:
    file = saved(tmp_path, RandomForestClassifier(3, random_state=0).fit(X, Y))
    assert convert(file).content == convert(file).content


def test_columns_that_go_different_ways_are_inputs_of_their_own(tmp_path: Path) -> None:
    rows = np.array([[1.5, "Ghent"], [2.5, "Bruges"], [3.0, "Ghent"], [0.5, "Bruges"]], dtype=object)
    model = make_pipeline(
        make_column_transformer((OneHotEncoder(), [1]), remainder="passthrough"), DecisionTreeClassifier(random_state=0)
    ).fit(rows, ["low", "high", "high", "low"])

    made = convert(saved(tmp_path, model), ("the area", "town"))

    session = onnxruntime.InferenceSession(made.content)
    assert [(one.name, one.type) for one in session.get_inputs()] == [
        ("the_area", "tensor(float)"),
        ("town", "tensor(string)"),
    ]
    feeds = {"the_area": rows[:, :1].astype(np.float32), "town": rows[:, 1:]}
    assert session.run(None, feeds)[0].tolist() == ["low", "high", "high", "low"]
    with pytest.raises(Refused, match=r"was fitted without their names: .* name them by --columns"):
        convert(tmp_path / "model.joblib")


@pytest.mark.parametrize(
    ("model", "columns", "reason"),
    [
        (
            KernelRidge().fit(X[:, :3], X[:, 3]),
            (),
            r"has no ONNX form of sklearn.kernel_ridge.KernelRidge.*supported.html",
        ),
        (LinearRegression(), (), "holds a LinearRegression that does not say how many features .* is it fitted"),
        (LinearRegression().fit(X, Y), ("a", "b"), "takes rows of 4, and --columns names 2: a, b"),
        ({"weights": 1}, (), "holds a builtins.dict; a scikit-learn model that predicts"),
        (StandardScaler().fit(X), (), "holds a sklearn.preprocessing._data.StandardScaler; a scikit-learn model that"),
    ],
    ids=["no-form", "not-fitted", "columns", "no-model", "predicts-nothing"],
)
def test_what_cannot_be_converted_says_why(tmp_path: Path, model: Any, columns: tuple[str, ...], reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        convert(saved(tmp_path, model), columns)


class Renamed:
    """Pickles as an instance of a class of another module."""

    def __init__(self, module: str) -> None:
        self.module = module

    def bytes(self) -> bytes:
        return f"c{self.module}\nModel\n.".encode()


@pytest.mark.parametrize(
    ("module", "reason"),
    [
        ("xgboost.sklearn", "is a model of XGBoost.*convert_xgboost"),
        ("torch.nn", r"saved by PyTorch.*torch\.onnx\.export"),
        ("acme.models", r"needs the module 'acme', which is not here.*skl2onnx\.to_onnx"),
    ],
)
def test_a_pickle_of_another_framework_says_its_export(tmp_path: Path, module: str, reason: str) -> None:
    (tmp_path / "model.pkl").write_bytes(Renamed(module).bytes())
    with pytest.raises(Refused, match=f"(?s){reason}"):
        convert(tmp_path / "model.pkl")


def test_a_broken_pickle_is_refused(tmp_path: Path) -> None:
    (tmp_path / "model.pkl").write_bytes(pickle.dumps(LinearRegression().fit(X, Y))[:-20])
    with pytest.raises(Refused, match="cannot be opened as joblib or pickle"):
        convert(tmp_path / "model.pkl")


def test_another_version_of_scikit_learn_is_told(tmp_path: Path) -> None:
    model = LinearRegression().fit(X, Y)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        content = pickle.dumps(model)
    import sklearn

    version = sklearn.__version__.encode()
    other = b"0.9.9".ljust(len(version), b"0")[: len(version)]
    (tmp_path / "model.pkl").write_bytes(content.replace(version, other))
    assert (
        f"it was saved by scikit-learn {other.decode()} and opened by {version.decode()}"
        in convert(tmp_path / "model.pkl").notes[0]
    )
