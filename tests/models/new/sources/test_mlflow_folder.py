"""Of an MLflow folder the flavor says the file, and the signature the columns; MLflow is not needed."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import pytest
import yaml

from models.new.refused import Refused
from models.new.sources.mlflow_folder import model_of
from tests.models.new import graphs

SIGNATURE = {"inputs": json.dumps([{"type": "double", "name": "age"}, {"type": "double", "name": "income"}])}
PYFUNC = {"loader_module": "mlflow.sklearn"}


def folder(path: Path, flavors: dict[str, Any], **others: Any) -> Path:
    (path / "MLmodel").write_text(yaml.safe_dump({"flavors": flavors, **others}))
    return path


def test_onnx_and_pickles_are_found_with_their_columns(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(graphs.linear().SerializeToString())
    (tmp_path / "model.pkl").write_bytes(pickle.dumps([1]))

    given = folder(tmp_path, {"onnx": {"data": "model.onnx"}, "python_function": PYFUNC}, signature=SIGNATURE)
    assert model_of(given) == (tmp_path / "model.onnx", ("age", "income"))
    given = folder(tmp_path, {"sklearn": {"pickled_model": "model.pkl", "serialization_format": "cloudpickle"}})
    assert model_of(given) == (tmp_path / "model.pkl", ())


def test_a_keras_model_is_found_where_mlflow_puts_it(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "model.h5").write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(8))
    given = folder(tmp_path, {"tensorflow": {"data": "data", "model_type": "keras"}, "python_function": PYFUNC})
    assert model_of(given)[0] == tmp_path / "data" / "model.h5"


@pytest.mark.parametrize(
    ("flavors", "reason"),
    [
        ({}, "names no flavors"),
        ({"python_function": PYFUNC}, r"python_function only: code, no graph.*log_model"),
        ({"pytorch": {}, "python_function": PYFUNC}, r"saved by PyTorch.*torch\.onnx\.export"),
        ({"xgboost": {}, "python_function": PYFUNC}, "model of XGBoost"),
        ({"prophet": {}, "python_function": PYFUNC}, "has the flavors prophet; allowed are onnx, sklearn"),
        ({"onnx": {"data": "gone.onnx"}}, "the file of onnx is 'gone.onnx', which is not there"),
        ({"onnx": {"data": "../../etc/passwd"}}, "a file in the folder is wanted"),
        ({"onnx": {}}, "the file of onnx is None; a file in the folder is wanted"),
        ({"sklearn": {"pickled_model": "m", "serialization_format": "skops"}}, "'skops'; allowed are pickle and"),
    ],
)
def test_other_flavors_and_files_elsewhere_are_refused(tmp_path: Path, flavors: dict[str, Any], reason: str) -> None:
    with pytest.raises(Refused, match=f"(?s){reason}"):
        model_of(folder(tmp_path, flavors))


@pytest.mark.parametrize(("text", "reason"), [("{", "cannot be read"), ("[1]", "is no tree")])
def test_an_mlmodel_that_is_no_tree_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "MLmodel").write_text(text)
    with pytest.raises(Refused, match=reason):
        model_of(tmp_path)
